//! Whom a connection trusts, and who is let in.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use cosmos_workflow::config::Config;
use cosmos_workflow::progress::{Cancel, Silent};
use cosmos_workflow::remote::HostKeyPolicy;
use cosmos_workflow::remote::transfer::upload;
use cosmos_workflow::remote::{Connection, Login, RemoteError, Target};

use crate::commands::{nobody, target};
use crate::sshd::{Sshd, free_port, make_key, user};

fn try_open(target: &Target) -> Result<Connection, RemoteError> {
    Connection::open(target, &nobody(), &Cancel::new())
}

/// The fingerprint of a public key file, as OpenSSH has it.
fn fingerprint(public_key: &Path) -> String {
    let output = Command::new("ssh-keygen")
        .arg("-lf")
        .arg(public_key)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_whitespace().nth(1).unwrap().to_owned()
}

fn says(error: &RemoteError, words: &[&str]) {
    for word in words {
        assert!(
            error.to_string().contains(word),
            "{word:?} is not in: {error}"
        );
    }
}

#[test]
fn an_unknown_host_is_refused_or_remembered() {
    let sshd = Sshd::start();
    let known_hosts = sshd.home().join(".ssh/known_hosts");
    fs::write(&known_hosts, "other ssh-ed25519 AAAA").unwrap();
    let mut target = target(&sshd, sshd.port());
    let error = try_open(&target).unwrap_err();
    assert!(matches!(error, RemoteError::UnknownHost { .. }), "{error}");
    let host = format!("[127.0.0.1]:{}", sshd.port());
    says(&error, &[&host, "SHA256:"]);
    assert!(error.hint().unwrap().contains("accept-new"));
    assert_eq!(
        fs::read_to_string(&known_hosts).unwrap(),
        "other ssh-ed25519 AAAA"
    );

    target.host_key_policy = HostKeyPolicy::AcceptNew;
    try_open(&target).unwrap();
    let stored = fs::read_to_string(&known_hosts).unwrap();
    assert!(
        stored.starts_with(&format!("other ssh-ed25519 AAAA\n{host} ")),
        "{stored}"
    );
    target.host_key_policy = HostKeyPolicy::Strict;
    try_open(&target).unwrap();
    assert_eq!(fs::read_to_string(&known_hosts).unwrap(), stored);

    // OpenSSH reads it too.
    let found = Command::new("ssh-keygen")
        .arg("-F")
        .arg(&host)
        .arg("-f")
        .arg(&known_hosts)
        .output()
        .unwrap();
    assert!(found.status.success());
}

#[test]
fn a_new_host_is_remembered_where_no_folder_was() {
    let sshd = Sshd::start();
    let mut target = target(&sshd, sshd.port());
    let file = sshd.path("fresh/.ssh/known_hosts");
    target.known_hosts = vec![file.clone()];
    target.host_key_policy = HostKeyPolicy::AcceptNew;
    try_open(&target).unwrap();
    assert_eq!(fs::read_to_string(file).unwrap().lines().count(), 1);
}

#[test]
fn a_changed_key_is_refused_with_both_fingerprints_whatever_the_policy() {
    let sshd = Sshd::start();
    let known_hosts = sshd.home().join(".ssh/known_hosts");
    make_key(&sshd.path("old"), "ed25519", "");
    let old = fs::read_to_string(sshd.path("old.pub")).unwrap();
    let line = format!("# mine\n[127.0.0.1]:{} {old}", sshd.port());
    fs::write(&known_hosts, &line).unwrap();
    let mut target = target(&sshd, sshd.port());
    for policy in [HostKeyPolicy::Strict, HostKeyPolicy::AcceptNew] {
        target.host_key_policy = policy;
        let error = try_open(&target).unwrap_err();
        assert!(
            matches!(error, RemoteError::HostKeyChanged { .. }),
            "{error}"
        );
        says(
            &error,
            &[
                &fingerprint(&sshd.path("old.pub")),
                &fingerprint(&sshd.path("host_ed25519.pub")),
                "known_hosts:2",
            ],
        );
        assert!(error.hint().unwrap().contains("ssh-keygen"));
    }
    assert_eq!(fs::read_to_string(&known_hosts).unwrap(), line);
}

#[test]
fn known_hosts_count_in_every_form() {
    let sshd = Sshd::start();
    let known_hosts = sshd.home().join(".ssh/known_hosts");
    let target = target(&sshd, sshd.port());
    let port = sshd.port();
    let (ed25519, rsa) = (sshd.host_key("ed25519"), sshd.host_key("rsa"));
    make_key(&sshd.path("other"), "ed25519", "");
    let other = fs::read_to_string(sshd.path("other.pub")).unwrap();
    for (lines, trusted) in [
        (format!("[127.0.0.1]:{port} {ed25519}"), true),
        (format!("gpu,[127.0.0.1]:{port},x {ed25519} comment"), true),
        // Only its other key is known, so that one has to be shown.
        (format!("[127.0.0.1]:{port} {rsa}"), true),
        (
            format!("[127.0.0.1]:{port} {other}[127.0.0.1]:{port} {ed25519}"),
            true,
        ),
        (format!("[127.0.0.*]:* {ed25519}"), true),
        (format!("127.0.0.1 {ed25519}"), true),
        (format!("!*127*,* {ed25519}"), false),
        (format!("# [127.0.0.1]:{port} {ed25519}"), false),
        (format!("[127.0.0.1]:{} {ed25519}", port - 1), false),
        (
            format!("@cert-authority [127.0.0.1]:{port} {ed25519}"),
            false,
        ),
        (
            "nonsense\n\n|1|x|y ssh-rsa AAAA\n* ssh-rsa\n".to_owned(),
            false,
        ),
    ] {
        fs::write(&known_hosts, &lines).unwrap();
        let result = try_open(&target);
        let unknown = matches!(result, Err(RemoteError::UnknownHost { .. }));
        assert_eq!(
            (result.is_ok(), unknown),
            (trusted, !trusted),
            "{lines}: {result:?}"
        );
    }

    fs::write(&known_hosts, format!("[127.0.0.1]:{port} {ed25519}\n")).unwrap();
    let hashed = Command::new("ssh-keygen")
        .arg("-q")
        .arg("-H")
        .arg("-f")
        .arg(&known_hosts)
        .status()
        .unwrap();
    assert!(hashed.success());
    assert!(fs::read_to_string(&known_hosts).unwrap().starts_with("|1|"));
    try_open(&target).unwrap();

    fs::write(
        &known_hosts,
        format!("[127.0.0.1]:{port} {ed25519}\n@revoked * {ed25519}\n"),
    )
    .unwrap();
    let error = try_open(&target).unwrap_err();
    assert!(
        matches!(error, RemoteError::HostKeyRevoked { line: 2, .. }),
        "{error}"
    );
    says(&error, &[&fingerprint(&sshd.path("host_ed25519.pub"))]);
}

/// Whether `ssh` itself trusts the server, by the same rules.
fn ssh_trusts(sshd: &Sshd, target: &Target) -> bool {
    let [known_hosts] = target.known_hosts.as_slice() else {
        panic!("one file is compared: {target:?}");
    };
    let strictness = match target.host_key_policy {
        HostKeyPolicy::Strict => "yes",
        HostKeyPolicy::AcceptNew => "accept-new",
    };
    let mut ssh = Command::new("ssh");
    ssh.args(["-F", "/dev/null", "-l", &target.user, "-p"])
        .arg(target.port.to_string())
        .arg("-i")
        .arg(sshd.key());
    let alias = target
        .host_key_alias
        .iter()
        .map(|alias| format!("HostKeyAlias={alias}"));
    for option in [
        "BatchMode=yes".to_owned(),
        "IdentityAgent=none".to_owned(),
        "GlobalKnownHostsFile=/dev/null".to_owned(),
        format!("StrictHostKeyChecking={strictness}"),
        format!("UserKnownHostsFile={}", known_hosts.display()),
    ]
    .into_iter()
    .chain(alias)
    {
        ssh.arg("-o").arg(option);
    }
    let output = ssh.args([&target.host, "true"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() || said.contains("Host key verification failed"),
        "{said}"
    );
    output.status.success()
}

#[test]
fn a_host_is_trusted_if_and_only_if_ssh_trusts_it() {
    let sshd = Sshd::start();
    make_key(&sshd.path("wrong"), "ed25519", "");
    make_key(&sshd.path("wrong_rsa"), "rsa", "");
    let key_in = |name: &str| {
        let line = fs::read_to_string(sshd.path(name)).unwrap();
        line.split_whitespace()
            .take(2)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let (right, right_rsa) = (sshd.host_key("ed25519"), sshd.host_key("rsa"));
    let (wrong, wrong_rsa) = (key_in("wrong.pub"), key_in("wrong_rsa.pub"));
    let base64_of = |key: &str| key.split(' ').nth(1).unwrap().to_owned();
    let (right_base64, rsa_base64) = (base64_of(&right), base64_of(&right_rsa));
    let host = "127.0.0.1";
    let here = format!("[{host}]:{}", sshd.port());
    let hashed = |name: &str, key: &str| {
        let file = sshd.path("hashed");
        fs::write(&file, format!("{name} {key}\n")).unwrap();
        let status = Command::new("ssh-keygen")
            .args(["-q", "-H", "-f"])
            .arg(&file)
            .status();
        assert!(status.unwrap().success());
        fs::read_to_string(&file).unwrap()
    };
    let (hashed_here, hashed_host) = (hashed(&here, &wrong), hashed(host, &right));
    let (_, hash) = hashed_here.split_once("|1|").unwrap();
    let files = [
        format!("{here} {wrong}\n{host} {right}"),
        format!("{host} {right}\n{here} {wrong}"),
        format!("{hashed_here}{hashed_host}"),
        format!("{here} {wrong_rsa}\n{host} {right}"),
        format!("{here} {right}\n{host} {wrong}"),
        format!("{here} {wrong}\n{here} {right}"),
        format!("{here} {right_rsa}\n{host} {right}"),
        format!("{host} {right}\n{here} {right_rsa}"),
        format!("{host} {right}"),
        format!("{host} {wrong}"),
        format!("{host},{here} {wrong}\n{host} {right}"),
        format!("* {wrong}\n{host} {right}"),
        format!("127.0.0.? {right}"),
        format!("[127.*]:* {right}"),
        format!("!{here},* {right}"),
        format!("!{host},* {right}"),
        format!("*,!{here} {wrong}\n{host} {right}"),
        format!("@revoked {here} {right}\n{here} {right}"),
        format!("@revoked * {right}\n{here} {right_rsa}"),
        format!("@revoked {here} {wrong}\n{host} {right}"),
        format!("@revoked {here} {wrong}\n{here} {right}"),
        format!("@cert-authority {here} {wrong}\n{host} {right}"),
        format!("@cert-authority {here} {right}"),
        format!("@unheard-of {here} {right}"),
        format!("@revoked @revoked {here} {right}\n{here} {right}"),
        format!("  {here}\t{right}\r\n"),
        format!("{here}\u{a0}{right}"),
        format!("#{here} {wrong}\n{host} {right}"),
        // A type that is not the key's, and other words for it.
        format!("{here} ssh-rsa {right_base64}"),
        format!("{here} ssh-rsa {right_base64}\n{host} {right}"),
        format!("{here} ed25519 {right_base64}"),
        format!("{here} rsa-sha2-512 {rsa_base64}"),
        format!("{here} RSA {rsa_base64}"),
        format!("{here} nonsense AAAA\n{host} {right}"),
        // No hash, and one whose salt is too short.
        format!("|2|x,{here} {right}"),
        format!("|1|{hash}"),
        format!("|1|AAAA{hash}"),
    ];
    let cases: Vec<(usize, &String, HostKeyPolicy, Option<&str>)> = (0..)
        .zip(&files)
        .flat_map(|(number, text)| {
            [HostKeyPolicy::Strict, HostKeyPolicy::AcceptNew]
                .into_iter()
                .flat_map(move |policy| {
                    [None, Some(host)].map(|alias| (number, text, policy, alias))
                })
        })
        .collect();
    let compare = |(number, text, policy, alias): (usize, &String, HostKeyPolicy, Option<&str>)| {
        let mut target = target(&sshd, sshd.port());
        target.host_key_policy = policy;
        target.host_key_alias = alias.map(str::to_owned);
        let name = format!("{number}-{policy:?}-{}", alias.unwrap_or_default());
        let [ours, theirs] = ["cosmos", "ssh"].map(|of| sshd.path(format!("{name}-{of}")));
        for file in [&ours, &theirs] {
            fs::write(file, text).unwrap();
        }
        target.known_hosts = vec![theirs];
        let expected = ssh_trusts(&sshd, &target);
        target.known_hosts = vec![ours];
        let result = try_open(&target);
        assert_eq!(
            result.is_ok(),
            expected,
            "{policy:?}, {alias:?}, {text}: {result:?}"
        );
    };
    thread::scope(|scope| {
        for part in cases.chunks(cases.len().div_ceil(4)) {
            scope.spawn(move || part.iter().copied().for_each(compare));
        }
    });
}

#[test]
fn a_key_that_is_revoked_without_its_port_is_refused_too() {
    let sshd = Sshd::start();
    let target = target(&sshd, sshd.port());
    let right = sshd.host_key("ed25519");
    let lines = format!(
        "[127.0.0.1]:{} {right}\n@revoked 127.0.0.1 {right}\n",
        sshd.port()
    );
    fs::write(sshd.home().join(".ssh/known_hosts"), lines).unwrap();
    let error = try_open(&target).unwrap_err();
    assert!(
        matches!(error, RemoteError::HostKeyRevoked { line: 2, .. }),
        "{error}"
    );
}

#[test]
fn wrong_keys_and_users_are_named() {
    let sshd = Sshd::start();
    make_key(&sshd.path("stranger"), "ed25519", "");
    let good = target(&sshd, sshd.port());

    let mut wrong_key = good.clone();
    wrong_key.keys = vec![sshd.path("stranger")];
    let error = try_open(&wrong_key).unwrap_err();
    assert!(matches!(error, RemoteError::Denied { .. }), "{error}");
    says(&error, &[&user(), "stranger"]);
    assert!(error.hint().unwrap().contains("authorized_keys"));

    let mut second_key = wrong_key.clone();
    second_key.keys.push(sshd.key());
    try_open(&second_key).unwrap();

    let mut wrong_user = good.clone();
    wrong_user.user = "nobody-of-that-name".into();
    let error = try_open(&wrong_user).unwrap_err();
    assert!(matches!(error, RemoteError::Denied { .. }), "{error}");
    says(&error, &["nobody-of-that-name"]);

    let mut no_key = good.clone();
    no_key.keys = vec![sshd.path("missing")];
    let error = try_open(&no_key).unwrap_err();
    assert!(
        matches!(
            error,
            RemoteError::NoKey { .. } | RemoteError::Denied { .. }
        ),
        "{error}"
    );

    fs::write(sshd.path("garbage"), "not a key").unwrap();
    let mut garbage = good.clone();
    garbage.keys = vec![sshd.path("garbage")];
    let error = try_open(&garbage).unwrap_err();
    assert!(matches!(error, RemoteError::Key { .. }), "{error}");
    says(&error, &["garbage"]);
}

#[test]
fn encrypted_keys_open_with_a_passphrase_that_is_asked_for_once() {
    let sshd = Sshd::start();
    make_key(&sshd.path("locked"), "ed25519", "open sesame");
    make_key(&sshd.path("locked-rsa"), "rsa", "open sesame");
    let converted = Command::new("ssh-keygen")
        .args([
            "-q",
            "-p",
            "-m",
            "PEM",
            "-P",
            "open sesame",
            "-N",
            "open sesame",
            "-f",
        ])
        .arg(sshd.path("locked-rsa"))
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(converted.success());
    let mut authorized = fs::read_to_string(sshd.path("locked.pub")).unwrap();
    authorized.push_str(&fs::read_to_string(sshd.path("locked-rsa.pub")).unwrap());
    fs::write(sshd.path("authorized_keys"), authorized).unwrap();
    for key in ["locked", "locked-rsa"] {
        let mut target = target(&sshd, sshd.port());
        target.keys = vec![sshd.path(key)];
        let open = |login: &Login| Connection::open(&target, login, &Cancel::new());

        open(&Login::new(Some("open sesame".into()), |_| None)).unwrap();
        let error = open(&Login::new(Some("wrong".into()), |_| None)).unwrap_err();
        assert!(
            matches!(error, RemoteError::WrongPassphrase { .. }),
            "{key}: {error}"
        );
        let error = open(&nobody()).unwrap_err();
        assert!(
            matches!(error, RemoteError::NoPassphrase { .. }),
            "{key}: {error}"
        );
        assert!(error.hint().unwrap().contains("COSMOS_SSH_PASSPHRASE"));

        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let login = Login::new(None, move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            Some("open sesame".into())
        });
        open(&login).unwrap();
        open(&login).unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), 1, "{key}");
    }
}

#[test]
fn the_agent_opens_what_no_file_does() {
    /// Tells this test that it runs below an agent, and where the key is.
    const KEY: &str = "COSMOS_TEST_AGENT_KEY";
    let Some(key) = std::env::var_os(KEY) else {
        let dir = tempfile::tempdir().unwrap();
        let key = dir.path().join("key");
        make_key(&key, "ed25519", "");
        let status = Command::new("ssh-agent")
            .args([
                "sh",
                "-c",
                "ssh-add -q \"$1\" && shift && exec \"$@\"",
                "sh",
            ])
            .arg(&key)
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "hosts::the_agent_opens_what_no_file_does"])
            .env(KEY, &key)
            .status()
            .unwrap();
        assert!(status.success());
        return;
    };
    let sshd = Sshd::start();
    fs::copy(
        Path::new(&key).with_extension("pub"),
        sshd.path("authorized_keys"),
    )
    .unwrap();
    make_key(&sshd.path("locked"), "ed25519", "unknown");
    let mut target = target(&sshd, sshd.port());
    for keys in [vec![], vec!["missing"], vec!["home/.ssh/id", "locked"]] {
        target.keys = keys.into_iter().map(|name| sshd.path(name)).collect();
        try_open(&target).unwrap();
    }
    // The ssh program that carries a huge file asks it too.
    let connection = try_open(&target).unwrap();
    let (huge, far) = (sshd.path("huge"), sshd.path("far"));
    fs::File::create(&huge).unwrap().set_len(130 << 20).unwrap();
    let before = sshd.logins();
    upload(
        &connection,
        &huge,
        far.to_str().unwrap(),
        &Silent,
        &Cancel::new(),
    )
    .unwrap();
    assert_eq!(sshd.logins() - before, 1);
    assert_eq!(far.metadata().unwrap().len(), 130 << 20);
}

#[test]
fn hosts_that_do_not_answer_as_they_should_are_told_apart() {
    let sshd = Sshd::start();
    let mut target = target(&sshd, sshd.port());
    target.connect_timeout = Duration::from_secs(1);

    target.port = free_port();
    let error = try_open(&target).unwrap_err();
    assert!(
        matches!(error, RemoteError::Connect { .. }) && error.is_lost(),
        "{error}"
    );
    says(&error, &[&format!("127.0.0.1:{}", target.port)]);

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    target.port = silent.local_addr().unwrap().port();
    let error = try_open(&target).unwrap_err();
    assert!(
        matches!(error, RemoteError::Timeout { .. }) && error.is_lost(),
        "{error}"
    );
    assert!(error.hint().is_some());

    let web_server = TcpListener::bind("127.0.0.1:0").unwrap();
    target.port = web_server.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in web_server.incoming() {
            client
                .unwrap()
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .unwrap();
        }
    });
    let error = try_open(&target).unwrap_err();
    let is_refused = matches!(
        error,
        RemoteError::Handshake { .. } | RemoteError::Lost { .. } | RemoteError::Timeout { .. }
    );
    assert!(is_refused, "{error}");

    target.host = "no-such-host.invalid".into();
    let error = try_open(&target).unwrap_err();
    assert!(matches!(error, RemoteError::Unresolved { .. }), "{error}");

    let cancel = Cancel::new();
    cancel.cancel();
    let sshd_target = self::target(&sshd, sshd.port());
    let error = Connection::open(&sshd_target, &nobody(), &cancel).unwrap_err();
    assert!(matches!(error, RemoteError::Cancelled), "{error}");
}

/// What a host sends without end instead of letting anybody in.
fn floods() -> Vec<(&'static str, Vec<u8>, Vec<u8>, Duration)> {
    // A packet that says nothing (RFC 4253, sections 6 and 11.2).
    let ignore = [0, 0, 0, 12, 6, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0].repeat(1000);
    let at_once = Duration::ZERO;
    vec![
        ("lines", Vec::new(), b"welcome\r\n".repeat(1000), at_once),
        (
            "slow lines",
            Vec::new(),
            b"welcome\r\n".to_vec(),
            Duration::from_millis(5),
        ),
        ("no line", Vec::new(), vec![b'x'; 10_000], at_once),
        (
            "a name without end",
            b"SSH-2.0-".to_vec(),
            vec![b'x'; 10_000],
            at_once,
        ),
        ("packets", b"SSH-2.0-x\r\n".to_vec(), ignore, at_once),
    ]
}

/// Sends `first` and then `rest` again and again to the only client until that goes away, or for a minute. Tells
/// when it has begun.
fn flood(first: Vec<u8>, rest: Vec<u8>, pause: Duration) -> (u16, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let end = Instant::now() + Duration::from_secs(60);
        let mut is_there = client.write_all(&first).is_ok();
        let mut sent = 0_u32;
        while is_there && Instant::now() < end {
            is_there = client.write_all(&rest).is_ok();
            sent += 1;
            if sent == 20 {
                // Nobody waits for it in a test of the time limit.
                let _ = sender.send(());
            }
            thread::sleep(pause);
        }
    });
    (port, receiver)
}

#[test]
fn a_host_that_never_stops_sending_is_given_up_in_time_and_at_ctrl_c() {
    let sshd = Sshd::start();
    for (what, first, rest, pause) in floods() {
        for is_interrupted in [false, true] {
            let (port, has_begun) = flood(first.clone(), rest.clone(), pause);
            let seconds = if is_interrupted { 3600 } else { 1 };
            let settings = format!("{}connect_timeout = {seconds}\n", sshd.settings(port));
            fs::write(sshd.path("config.toml"), settings).unwrap();
            let cosmos = Command::new(env!("CARGO_BIN_EXE_cosmos"))
                .arg("status")
                .current_dir(sshd.path("."))
                .env("HOME", sshd.home())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            if is_interrupted {
                // Over before it was told, where the library had enough.
                let _ = has_begun.recv();
                let pid = cosmos.id().to_string();
                let sent = Command::new("kill").args(["-s", "INT", &pid]).status();
                sent.unwrap();
            }
            let output = cosmos.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            // The library has enough of a name that is too long.
            let is_refused = what == "a name without end"
                && output.status.code() == Some(4)
                && said.contains("does not speak SSH as expected");
            if is_interrupted && !is_refused {
                assert_eq!(output.status.code(), Some(130), "{what}: {said}");
            } else if !is_refused {
                assert_eq!(output.status.code(), Some(4), "{what}: {said}");
                let told = format!("127.0.0.1:{port} did not answer within 1 s");
                assert!(said.contains(&told), "{what}: {said}");
            }
        }
    }
}

#[test]
fn an_alias_of_the_ssh_config_is_followed() {
    let sshd = Sshd::start();
    let write = |text: String| fs::write(sshd.home().join(".ssh/config"), text).unwrap();
    let mut config = Config::default();
    config.remote.host = "farm".into();
    config.remote.ssh_key = sshd.path("missing");
    let look_up = || Target::of_settings(&config.remote, Some(&sshd.home()));
    write(format!(
        "Host far*\n HostName 127.0.0.1\n Port {}\n User {}\n IdentityFile ~/.ssh/id\n",
        sshd.port(),
        user()
    ));
    try_open(&look_up().unwrap()).unwrap();
    // The default user, set on purpose, is not that of the alias.
    let mut chosen = config.clone();
    chosen.remote.chosen.user = true;
    let target = Target::of_settings(&chosen.remote, Some(&sshd.home())).unwrap();
    assert_eq!(target.user, "ubuntu");

    write("Host farm\n ProxyJump gate\n".to_owned());
    let error = look_up().unwrap_err();
    assert!(matches!(error, RemoteError::Jump { .. }), "{error}");
    says(&error, &["farm", "gate", "ProxyJump"]);
}
