//! This machine in place of a host: `host = "local"`.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot do its work fails the test"
)]

use std::fs;
use std::time::{Duration, Instant};

use cosmos_core::progress::{Cancel, Silent};
use cosmos_remote::transfer::{download, upload};
use cosmos_remote::{Command, Connection, ExitStatus, Login, RemoteError, RemoteSettings, Target};

fn local() -> Connection {
    let settings = RemoteSettings {
        host: "local".to_owned(),
        ..RemoteSettings::default()
    };
    let target = Target::of_settings(&settings, None).unwrap();
    Connection::open(&target, &Login::new(None, |_| None), &Cancel::new()).unwrap()
}

#[test]
fn commands_run_here_with_their_input_and_output() {
    let local = local();
    let cancel = Cancel::new();
    let command = Command::script(r#"cat; printf '%s' "$1" >&2; exit 3"#).arg("it's \"here\"");
    let input = vec![b'x'; 3 << 20];
    let output = local.run_cancellable(&command, &input, &cancel).unwrap();
    assert_eq!(output.status, ExitStatus::Code(3));
    assert_eq!(output.stdout, input);
    assert_eq!(output.stderr_text(), "it's \"here\"");

    let mut lines = Vec::new();
    let command = Command::script("echo one; echo two >&2; exit 5");
    let status = local
        .stream(
            &command,
            &mut |line| lines.push(line.text.to_owned()),
            &cancel,
        )
        .unwrap();
    assert_eq!(status, ExitStatus::Code(5));
    lines.sort();
    assert_eq!(lines, ["one", "two"]);
}

#[test]
fn a_command_that_takes_too_long_or_is_cancelled_ends() {
    let local = local();
    let folder = tempfile::tempdir().unwrap();
    let marker = folder.path().join("ended");
    let command = Command::script(r#"trap 'touch "$1"; exit' TERM; echo begun; sleep 60 & wait"#)
        .arg(marker.to_str().unwrap());
    let start = Instant::now();
    let (output, has_ended) = local
        .run_within(&command, Duration::from_millis(300), &Cancel::new())
        .unwrap();
    assert!(!has_ended);
    assert_eq!(output.stdout_text(), "begun");
    let cancel = Cancel::new();
    cancel.cancel();
    let error = local.run_cancellable(&command, &[], &cancel).unwrap_err();
    assert!(matches!(error, RemoteError::Cancelled), "{error}");
    assert!(start.elapsed() < Duration::from_secs(30));
    while !marker.exists() {
        assert!(start.elapsed() < Duration::from_secs(30), "it goes on");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn files_go_to_and_fro_whole_and_only_once() {
    let folder = tempfile::tempdir().unwrap();
    let [from, to, back] = ["from", "to", "back"].map(|name| folder.path().join(name));
    fs::create_dir_all(from.join("deep")).unwrap();
    fs::write(from.join("deep/small 'one'.txt"), "small").unwrap();
    let large: Vec<u8> = (0..40_u32 << 20).map(|i| (i / 4099) as u8).collect();
    fs::write(from.join("large.bin"), &large).unwrap();
    let (local, cancel) = (local(), Cancel::new());
    let remote = to.to_str().unwrap();
    let sent = upload(&local, &from, remote, &Silent, &cancel).unwrap();
    assert_eq!((sent.files, sent.skipped), (2, 0));
    let again = upload(&local, &from, remote, &Silent, &cancel).unwrap();
    assert_eq!((again.files, again.skipped), (0, 2));
    let received = download(&local, remote, &back, &Silent, &cancel).unwrap();
    assert_eq!(received.files, 2);
    assert!(fs::read(back.join("large.bin")).unwrap() == large);
    assert_eq!(
        fs::read(back.join("deep/small 'one'.txt")).unwrap(),
        b"small"
    );
}
