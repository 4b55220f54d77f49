use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use emr_core::error::{Error, Outcome, Result};
use tempfile::TempDir;

use super::*;
use crate::dump::{memory, python};

const MIB: u64 = 1 << 20;

/// The helper, without an `ssh` in between.
fn open() -> Link {
    let [sh, words @ ..] = words(false);
    connect(Command::new(sh).args(words)).unwrap()
}

fn connect(command: &mut Command) -> Result<Link> {
    connect_within(PATIENCE, command)
}

fn connect_within(limit: Duration, command: &mut Command) -> Result<Link> {
    Link::open(command, limit, Box::new(|said| Error::new(Outcome::Denied, String::from_utf8_lossy(said))))
}

/// A core dump of `size` bytes with data at `places`, as far as anybody looks.
fn core(path: &Path, size: u64, places: &[u64]) {
    let file = File::create(path).unwrap();
    file.set_len(size).unwrap();
    let mut head = b"\x7fELF\x02\x01\x01".to_vec();
    head.resize(64, 0);
    head[16] = 4;
    file.write_all_at(&head, 0).unwrap();
    for place in places {
        let data: Vec<u8> = (0..8192_u64).map(|byte| u8::try_from((byte * byte + place) % 251).unwrap()).collect();
        file.write_all_at(&data, *place).unwrap();
    }
}

/// A node's folder with a core dump of 9 MiB and some, most of it holes, and the place where it is to go.
fn node() -> (TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("core.x.1");
    core(&path, 9 * MIB + 77, &[MIB - 4096, 4 * MIB + 5000, 7 * MIB]);
    let whole = folder.path().join("here/i-1/x.core");
    (folder, path, whole)
}

fn find(link: &mut Link, folder: &Path) -> Vec<FoundCore> {
    link.list(&[folder.to_str().unwrap().to_owned()]).unwrap().found
}

/// Fetches the only core dump in `folder` to `whole`, and how often something of it came.
fn get(folder: &Path, whole: &Path) -> (Result<[u8; 32]>, Vec<u64>) {
    let mut link = open();
    let found = find(&mut link, folder).remove(0);
    let part = Part::open(whole, found.identity.numbers[0]).unwrap();
    let steps = std::cell::RefCell::new(Vec::new());
    let fetched = fetch(&mut link, &found.identity, true, part, |at| steps.borrow_mut().push(at));
    (fetched, steps.into_inner())
}

#[test]
fn a_core_dump_comes_over_as_it_is_with_its_holes_and_for_nobody_else() {
    let (folder, path, whole) = node();
    let sha256 = get(folder.path(), &whole).0.unwrap();
    assert_eq!(fs::read(&whole).unwrap(), fs::read(&path).unwrap());
    let said = Command::new("sha256sum").arg(&whole).output().unwrap();
    assert!(String::from_utf8(said.stdout).unwrap().starts_with(&hex::encode(sha256)));
    let here = fs::metadata(&whole).unwrap();
    assert_eq!(here.mode() & 0o777, 0o600);
    assert!(here.blocks() * 512 < MIB / 4, "{} bytes", here.blocks() * 512);
    let parent = fs::metadata(whole.parent().unwrap()).unwrap();
    assert_eq!(parent.mode() & 0o777, 0o700);
    assert!(!whole.with_extension("part").exists());
}

#[test]
fn what_was_interrupted_goes_on_and_what_is_here_is_compared_first() {
    let (folder, path, whole) = node();
    let content = fs::read(&path).unwrap();
    let part = whole.with_extension("part");
    fs::create_dir_all(whole.parent().unwrap()).unwrap();
    fs::write(&part, &content[..5_500_000]).unwrap();
    assert!(get(folder.path(), &whole).0.is_ok());
    assert_eq!(fs::read(&whole).unwrap(), content);

    for spoiled in [10, MIB, 4 * MIB + 6000] {
        let mut content = content.clone();
        content[usize::try_from(spoiled).unwrap()] ^= 1;
        fs::write(&part, &content[..5_500_000]).unwrap();
        assert_eq!(get(folder.path(), &whole).0.unwrap_err().outcome, Outcome::TryAgain);
        assert!(!part.exists(), "begun anew");
    }
    assert!(get(folder.path(), &whole).0.is_ok());
    assert_eq!(fs::read(&whole).unwrap(), content);
}

#[test]
fn progress_is_told_up_to_the_last_byte_that_is_not_zero() {
    let (folder, _, whole) = node();
    assert_eq!(get(folder.path(), &whole).1, [MIB, 2 * MIB, 5 * MIB, 8 * MIB]);
}

#[test]
fn what_changed_since_it_was_listed_is_refused_and_so_is_what_changes_meanwhile() {
    let (folder, path, whole) = node();
    let mut link = open();
    let found = find(&mut link, folder.path()).remove(0);
    let mut file = File::options().append(true).open(&path).unwrap();
    file.write_all(b"more").unwrap();
    let part = Part::open(&whole, found.identity.numbers[0]).unwrap();
    let error = fetch(&mut link, &found.identity, true, part, |_| {}).unwrap_err();
    assert_eq!((error.outcome, error.to_string().as_str()), (Outcome::TryAgain, "it has changed since it was listed"));
    assert_eq!(link.delete(&found.identity).unwrap_err().outcome, Outcome::TryAgain);

    let found = find(&mut link, folder.path()).remove(0);
    let part = Part::open(&whole, found.identity.numbers[0]).unwrap();
    let grow = |_| File::options().append(true).open(&path).unwrap().write_all(b"more").unwrap();
    // The helper may be done before the first chunk is here; then it says that the next one has changed.
    match fetch(&mut link, &found.identity, true, part, grow) {
        Ok(_) => assert_eq!(fs::metadata(&whole).unwrap().len(), found.identity.numbers[0]),
        Err(error) => assert_eq!(error.outcome, Outcome::TryAgain),
    }
}

#[test]
fn only_core_dumps_are_found_whatever_stands_beside_them_and_whatever_they_are_called() {
    let (folder, path, _) = node();
    let place = |name: &[u8]| folder.path().join(std::ffi::OsStr::from_bytes(name));
    symlink(&path, place(b"link")).unwrap();
    symlink("/etc/shadow", place(b"core.shadow")).unwrap();
    assert!(Command::new("mkfifo").arg(place(b"core.fifo")).status().unwrap().success());
    fs::create_dir(place(b"core.folder")).unwrap();
    fs::write(place(b"core.empty"), b"").unwrap();
    fs::copy("/bin/true", place(b"core.true")).unwrap();
    for name in [&b"core.\n../$(id).1"[..], b"core. -rf;\x1b[31m", b"core.\xff\xfe"] {
        // A slash is the one thing that no name has.
        let name: Vec<u8> = name.iter().map(|byte| if *byte == b'/' { b'!' } else { *byte }).collect();
        core(&place(&name), 4096, &[]);
    }
    let mut link = open();
    let found = find(&mut link, folder.path());
    assert_eq!(found.len(), 4);
    for core in found {
        let path = std::ffi::OsStr::from_bytes(&core.identity.path);
        assert_eq!(link.read(&core.identity.path, true, 0, 4).unwrap(), b"\x7fELF");
        link.delete(&core.identity).unwrap();
        assert!(!Path::new(path).exists());
    }
    let read = |link: &mut Link, path: &str, is_core| link.read(path.as_bytes(), is_core, 0, 9);
    for secret in ["/etc/passwd", "/etc/shadow", "/dev/zero"] {
        assert!(read(&mut link, secret, true).is_err() && read(&mut link, secret, false).is_err());
    }
    assert!(read(&mut link, "/bin/true", true).is_err() && read(&mut link, "/bin/true", false).is_ok());
}

#[test]
fn a_folder_that_is_not_there_has_no_core_dumps() {
    let mut link = open();
    let listing = link.list(&["/nowhere/cores".to_owned(), "/etc/passwd".to_owned()]).unwrap();
    assert!(listing.found.is_empty() && listing.unreadable.is_empty());
    assert_eq!(listing.failures, ["/etc/passwd: Not a directory"]);
}

#[test]
fn no_link_is_followed_where_the_part_is_to_be() {
    let (folder, _, whole) = node();
    fs::create_dir_all(whole.parent().unwrap()).unwrap();
    symlink(folder.path().join("elsewhere"), whole.with_extension("part")).unwrap();
    assert!(Part::open(&whole, 10).unwrap_err().to_string().starts_with("cannot open "));
}

#[test]
fn a_program_that_is_no_helper_is_told_by_what_it_says_last() {
    let run = |script: &str| connect(Command::new("sh").args(["-c", script])).err().unwrap().to_string();
    assert_eq!(run("echo first >&2; echo 'sudo: no password' >&2; exit 1"), "sudo: no password");
    assert_eq!(run("echo first >&2; echo 'no route' >&2; exit 255"), "first no route");
    assert_eq!(run("exit 127"), "it has no Python");
    assert_eq!(run("exit 3"), "the connection ended with 3");
    assert_eq!(
        run("printf 'Welcome to this node, which speaks first and at length, to all who log in'"),
        "the node sent what makes no sense"
    );
}

/// Whether `said` is the error of a node that keeps silent.
fn is_silence(error: &Error) -> bool {
    error.outcome == Outcome::Unavailable && error.to_string() == "it has not answered for 1 s"
}

#[test]
fn a_helper_that_says_nothing_is_given_up_with_all_that_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    // The first stands for an ssh, the second for what it connects by, which keeps its pipes open.
    for script in ["exec sleep 3600 3>\"$0\"", "sleep 3600 3>\"$0\" & wait"] {
        let (ended, end) = mpsc::channel();
        let path = fifo.clone();
        // A FIFO ends when the last one that writes to it has ended.
        thread::spawn(move || ended.send(fs::read(path).unwrap()));
        let mut command = Command::new("sh");
        let opened = connect_within(Duration::from_secs(1), command.args(["-c", script]).arg(&fifo));
        assert!(is_silence(&opened.err().unwrap()), "{script}");
        assert_eq!(end.recv_timeout(Duration::from_secs(30)).unwrap(), b"", "{script}");
    }
}

#[test]
fn a_helper_that_falls_silent_in_a_list_is_given_up() {
    let (folder, _, _) = node();
    let slow = link::HELPER.replace("def list_core(path):", "def list_core(path):\n    import time; time.sleep(3600)");
    let mut link = connect_within(Duration::from_secs(1), Command::new("python3").args(["-c", &slow])).unwrap();
    assert!(is_silence(&link.list(&[folder.path().to_str().unwrap().to_owned()]).unwrap_err()));
}

#[test]
fn a_fetch_may_be_silent_for_longer_than_anything_else() {
    let (folder, path, whole) = node();
    let slow = link::HELPER.replace("def fetch(ask):", "def fetch(ask):\n    import time; time.sleep(1.5)");
    let mut link = connect_within(Duration::from_secs(1), Command::new("python3").args(["-c", &slow])).unwrap();
    let found = find(&mut link, folder.path()).remove(0);
    let part = Part::open(&whole, found.identity.numbers[0]).unwrap();
    fetch(&mut link, &found.identity, true, part, |_| {}).unwrap();
    assert!(fs::read(&whole).unwrap() == fs::read(&path).unwrap());
}

#[test]
fn it_is_readable_by_its_owner_alone_whatever_was_there_before() {
    let (folder, _, whole) = node();
    fs::create_dir_all(whole.parent().unwrap()).unwrap();
    let part = whole.with_extension("part");
    fs::write(&part, b"").unwrap();
    fs::set_permissions(&part, Permissions::from_mode(0o644)).unwrap();
    get(folder.path(), &whole).0.unwrap();
    assert_eq!(fs::metadata(&whole).unwrap().mode() & 0o777, 0o600);
}

#[test]
fn two_runs_do_not_write_to_one_file() {
    let (_folder, _, whole) = node();
    let first = Part::open(&whole, 10).unwrap();
    assert_eq!(Part::open(&whole, 10).unwrap_err().outcome, Outcome::TryAgain);
    drop(first);
    assert!(Part::open(&whole, 10).is_ok());
}

/// Crashes in a thread that is not the first one, three functions deep.
const CRASH: &str = "
import ctypes, threading, time

def mapper(line):
    key, value = line.split()
    return reducer(key, int(value))

def reducer(key, value):
    ctypes.string_at(0)

def idle():
    time.sleep(60)

for number in range(3):
    other = threading.Thread(target=idle)
    other.daemon = True
    other.start()
crashing = threading.Thread(target=mapper, args=('bad 42',))
crashing.start()
crashing.join()
";

/// The Pythons of this machine, of each version that there is.
fn pythons() -> Vec<PathBuf> {
    let homes = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".pyenv/versions"));
    let others = homes.and_then(|homes| fs::read_dir(homes).ok()).into_iter().flatten();
    let others = others.map(|version| version.unwrap().path().join("bin/python"));
    ["/usr/bin/python3"].map(PathBuf::from).into_iter().chain(others).filter(|python| python.exists()).collect()
}

/// Lets `python` crash, and returns where its core dump is.
fn crash(python: &Path) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("crash.py"), CRASH).unwrap();
    let script = "ulimit -c unlimited; exec \"$0\" crash.py";
    let ran = Command::new("sh").args(["-c", script]).arg(python).current_dir(folder.path()).output().unwrap();
    assert!(fs::read_dir(folder.path()).unwrap().count() > 1, "no core dump: {ran:?}");
    folder
}

#[test]
fn python_s_functions_are_told_of_every_version_that_is_here() {
    let pythons = pythons();
    assert!(!pythons.is_empty());
    if !harness::leaves_core_dumps() {
        return;
    }
    for python in pythons {
        let folder = crash(&python);
        let mut link = open();
        let core = find(&mut link, folder.path()).remove(0);
        assert_eq!(core.header.signal, Some(11));
        assert_eq!(core.header.threads, 5);
        assert!(!core.header.is_partial(core.identity.numbers[0]));
        let mut asked = 0;
        let read = |part: &memory::Part| {
            asked += 1;
            let file = part.file.as_ref().map_or(&core.identity.path[..], |file| file.as_bytes());
            link.read(file, part.file.is_none(), part.start, memory::BLOCK)
        };
        let functions = python::traceback(&core.header, read).unwrap().unwrap_or_default();
        let name = python.display();
        assert_eq!(functions[1..3], ["reducer (crash.py:9)", "mapper (crash.py:6)"], "{name}");
        assert!(functions[0].starts_with("string_at (ctypes/__init__.py:"), "{name}: {functions:?}");
        assert!(functions[3].contains("run (threading.py:"), "{name}: {functions:?}");
        assert!(asked < 40, "{name} took {asked} questions");
    }
}

#[test]
fn the_helper_speaks_every_python_that_is_here() {
    let (folder, path, whole) = node();
    for python in pythons() {
        let mut link = connect(Command::new(&python).args(["-c", link::HELPER])).unwrap();
        let found = find(&mut link, folder.path()).remove(0);
        let part = Part::open(&whole, found.identity.numbers[0]).unwrap();
        fetch(&mut link, &found.identity, true, part, |_| {}).unwrap();
        assert!(fs::read(&whole).unwrap() == fs::read(&path).unwrap(), "{}", python.display());
        let listing = link.list(&["/etc/passwd".to_owned()]).unwrap();
        assert_eq!(listing.failures, ["/etc/passwd: Not a directory"]);
        assert_eq!(link.read(b"/bin/true", false, 1, 3).unwrap(), b"ELF");
        let said = link.debug(&found.identity.path, "/bin/true", &["-nx", "-batch", "-ex", "echo here"]).unwrap();
        assert!(said.contains("here"), "{}: {said}", python.display());
        let option = link.debug(&found.identity.path, "-ex=shell false", &["-nx", "-batch"]);
        assert_eq!(option.unwrap_err().to_string(), "its executable has no path");
    }
}
