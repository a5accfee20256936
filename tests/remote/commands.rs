//! Commands: their arguments, output, end and interruption.

use std::thread;
use std::time::{Duration, Instant};

use cosmos_workflow::config::Config;
use cosmos_workflow::progress::Cancel;
use cosmos_workflow::remote::{
    Command, Connection, ExitStatus, Login, RemoteError, Stream, Target,
};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::sshd::Sshd;
use delay_proxy::Relay;

/// A target for the server as it is reached on `port`.
pub fn target(sshd: &Sshd, port: u16) -> Target {
    let mut config = Config::default();
    config.remote.host = "127.0.0.1".into();
    config.remote.port = port;
    config.remote.user = crate::sshd::user();
    config.remote.ssh_key = sshd.key();
    Target::of_settings(&config.remote, Some(&sshd.home())).unwrap()
}

pub fn nobody() -> Login {
    Login::new(None, |_| None)
}

pub fn open(sshd: &Sshd) -> Connection {
    Connection::open(&target(sshd, sshd.port()), &nobody(), &Cancel::new()).unwrap()
}

#[test]
fn arguments_arrive_as_they_are() {
    let sshd = Sshd::start();
    let connection = open(&sshd);
    let words = [
        "", " ", "a b", "it's", "\"", "$HOME", "$(id)", "`id`", "*", "~", "-rf", "--", "a\nb",
        "\\", "\t", "é", ";", "&", "|", ">", "#", "!", "{a,b}", "x=y", "\u{1}",
    ];
    let output = connection
        .run(&Command::new("printf").arg("%s\\0").args(words))
        .unwrap();
    let arrived: Vec<&str> = std::str::from_utf8(&output.stdout)
        .unwrap()
        .split_terminator('\0')
        .collect();
    assert_eq!(arrived, words);

    let command = Command::new("sh")
        .args(["-c", "printf %s \"$X\"; pwd"])
        .env("X", "it's $1;");
    let output = connection
        .run(
            &Command::new("echo")
                .arg("a")
                .and(command.current_dir("/usr")),
        )
        .unwrap();
    assert_eq!(output.stdout_text(), "a\nit's $1;/usr");

    let piped = Command::new("echo")
        .arg("a b")
        .pipe(Command::new("tr").args(["a", "x"]));
    assert_eq!(connection.run(&piped).unwrap().stdout_text(), "x b");

    let error = connection
        .run(&Command::new("echo").arg("a\0b"))
        .unwrap_err();
    assert!(error.to_string().contains("zero byte"), "{error}");
}

#[test]
fn output_and_end_of_a_command_come_back() {
    let sshd = Sshd::start();
    let connection = open(&sshd);
    let output = connection
        .run(&Command::script("echo out; echo err >&2; exit 3"))
        .unwrap();
    assert_eq!(output.status, ExitStatus::Code(3));
    assert_eq!(
        (output.stdout_text(), output.stderr_text()),
        ("out".into(), "err".into())
    );

    let output = connection.run(&Command::script("kill -9 $$")).unwrap();
    assert_eq!(output.status, ExitStatus::Signal("KILL".into()));

    let output = connection.run(&Command::new("no-such-program")).unwrap();
    assert_eq!(output.status, ExitStatus::Code(127));

    let many = Command::new("head").args(["-c", "5000000", "/dev/zero"]);
    assert_eq!(connection.run(&many).unwrap().stdout.len(), 5_000_000);
    let error = connection
        .run(&Command::new("head").args(["-c", "20000000", "/dev/zero"]))
        .unwrap_err();
    assert!(
        matches!(error, RemoteError::TooMuchOutput { .. }),
        "{error}"
    );
}

#[test]
fn lines_come_one_by_one_and_a_cancel_ends_the_wait() {
    let sshd = Sshd::start();
    let connection = open(&sshd);
    let mut lines = Vec::new();
    let status = connection
        .stream(
            &Command::script("printf 'one\\r\\n10%%\\r20%%\\n\\nlast'; echo err >&2; exit 1"),
            &mut |line| lines.push((line.stream, line.text.to_owned())),
            &Cancel::new(),
        )
        .unwrap();
    assert_eq!(status, ExitStatus::Code(1));
    lines.sort_by_key(|(stream, _)| *stream == Stream::Stderr);
    let text: Vec<&str> = lines.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(text, ["one", "10%", "20%", "last", "err"]);

    let cancel = Cancel::new();
    let start = Instant::now();
    let error = connection
        .stream(
            &Command::script("echo started; sleep 60"),
            &mut |_| cancel.cancel(),
            &cancel,
        )
        .unwrap_err();
    assert!(matches!(error, RemoteError::Cancelled), "{error}");
    assert!(start.elapsed() < Duration::from_secs(30));
    assert_eq!(
        connection
            .run(&Command::new("echo").arg("alive"))
            .unwrap()
            .stdout_text(),
        "alive"
    );
}

#[test]
fn small_files_are_written_whole() {
    let sshd = Sshd::start();
    let connection = open(&sshd);
    let path = sshd.path("new folder/it's a $file");
    let path = path.to_str().unwrap();
    assert_eq!(connection.read_file(path).unwrap(), None);
    let bytes: Vec<u8> = (0..200_000).map(|i| (i % 251) as u8).collect();
    connection.write_file(path, &bytes).unwrap();
    connection.write_file(path, &bytes).unwrap();
    assert_eq!(connection.read_file(path).unwrap().unwrap(), bytes);
    assert_eq!(
        std::fs::read_dir(sshd.path("new folder")).unwrap().count(),
        1
    );

    let error = connection.write_file("/proc/no/such", b"x").unwrap_err();
    assert!(error.to_string().contains("/proc/no/such"), "{error}");
}

/// Leaves one processor to this thread and all that it starts: what a host answers then often lies ready before we
/// look for it.
fn stay_on_one_processor() {
    let allowed = sched_getaffinity(None).unwrap();
    let mut one = CpuSet::new();
    one.set(
        (0..CpuSet::MAX_CPU)
            .find(|&cpu| allowed.is_set(cpu))
            .unwrap(),
    );
    sched_setaffinity(None, &one).unwrap();
}

#[test]
fn a_quiet_connection_is_kept_and_a_dead_one_noticed() {
    stay_on_one_processor();
    let sshd = Sshd::start();
    let relay = Relay::start(sshd.port(), Duration::ZERO).unwrap();
    sshd.trust(relay.port());
    let mut target = target(&sshd, relay.port());
    target.keep_alive = Duration::from_secs(3);
    let connection = Connection::open(&target, &nobody(), &Cancel::new()).unwrap();
    let quiet = connection.run(&Command::new("sleep").arg("12")).unwrap();
    assert!(quiet.status.success());
    relay.stall(true);
    let error = connection.run(&Command::new("true")).unwrap_err();
    assert!(error.is_lost(), "{error}");
    assert!(error.to_string().contains("said nothing"), "{error}");
}

#[test]
fn a_cut_connection_is_lost_and_a_new_one_works() {
    let sshd = Sshd::start();
    let relay = Relay::start(sshd.port(), Duration::ZERO).unwrap();
    sshd.trust(relay.port());
    let target = target(&sshd, relay.port());
    let connection = Connection::open(&target, &nobody(), &Cancel::new()).unwrap();
    let error = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(300));
            relay.cut();
        });
        connection
            .run(&Command::new("sleep").arg("60"))
            .unwrap_err()
    });
    assert!(error.is_lost(), "{error}");
    assert!(connection.run(&Command::new("true")).unwrap_err().is_lost());
    let connection = Connection::open(&target, &nobody(), &Cancel::new()).unwrap();
    assert!(
        connection
            .run(&Command::new("true"))
            .unwrap()
            .status
            .success()
    );
}
