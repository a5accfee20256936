//! Uploads and downloads: what arrives, what is skipped, what is refused, what goes on after a cut.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{FileExt, symlink};
use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use cosmos_workflow::progress::{Cancel, Progress, Silent, Unit};
use cosmos_workflow::remote::transfer::{Transferred, download, upload};
use cosmos_workflow::remote::{Command, Connection, Login, RemoteError, Target};
use sha2::Digest;
use tempfile::TempDir;
use walkdir::WalkDir;

use crate::commands::{nobody, open, target};
use crate::sshd::{Sshd, make_key};
use delay_proxy::Relay;

/// Bytes that no chunk of which equals another.
fn content(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.flatten().take(length).collect()
}

fn write(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
    let path = path.as_ref();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Everything below `folder`, hidden files of ours too, as names and contents. What goes while it is read is left out.
fn tree(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    let files = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let name = entry
            .path()
            .strip_prefix(folder)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let contents = entry
            .file_type()
            .is_file()
            .then(|| fs::read(entry.path()))?;
        match contents {
            // The host may still put away what a cut connection had sent.
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            contents => Some((name, contents.unwrap())),
        }
    });
    files.collect()
}

fn names(folder: &Path) -> Vec<String> {
    tree(folder).into_iter().map(|(name, _)| name).collect()
}

struct Case {
    sshd: Sshd,
    connection: Connection,
    dir: TempDir,
}

impl Case {
    fn new() -> Self {
        let sshd = Sshd::start();
        Self {
            connection: open(&sshd),
            sshd,
            dir: TempDir::new().unwrap(),
        }
    }

    fn upload(&self, from: &str, to: &str) -> Result<Transferred, RemoteError> {
        let to = self.dir.path().join(to);
        let from = self.dir.path().join(from);
        upload(
            &self.connection,
            &from,
            to.to_str().unwrap(),
            &Silent,
            &Cancel::new(),
        )
    }

    fn download(&self, from: &str, to: &str) -> Result<Transferred, RemoteError> {
        let from = self.dir.path().join(from);
        let to = self.dir.path().join(to);
        download(
            &self.connection,
            from.to_str().unwrap(),
            &to,
            &Silent,
            &Cancel::new(),
        )
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }
}

const ODD_NAMES: [&str; 10] = [
    "plain.txt",
    "a b.txt",
    "it's \"quoted\"",
    "$(touch pwned) `id` ${HOME}",
    "-rf",
    "sub folder/-n",
    "sub folder/deeper/ü.json",
    "back\\slash",
    "*",
    "..hidden",
];

#[test]
fn a_folder_goes_up_and_comes_back_whatever_its_names_are() {
    let case = Case::new();
    for (seed, name) in (0..).zip(ODD_NAMES) {
        write(
            case.path("in").join(name),
            content(1000 * seed as usize, seed),
        );
    }
    write(case.path("in/large.bin"), content(70 << 20, 99));
    let total = tree(&case.path("in"));
    let sent = case.upload("in", "far/away").unwrap();
    assert_eq!((sent.files, sent.skipped), (11, 0));
    assert_eq!(tree(&case.path("far/away")), total);

    let again = case.upload("in", "far/away").unwrap();
    assert_eq!((again.files, again.bytes, again.skipped), (0, 0, 11));

    let received = case.download("far/away", "back").unwrap();
    assert_eq!((received.files, received.skipped), (11, 0));
    assert_eq!(
        names(&case.path("back")).len(),
        12,
        "the files and the record"
    );
    for (name, bytes) in &total {
        assert!(
            fs::read(case.path("back").join(name)).unwrap() == *bytes,
            "{name}"
        );
    }
    let again = case.download("far/away", "back").unwrap();
    assert_eq!((again.files, again.bytes, again.skipped), (0, 0, 11));
    assert!(!case.path("pwned").exists());
}

#[test]
fn one_file_is_renamed_on_its_way() {
    let case = Case::new();
    for (size, name) in [(0, "empty"), (10, "small"), (33 << 20, "large")] {
        write(case.path(name), content(size, 1));
        case.upload(name, &format!("far/{name}-there")).unwrap();
        let there = case.path(&format!("far/{name}-there"));
        assert!(fs::read(there).unwrap() == content(size, 1), "{name}");
        case.download(&format!("far/{name}-there"), &format!("back/{name}-here"))
            .unwrap();
        let here = case.path(&format!("back/{name}-here"));
        assert!(fs::read(here).unwrap() == content(size, 1), "{name}");
    }
    assert_eq!(
        names(&case.path("far")),
        ["empty-there", "large-there", "small-there"]
    );
}

#[test]
fn changed_files_are_sent_again_and_only_those() {
    let case = Case::new();
    write(case.path("in/a"), "one");
    write(case.path("in/b"), "two");
    write(case.path("in/l"), content(40 << 20, 1));
    case.upload("in", "far").unwrap();
    write(case.path("far/kept"), "by others");
    write(case.path("in/b"), "TWO");
    let mut large = content(40 << 20, 1);
    large[20 << 20] ^= 1;
    write(case.path("in/l"), &large);
    let sent = case.upload("in", "far").unwrap();
    assert_eq!((sent.files, sent.skipped), (2, 1));
    assert_eq!(fs::read(case.path("far/b")).unwrap(), b"TWO");
    assert!(fs::read(case.path("far/l")).unwrap() == large);
    assert_eq!(names(&case.path("far")), ["a", "b", "kept", "l"]);
}

#[test]
fn a_local_file_is_replaced_only_if_it_is_an_older_download() {
    let case = Case::new();
    write(case.path("far/a"), "one");
    write(case.path("far/l"), content(40 << 20, 1));
    case.download("far", "back").unwrap();
    write(case.path("far/a"), "ONE and more");
    write(case.path("far/l"), content(40 << 20, 2));
    let received = case.download("far", "back").unwrap();
    assert_eq!((received.files, received.skipped), (2, 0));
    assert_eq!(fs::read(case.path("back/a")).unwrap(), b"ONE and more");
    assert!(fs::read(case.path("back/l")).unwrap() == content(40 << 20, 2));

    write(case.path("back/a"), "edited by the user");
    write(case.path("far/a"), "three");
    write(case.path("far/new"), "new");
    let error = case.download("far", "back").unwrap_err();
    assert!(
        matches!(&error, RemoteError::Occupied { path } if path.ends_with("back/a")),
        "{error}"
    );
    assert_eq!(
        fs::read(case.path("back/a")).unwrap(),
        b"edited by the user"
    );
    assert!(!case.path("back/new").exists());

    fs::remove_file(case.path("back/a")).unwrap();
    fs::create_dir(case.path("back/a")).unwrap();
    assert!(matches!(
        case.download("far", "back"),
        Err(RemoteError::Occupied { .. })
    ));
}

#[test]
fn downloads_never_leave_their_folder() {
    let case = Case::new();
    write(case.path("far/sub/file"), "bytes");
    write(case.path("secret"), "of the host");
    symlink(case.path("secret"), case.path("far/link")).unwrap();
    symlink("/etc", case.path("far/etc")).unwrap();
    case.download("far", "back").unwrap();
    assert_eq!(
        names(&case.path("back")),
        [".cosmos-downloads.json", "sub/file"]
    );

    fs::create_dir_all(case.path("outside")).unwrap();
    fs::create_dir_all(case.path("trap")).unwrap();
    symlink(case.path("outside"), case.path("trap/sub")).unwrap();
    let error = case.download("far", "trap").unwrap_err();
    assert!(matches!(error, RemoteError::Occupied { .. }), "{error}");
    assert!(names(&case.path("outside")).is_empty());

    write(case.path("far/new\nline"), "x");
    let error = case.download("far", "elsewhere").unwrap_err();
    assert!(matches!(error, RemoteError::BadName { .. }), "{error}");
    assert!(!error.to_string().contains('\n'));

    let error = case.download("nothing", "elsewhere").unwrap_err();
    assert!(matches!(error, RemoteError::Missing { .. }), "{error}");
}

#[test]
fn names_that_a_shell_or_terminal_must_not_see_are_not_sent() {
    let case = Case::new();
    write(case.path("in/new\nline"), "x");
    let error = case.upload("in", "far").unwrap_err();
    assert!(matches!(error, RemoteError::BadName { .. }), "{error}");
    write(case.path("ok"), "x");
    for remote in ["relative", "/tmp/../etc/x", ""] {
        let from = case.path("ok");
        let error = upload(&case.connection, &from, remote, &Silent, &Cancel::new()).unwrap_err();
        assert!(matches!(error, RemoteError::BadName { .. }), "{error}");
    }
}

/// Counts the bytes that a transfer reports.
#[derive(Default)]
struct Meter {
    total: AtomicU64,
    done: AtomicU64,
}

impl Progress for Meter {
    fn begin(&self, _: &str, total: u64, unit: Unit) {
        assert_eq!(unit, Unit::Bytes);
        self.total.store(total, Ordering::SeqCst);
        self.done.store(0, Ordering::SeqCst);
    }

    fn advance(&self, _: &str, units: u64) {
        self.done.fetch_add(units, Ordering::SeqCst);
    }

    fn finish(&self, _: &str) {}

    fn note(&self, _: &str) {}
}

/// A login that no `ssh` program could repeat without asking: its key has a passphrase.
fn locked_login(sshd: &Sshd, target: &mut Target) -> Login {
    make_key(&sshd.path("locked"), "ed25519", "open sesame");
    fs::copy(sshd.path("locked.pub"), sshd.path("authorized_keys")).unwrap();
    target.keys = vec![sshd.path("locked")];
    Login::new(Some("open sesame".into()), |_| None)
}

#[test]
fn a_cut_transfer_goes_on_in_the_middle_of_a_file() {
    for is_locked in [false, true] {
        let case = Case::new();
        let relay = Relay::start(case.sshd.port(), Duration::ZERO).unwrap();
        case.sshd.trust(relay.port());
        let mut target = target(&case.sshd, relay.port());
        let login = match is_locked {
            true => locked_login(&case.sshd, &mut target),
            false => nobody(),
        };
        let connect = || Connection::open(&target, &login, &Cancel::new()).unwrap();
        let size = 300 << 20;
        write(case.path("big"), content(size, 7));
        let far = case.path("far/big");
        let meter = Meter::default();

        let up = |connection: &Connection| {
            upload(
                connection,
                &case.path("big"),
                far.to_str().unwrap(),
                &meter,
                &Cancel::new(),
            )
        };
        let connection = connect();
        relay.cut_after(280 << 20);
        let error = up(&connection).unwrap_err();
        assert!(error.is_lost(), "{error}");
        assert!(!far.exists());
        let sent = up(&connect()).unwrap();
        assert!(sent.bytes < size as u64 && sent.files == 1, "{sent:?}");
        assert!(fs::read(&far).unwrap() == content(size, 7));
        assert_eq!(names(&case.path("far")), ["big"]);
        assert_eq!(meter.done.load(Ordering::SeqCst), size as u64);

        let here = case.path("back/big");
        let down = |connection: &Connection| {
            download(
                connection,
                far.to_str().unwrap(),
                &here,
                &meter,
                &Cancel::new(),
            )
        };
        let connection = connect();
        relay.cut_after(280 << 20);
        let error = down(&connection).unwrap_err();
        assert!(error.is_lost(), "{error}");
        assert!(!here.exists());
        let received = down(&connect()).unwrap();
        assert!(
            received.bytes < size as u64 && received.files == 1,
            "{received:?}"
        );
        assert!(fs::read(&here).unwrap() == content(size, 7));
        assert_eq!(names(&case.path("back")), [".cosmos-downloads.json", "big"]);
        assert_eq!(meter.done.load(Ordering::SeqCst), size as u64);
    }
}

/// Uploads `from` to `to` over a connection of its own for each, all at the same moment.
fn upload_at_once(
    case: &Case,
    uploads: &[(&Path, &Path)],
) -> Vec<Result<Transferred, RemoteError>> {
    let start = Barrier::new(uploads.len());
    let (start, sshd) = (&start, &case.sshd);
    thread::scope(|scope| {
        let uploads = uploads.iter().map(|&(from, to)| {
            scope.spawn(move || {
                let connection = open(sshd);
                start.wait();
                let to = to.to_str().unwrap();
                upload(&connection, from, to, &Silent, &Cancel::new())
            })
        });
        let uploads: Vec<_> = uploads.collect();
        uploads
            .into_iter()
            .map(|upload| upload.join().unwrap())
            .collect()
    })
}

#[test]
fn the_same_large_file_sent_twice_at_once_arrives() {
    let case = Case::new();
    // On channels, and through the ssh program.
    for size in [100 << 20, 150 << 20] {
        let bytes = content(size, 5);
        write(case.path("big"), &bytes);
        for round in 0..4 {
            let far = case.path(&format!("far{round}/big"));
            let from = case.path("big");
            for result in upload_at_once(&case, &[(&from, &far), (&from, &far), (&from, &far)]) {
                result.unwrap();
            }
            assert!(fs::read(&far).unwrap() == bytes, "round {round}");
            assert_eq!(names(far.parent().unwrap()), ["big"]);
            fs::remove_dir_all(far.parent().unwrap()).unwrap();
        }
    }
}

#[test]
fn different_large_files_of_one_name_sent_at_once_are_never_mixed() {
    let case = Case::new();
    let contents = [1, 2].map(|seed| content(100 << 20, seed));
    write(case.path("one"), &contents[0]);
    write(case.path("two"), &contents[1]);
    let [one, two, far] = ["one", "two", "far/big"].map(|name| case.path(name));
    for round in 0..4 {
        for result in upload_at_once(&case, &[(&one, &far), (&two, &far)]) {
            result.unwrap();
        }
        let found = fs::read(&far).unwrap();
        assert!(contents.contains(&found), "round {round}");
        assert_eq!(names(&case.path("far")), ["big"]);
    }
}

#[test]
fn the_same_small_files_sent_twice_at_once_arrive() {
    let case = Case::new();
    for index in 0..120 {
        let name = format!("in/{}/{index}", index % 3);
        write(case.path(&name), content(200_000, index));
    }
    let from = case.path("in");
    let expected = tree(&from);
    for round in 0..6 {
        let far = case.path(&format!("far{round}"));
        let uploads = [(&*from, &*far); 4];
        for result in upload_at_once(&case, &uploads) {
            result.unwrap();
        }
        assert!(tree(&far) == expected, "round {round}: {:?}", names(&far));
        fs::remove_dir_all(&far).unwrap();
    }
}

#[test]
fn what_was_given_up_long_ago_is_removed() {
    let case = Case::new();
    write(case.path("in/big"), content(40 << 20, 1));
    write(case.path("in/small"), "small");
    case.upload("in", "far").unwrap();
    // As another version of the file and a host that went down have left them.
    let cut = |age: &str, content: &str| {
        let digest = sha2::Sha256::digest("big");
        let name: String = digest
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let part = case.path(&format!("far/.cosmos-{name}-{content}.part"));
        let folder = case.path(&format!("far/.cosmos-{content}.0123456789abcdef"));
        fs::write(&part, "half").unwrap();
        fs::create_dir(&folder).unwrap();
        for path in [part, folder] {
            let status = std::process::Command::new("touch")
                .args(["-d", age])
                .arg(&path)
                .status();
            assert!(status.unwrap().success());
        }
    };
    cut("9 days ago", "aaaaaaaaaaaaaaaa");
    cut("1 hour ago", "bbbbbbbbbbbbbbbb");
    write(case.path("in/big"), content(40 << 20, 2));
    write(case.path("in/small"), "other");
    case.upload("in", "far").unwrap();
    let left = fs::read_dir(case.path("far")).unwrap();
    let left = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let hidden: Vec<String> = left.filter(|name| name.starts_with('.')).collect();
    assert_eq!(hidden.len(), 2, "{hidden:?}");
    assert!(
        hidden.iter().all(|name| name.contains("bbbb")),
        "{hidden:?}"
    );
}

/// A file worth a login of its own; mostly a hole, so that it costs little.
fn write_huge(path: impl AsRef<Path>) {
    let size = 201 << 20;
    let file = fs::File::create(path).unwrap();
    file.set_len(size).unwrap();
    for offset in [0, 70 << 20, 128 << 20, size - 1000] {
        file.write_all_at(&content(1000, offset), offset).unwrap();
    }
}

#[test]
fn a_huge_file_takes_the_ssh_program_and_does_without() {
    let case = Case::new();
    write_huge(case.path("huge"));
    let before = case.sshd.logins();
    case.upload("huge", "far/$(touch huge) 'huge'").unwrap();
    assert_eq!(case.sshd.logins() - before, 1);
    let far = case.path("far/$(touch huge) 'huge'");
    assert!(same_content(&case.path("huge"), &far));
    case.download("far/$(touch huge) 'huge'", "back/huge")
        .unwrap();
    assert_eq!(case.sshd.logins() - before, 2);
    assert!(same_content(&case.path("huge"), &case.path("back/huge")));

    // Without its key the open connection is the only one.
    fs::remove_file(case.sshd.key()).unwrap();
    case.download("far/$(touch huge) 'huge'", "again/huge")
        .unwrap();
    case.upload("huge", "far/again").unwrap();
    assert_eq!(case.sshd.logins() - before, 2);
    assert!(same_content(&case.path("huge"), &case.path("again/huge")));
    assert!(same_content(&case.path("huge"), &case.path("far/again")));
}

#[test]
fn a_host_that_takes_the_place_of_the_known_one_gets_no_data() {
    let mut case = Case::new();
    write_huge(case.path("huge"));
    case.sshd.stop();
    let impostor = Sshd::with_settings(&format!(
        "Port {}\nAuthorizedKeysFile {}",
        case.sshd.port(),
        case.sshd.path("authorized_keys").display()
    ));
    case.upload("huge", "far/huge").unwrap();
    assert!(same_content(&case.path("huge"), &case.path("far/huge")));
    assert!(
        impostor.log().contains("127.0.0.1 port"),
        "{}",
        impostor.log()
    );
    assert_eq!(impostor.logins(), 0);
}

#[test]
fn a_host_that_allows_one_channel_gets_one_after_another() {
    let dir = TempDir::new().unwrap();
    let sshd = Sshd::with_settings("MaxSessions 1");
    let case = Case {
        connection: open(&sshd),
        sshd,
        dir,
    };
    for index in 0..20 {
        let name = case.path("in").join(index.to_string());
        write(name, content(50_000, index));
    }
    write(case.path("in/large"), content(150 << 20, 99));
    case.upload("in", "far").unwrap();
    case.download("far", "back").unwrap();
    let back: Vec<_> = tree(&case.path("back"))
        .into_iter()
        .filter(|(name, _)| !name.starts_with(".cosmos-"))
        .collect();
    assert_eq!(back, tree(&case.path("in")));
}

fn same_content(one: &Path, other: &Path) -> bool {
    let [one, other] = [one, other].map(|path| fs::read(path).unwrap());
    one == other
}

#[test]
fn cut_small_files_are_whole_or_absent_and_arrive_in_the_end() {
    let case = Case::new();
    let relay = Relay::start(case.sshd.port(), Duration::ZERO).unwrap();
    case.sshd.trust(relay.port());
    let target = target(&case.sshd, relay.port());
    for index in 0..200 {
        write(
            case.path("in").join(format!("{index:03}")),
            content(100_000, index),
        );
    }
    let expected = tree(&case.path("in"));
    let far = case.path("far");
    let far = far.to_str().unwrap();
    let all_whole = |folder: &str| {
        for (name, bytes) in tree(&case.path(folder)) {
            let is_ours = name.starts_with(".cosmos-");
            assert!(
                is_ours || expected.contains(&(name.clone(), bytes)),
                "{folder}/{name}"
            );
        }
    };
    for direction in ["up", "down"] {
        let mut cuts = 0;
        for bytes in [3_000_000, 6_000_000, u64::MAX] {
            let connection = Connection::open(&target, &nobody(), &Cancel::new()).unwrap();
            relay.cut_after(bytes);
            let result = match direction {
                "up" => upload(&connection, &case.path("in"), far, &Silent, &Cancel::new()),
                _ => download(
                    &connection,
                    far,
                    &case.path("back"),
                    &Silent,
                    &Cancel::new(),
                ),
            };
            if let Err(error) = result {
                assert!(error.is_lost(), "{error}");
                cuts += 1;
            }
            all_whole("far");
            if direction == "down" {
                all_whole("back");
            }
        }
        assert_eq!(cuts, 2);
    }
    assert_eq!(tree(&case.path("far")), expected);
    assert_eq!(names(&case.path("back")).len(), 201);
}

#[test]
fn a_cancelled_transfer_ends_soon_and_leaves_no_half_file() {
    struct CancelsAtHalf(Cancel, AtomicU64);
    impl Progress for CancelsAtHalf {
        fn begin(&self, _: &str, _: u64, _: Unit) {}
        fn advance(&self, _: &str, units: u64) {
            if self.1.fetch_add(units, Ordering::SeqCst) > 20 << 20 {
                self.0.cancel();
            }
        }
        fn finish(&self, _: &str) {}
        fn note(&self, _: &str) {}
    }
    let case = Case::new();
    // Through the open connection, and through the ssh program.
    for size in [100 << 20, 250 << 20] {
        write(case.path("big"), content(size, 3));
        let name = format!("far/{size}");
        let far = case.path(&name);
        let cancel = Cancel::new();
        let progress = CancelsAtHalf(cancel.clone(), AtomicU64::new(0));
        let error = upload(
            &case.connection,
            &case.path("big"),
            far.to_str().unwrap(),
            &progress,
            &cancel,
        )
        .unwrap_err();
        assert!(matches!(error, RemoteError::Cancelled), "{error}");
        assert!(!far.exists());
        case.upload("big", &name).unwrap();
        assert!(fs::read(&far).unwrap() == content(size, 3));
    }
}

#[test]
fn a_full_disk_of_the_host_is_named_and_keeps_nothing_of_ours() {
    let sshd = Sshd::with_small_disk("48m");
    let connection = open(&sshd);
    let dir = TempDir::new().unwrap();
    write(dir.path().join("large"), content(80 << 20, 1));
    write(dir.path().join("huge"), content(140 << 20, 2));
    for index in 0..60 {
        write(
            dir.path().join(format!("small/{index}")),
            content(1 << 20, index),
        );
    }
    for name in ["large", "huge", "small"] {
        let far = sshd.disk().join("far").join(name);
        let error = upload(
            &connection,
            &dir.path().join(name),
            far.to_str().unwrap(),
            &Silent,
            &Cancel::new(),
        )
        .unwrap_err();
        assert!(
            error.to_string().contains("No space left on device"),
            "{error}"
        );
        assert!(error.hint().unwrap().contains("free some space"), "{error}");
        let list = Command::new("find").args([sshd.disk().to_str().unwrap(), "-type", "f"]);
        assert_eq!(connection.run(&list).unwrap().stdout_text(), "");
    }
    // What fits goes through afterwards.
    let far = sshd.disk().join("far/fits");
    write(dir.path().join("fits"), content(36 << 20, 1));
    upload(
        &connection,
        &dir.path().join("fits"),
        far.to_str().unwrap(),
        &Silent,
        &Cancel::new(),
    )
    .unwrap();
}

#[test]
fn a_full_local_disk_is_named_and_keeps_nothing_of_ours() {
    /// Tells this test that it runs where a small disk is mounted.
    const DISK: &str = "COSMOS_TEST_SMALL_DISK";
    let Some(disk) = std::env::var_os(DISK) else {
        let dir = TempDir::new().unwrap();
        let is_root = crate::sshd::user() == "root";
        let status = std::process::Command::new("unshare")
            .arg(if is_root { "-m" } else { "-rm" })
            .args([
                "sh",
                "-c",
                "mount -t tmpfs -o size=48m none \"$1\" && shift && exec \"$@\"",
                "sh",
            ])
            .arg(dir.path())
            .arg(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "transfers::a_full_local_disk_is_named_and_keeps_nothing_of_ours",
            ])
            .env(DISK, dir.path())
            .status()
            .unwrap();
        assert!(status.success());
        return;
    };
    let case = Case::new();
    let disk = Path::new(&disk);
    write(case.path("far/large"), content(80 << 20, 1));
    write(case.path("far/huge"), content(140 << 20, 2));
    for index in 0..60 {
        write(
            case.path("small").join(index.to_string()),
            content(1 << 20, index),
        );
    }
    for (from, to) in [
        ("far/large", "here/large"),
        ("far/huge", "here/huge"),
        ("small", "here/small"),
    ] {
        let to = disk.join(to);
        let from = case.path(from);
        let error = download(
            &case.connection,
            from.to_str().unwrap(),
            &to,
            &Silent,
            &Cancel::new(),
        );
        let error = error.unwrap_err();
        let is_full = |source: &std::io::Error| source.kind() == std::io::ErrorKind::StorageFull;
        assert!(
            matches!(&error, RemoteError::Local { source, .. } if is_full(source)),
            "{error}"
        );
        for (name, bytes) in tree(disk) {
            let whole = fs::read(case.path(name.strip_prefix("here/").unwrap())).ok();
            let is_record = name == "here/small/.cosmos-downloads.json";
            assert!(is_record || whole == Some(bytes), "{name}");
        }
    }
}
