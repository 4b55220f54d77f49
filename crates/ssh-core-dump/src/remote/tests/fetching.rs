use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use super::*;

/// Fetches the only core dump in `folder` to `whole`. Also returns how often progress was reported.
fn get(folder: &Path, whole: &Path) -> (Result<[u8; 32]>, Vec<u64>) {
    let mut link = open();
    let found = find(&mut link, folder).remove(0);
    let part = Part::open(whole, found.identity.numbers[0]).unwrap();
    let steps = std::cell::RefCell::new(Vec::new());
    let fetched = fetch(&mut link, &found.identity, true, part, |at| steps.borrow_mut().push(at));
    (fetched, steps.into_inner())
}

#[test]
fn a_core_dump_is_fetched_unchanged_with_its_holes_and_is_private() {
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
fn an_interrupted_fetch_resumes_after_comparing_what_is_here() {
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
fn progress_is_reported_up_to_the_last_byte_that_is_not_zero() {
    let (folder, _, whole) = node();
    assert_eq!(get(folder.path(), &whole).1, [MIB, 2 * MIB, 5 * MIB, 8 * MIB]);
}

#[test]
fn a_file_that_changed_since_the_list_or_during_the_fetch_is_refused() {
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
    // The helper may finish before the first chunk is here; then the next fetch finds the change.
    match fetch(&mut link, &found.identity, true, part, grow) {
        Ok(_) => assert_eq!(fs::metadata(&whole).unwrap().len(), found.identity.numbers[0]),
        Err(error) => assert_eq!(error.outcome, Outcome::TryAgain),
    }
}

#[test]
fn a_link_in_the_place_of_the_part_is_not_followed() {
    let (folder, _, whole) = node();
    fs::create_dir_all(whole.parent().unwrap()).unwrap();
    symlink(folder.path().join("elsewhere"), whole.with_extension("part")).unwrap();
    assert!(Part::open(&whole, 10).unwrap_err().to_string().starts_with("cannot open "));
}

#[test]
fn a_fetch_of_long_zeros_sends_signs_of_life() {
    let (folder, path, whole) = node();
    let slow = "ZEROS[:len(block)] and (time.sleep(1) or True):";
    let mut link = helper_with(&[("ZEROS[:len(block)]:", slow), ("SILENCE = 5", "SILENCE = 0.5")]);
    let found = find(&mut link, folder.path()).remove(0);
    let part = Part::open(&whole, found.identity.numbers[0]).unwrap();
    fetch(&mut link, &found.identity, true, part, |_| {}).unwrap();
    assert!(fs::read(&whole).unwrap() == fs::read(&path).unwrap());
}

#[test]
fn only_the_owner_can_read_the_part_even_if_it_existed_before() {
    let (folder, _, whole) = node();
    fs::create_dir_all(whole.parent().unwrap()).unwrap();
    let part = whole.with_extension("part");
    fs::write(&part, b"").unwrap();
    fs::set_permissions(&part, Permissions::from_mode(0o644)).unwrap();
    get(folder.path(), &whole).0.unwrap();
    assert_eq!(fs::metadata(&whole).unwrap().mode() & 0o777, 0o600);
}

#[test]
fn two_runs_do_not_write_to_the_same_file() {
    let (_folder, _, whole) = node();
    let first = Part::open(&whole, 10).unwrap();
    assert_eq!(Part::open(&whole, 10).unwrap_err().outcome, Outcome::TryAgain);
    drop(first);
    assert!(Part::open(&whole, 10).is_ok());
}
