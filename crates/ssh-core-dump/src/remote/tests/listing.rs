use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use super::*;

#[test]
fn only_core_dumps_are_found_among_other_files_and_strange_names() {
    let (folder, path, _) = node();
    let place = |name: &[u8]| folder.path().join(std::ffi::OsStr::from_bytes(name));
    symlink(&path, place(b"link")).unwrap();
    symlink("/etc/shadow", place(b"core.shadow")).unwrap();
    assert!(Command::new("mkfifo").arg(place(b"core.fifo")).status().unwrap().success());
    fs::create_dir(place(b"core.folder")).unwrap();
    fs::copy("/bin/true", place(b"core.true")).unwrap();
    for name in [&b"core.\n../$(id).1"[..], b"core. -rf;\x1b[31m", b"core.\xff\xfe"] {
        // A slash is the only character that cannot be in a name.
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
fn a_missing_folder_has_no_core_dumps() {
    let mut link = open();
    let listing = list(&mut link, &["/nowhere/cores".to_owned(), "/etc/passwd".to_owned()]).unwrap();
    assert!(listing.found.is_empty() && listing.unreadable.is_empty());
    assert_eq!(listing.failures[0].to_string(), "/etc/passwd: Not a directory");
}

/// A folder of core dumps `core.0` to `core.9`.
fn ten() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    (0..10).for_each(|number| core(&folder.path().join(format!("core.{number}")), MIB, &[]));
    folder
}

/// The names of the core dumps that are found in `folder`, and the failures.
fn listed(link: &mut Link, folder: &Path) -> (Vec<String>, Vec<String>) {
    let listing = list(link, &[folder.to_str().unwrap().to_owned()]).unwrap();
    let name = |core: FoundCore| String::from_utf8_lossy(&core.identity.path).rsplit('/').next().unwrap().to_owned();
    let failures = listing.failures.iter().map(|error| error.to_string().rsplit('/').next().unwrap().to_owned());
    (listing.found.into_iter().map(name).collect(), failures.collect())
}

#[test]
fn a_slow_or_unreadable_file_does_not_hide_the_others() {
    let folder = ten();
    let slow = "if path[-1:] in b'37': time.sleep(3600)\n    if path[-1:] == b'5': raise OSError(5, 'Input error')\n    \
        if not stat.S_ISREG(os.lstat";
    let mut link =
        helper_with(&[("if not stat.S_ISREG(os.lstat", slow), ("PATIENCE, SLOW = 10", "PATIENCE, SLOW = 1")]);
    let (found, failures) = listed(&mut link, folder.path());
    assert_eq!(found, ["0", "1", "2", "4", "6", "8", "9"].map(|number| format!("core.{number}")));
    let late = |number| format!("core.{number}: it has not answered for 1 s");
    assert_eq!(failures, [late(3), "core.5: Input error".to_owned(), late(7)]);
}

#[test]
fn a_folder_with_several_slow_files_is_left() {
    let folder = ten();
    let slow = "if path[-1:] != b'0': time.sleep(3600)\n    if not stat.S_ISREG(os.lstat";
    let mut link =
        helper_with(&[("if not stat.S_ISREG(os.lstat", slow), ("PATIENCE, SLOW = 10", "PATIENCE, SLOW = 1")]);
    let (found, failures) = listed(&mut link, folder.path());
    assert_eq!((found, failures.len()), (vec!["core.0".to_owned()], 4));
    assert!(failures[3].ends_with(": 6 more files are not looked at, because 3 files did not answer"), "{failures:?}");
}

#[test]
fn long_heads_are_cut_and_all_core_dumps_are_listed() {
    let folder = ten();
    // Its note is as long as the file: gigabytes.
    let note = [4_u64, 4096, 0, 0, 1 << 40, 0, 0].map(u64::to_le_bytes).concat();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let file = File::options().write(true).open(entry.unwrap().path()).unwrap();
        file.set_len(4 << 30).unwrap();
        file.write_all_at(&64_u64.to_le_bytes(), 32).unwrap();
        file.write_all_at(&[56, 0, 1, 0], 54).unwrap();
        file.write_all_at(&note, 64).unwrap();
    }
    let (found, failures) = listed(&mut open(), folder.path());
    assert_eq!((found.len(), failures), (10, vec![]));
}
