//! A file that is replaced at once: whoever reads it has the old text or the new one, and never a part.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use emr_core::error::{Error, Outcome, Result};
use tempfile::{Builder, NamedTempFile};

/// How the files begin and end in which the text stands until it is complete. Collectors that read `*.prom` pass them
/// over, and so does `ls`.
const BEGINNING: &str = ".emr-tools-";
const END: &str = ".tmp";

/// How old such a file is that a run left which was killed. Others exist for as long as a write takes.
const ABANDONED: Duration = Duration::from_hours(1);

/// A file to be replaced.
#[derive(Debug)]
pub struct Replacement {
    path: PathBuf,
    /// The permissions if there is no file yet; `None` for those that the user's mask gives.
    mode: Option<u32>,
}

impl Replacement {
    /// The file at `path`, or the one behind links there. That it cannot be written shows now, and not when the work is
    /// done.
    pub fn of(path: &Path) -> Result<Self> {
        let replacement = Self { path: place(path)?, mode: None };
        // It does not stay: a run that is killed meanwhile leaves nothing.
        drop(replacement.begin()?);
        replacement.check().map_err(|cause| replacement.failed(&cause))?;
        replacement.clean_up();
        Ok(replacement)
    }

    /// The same, which all users may read if it is a new file.
    pub(super) fn readable_by_all(self) -> Self {
        Self { mode: Some(0o644), ..self }
    }

    /// Its text so far; `None` if there is none that can be read.
    pub(super) fn text(&self) -> Option<String> {
        fs::read_to_string(&self.path).ok()
    }

    /// Puts `text` in its place. If that fails, the old file stays.
    pub fn write(&self, text: &[u8]) -> Result<()> {
        let mut file = self.begin()?;
        let written = file.write_all(text).and_then(|()| self.make_alike(&file));
        // The disk may be full, and a crash right after must not leave an empty file.
        written.and_then(|()| file.as_file().sync_all()).map_err(|cause| self.failed(&cause))?;
        file.persist(&self.path).map(drop).map_err(|cause| self.failed(&cause.error))
    }

    /// A new file beside it, which vanishes if it is not put there.
    fn begin(&self) -> Result<NamedTempFile> {
        // As any other new file: the user's mask says who may read it. Beside an old one nobody may until it is known who.
        let mode = if self.path.exists() { 0o600 } else { 0o666 };
        let mut file = Builder::new();
        let file = file.prefix(BEGINNING).suffix(END).permissions(Permissions::from_mode(mode));
        file.tempfile_in(self.folder()).map_err(|cause| self.failed(&cause))
    }

    /// Refuses a file that another could not be renamed over.
    fn check(&self) -> io::Result<()> {
        let Ok(old) = fs::symlink_metadata(&self.path) else { return Ok(()) };
        let folder = fs::metadata(self.folder())?;
        let user = rustix::process::geteuid().as_raw();
        let why = if is_fixed(&self.path) {
            "it is mounted or immutable, and cannot be replaced; name a file in a folder of its own"
        } else if keeps_from(folder.mode(), [folder.uid(), old.uid()], user) && !may_replace_all() {
            "it is another user's in a sticky folder, and cannot be replaced; name another file"
        } else {
            return Ok(());
        };
        Err(io::Error::new(ErrorKind::PermissionDenied, why))
    }

    /// Gives the new file the owner, the group and the permissions of the one that it replaces: its reader may be another
    /// user than the one of this run, such as root.
    fn make_alike(&self, file: &NamedTempFile) -> io::Result<()> {
        let Ok(old) = fs::metadata(&self.path) else {
            return self.mode.map_or(Ok(()), |mode| file.as_file().set_permissions(Permissions::from_mode(mode)));
        };
        let mut mode = old.mode() & 0o777;
        let own = file.as_file().metadata()?;
        if own.gid() != old.gid() && fchown(file, None, Some(old.gid())).is_err() {
            mode = without_group(mode);
        }
        file.as_file().set_permissions(Permissions::from_mode(mode))?;
        if own.uid() != old.uid() {
            // Only root may. Of anybody else the file is theirs then, as any that they write.
            drop(fchown(file, Some(old.uid()), None));
        }
        Ok(())
    }

    /// Removes what runs left here that were killed. If that fails, nothing depends on it.
    fn clean_up(&self) {
        let Ok(entries) = fs::read_dir(self.folder()) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let is_ours = name.to_str().is_some_and(|name| name.starts_with(BEGINNING) && name.ends_with(END));
            if is_ours && age(&entry).is_some_and(|age| age > ABANDONED) {
                drop(fs::remove_file(entry.path()));
            }
        }
    }

    fn folder(&self) -> &Path {
        folder(&self.path)
    }

    fn failed(&self, cause: &io::Error) -> Error {
        Error::file("write", &self.path, cause)
    }
}

/// `mode` for another group than it was meant for, which may do no more than all others.
fn without_group(mode: u32) -> u32 {
    (mode & 0o707) | ((mode & 0o7) << 3)
}

/// Whether a folder of this `mode` keeps a file from `user`, who is none of the `owners` of the two.
fn keeps_from(mode: u32, owners: [u32; 2], user: u32) -> bool {
    const STICKY: u32 = 0o1000;
    mode & STICKY != 0 && !owners.contains(&user)
}

/// Whether the system lets this run replace anybody's files: `CAP_FOWNER` on Linux, elsewhere root.
fn may_replace_all() -> bool {
    const FOWNER: u64 = 1 << 3;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    match effective.and_then(|set| u64::from_str_radix(set.trim(), 16).ok()) {
        Some(set) => set & FOWNER != 0,
        None => rustix::process::geteuid().is_root(),
    }
}

/// Whether the file at `path` is a mount of its own, immutable, or one that can only grow. Its device does not tell: on an
/// overlay a file may have another one than its folder.
#[cfg(target_os = "linux")]
fn is_fixed(path: &Path) -> bool {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    let fixed = StatxAttributes::MOUNT_ROOT | StatxAttributes::IMMUTABLE | StatxAttributes::APPEND;
    let found = statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::empty());
    found.is_ok_and(|found| found.stx_attributes.intersects(fixed))
}

#[cfg(not(target_os = "linux"))]
fn is_fixed(_path: &Path) -> bool {
    false
}

/// How long ago `entry`, a plain file, was written.
fn age(entry: &fs::DirEntry) -> Option<Duration> {
    let found = entry.metadata().ok().filter(fs::Metadata::is_file)?;
    found.modified().ok()?.elapsed().ok()
}

/// Whether two paths lead to one file, which need not be there.
pub(super) fn is_one_file(one: &Path, other: &Path) -> bool {
    matches!((resolved(one), resolved(other)), (Ok(one), Ok(other)) if one == other)
}

/// How many links Linux follows in one path.
const LINKS: u32 = 40;

/// Where `path` leads through links, also to a file that is not there yet.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        if let Ok(found) = path.canonicalize() {
            return Ok(found);
        }
        let beside = folder(&path).canonicalize()?;
        let Ok(target) = fs::read_link(&path) else {
            return Ok(beside.join(path.file_name().unwrap_or_default()));
        };
        path = beside.join(target);
    }
    path.canonicalize()
}

/// The folder of `path`.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The file that is behind links at `path`, or that will be there.
fn place(path: &Path) -> Result<PathBuf> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => path.canonicalize(),
        Ok(_) => {
            return Err(Error::new(Outcome::Io, format!("cannot write {}: it is no plain file", path.display())));
        }
        Err(cause) if cause.kind() == ErrorKind::NotFound && !path.is_symlink() => return Ok(path.to_owned()),
        Err(cause) => Err(cause),
    }
    .map_err(|cause| Error::file("write", path, &cause))
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::symlink;
    use std::time::SystemTime;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_file_is_replaced_with_its_permissions_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("emr.prom");
        Replacement::of(&path).unwrap().readable_by_all().write(b"one").unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), mode(&path)), ("one", 0o644));
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let replacement = Replacement::of(&path).unwrap().readable_by_all();
        assert_eq!(replacement.text().as_deref(), Some("one"), "it stays until the new one is there");
        replacement.write(b"two").unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), mode(&path)), ("two", 0o640));
        assert_eq!(names(folder.path()), ["emr.prom"]);
    }

    #[test]
    fn one_file_is_known_however_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        symlink(path("file"), path("link")).unwrap();
        symlink("link", path("link to link")).unwrap();
        symlink("loop", path("loop")).unwrap();
        assert!(is_one_file(&path("file"), &path("./file")) && !is_one_file(&path("file"), &path("other")));
        for link in ["link", "link to link"] {
            assert!(is_one_file(&path(link), &path("file")), "{link} leads to a file that is not there yet");
        }
        assert!(!is_one_file(&path("link"), &path("other")) && !is_one_file(&path("loop"), &path("loop")));
        fs::write(path("file"), "").unwrap();
        assert!(is_one_file(&path("link"), &path("file")) && !is_one_file(&path("file"), &path("other")));
        assert!(!is_one_file(Path::new("/nowhere/file"), &path("file")));
    }

    #[test]
    fn another_group_may_do_no_more_than_all_others() {
        assert_eq!([0o640, 0o664, 0o600, 0o604].map(without_group), [0o600, 0o644, 0o600, 0o644]);
    }

    #[test]
    fn links_stay_and_other_things_than_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let [link, file] = ["link", "file"].map(|name| folder.path().join(name));
        symlink(&file, &link).unwrap();
        assert!(Replacement::of(&link).is_err(), "it leads nowhere");
        fs::write(&file, "old").unwrap();
        Replacement::of(&link).unwrap().write(b"new").unwrap();
        assert!(link.is_symlink() && fs::read_to_string(&file).unwrap() == "new");
        for bad in ["/dev/null", "/nowhere/file", "/"] {
            let error = Replacement::of(Path::new(bad)).unwrap_err();
            assert!(error.outcome == Outcome::Io && error.to_string().contains(bad), "{error}");
        }
    }

    #[test]
    fn in_a_sticky_folder_only_the_owners_of_the_file_and_of_the_folder_may_replace_it() {
        for (mode, owners, user, keeps) in [
            (0o41777, [0, 7], 8, true),
            (0o41777, [0, 7], 7, false),
            (0o41777, [8, 7], 8, false),
            (0o40777, [0, 7], 8, false),
        ] {
            assert_eq!(keeps_from(mode, owners, user), keeps, "{mode:o} {owners:?} {user}");
        }
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o1777)).unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "old").unwrap();
        Replacement::of(&path).unwrap().write(b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }

    #[test]
    fn what_a_killed_run_left_is_removed_when_nobody_can_be_writing_it() {
        let folder = tempfile::tempdir().unwrap();
        let old = SystemTime::now() - Duration::from_hours(2);
        for (name, is_old) in [(".emr-tools-1.tmp", true), (".emr-tools-2.tmp", false), (".other-3.tmp", true)] {
            let file = File::create(folder.path().join(name)).unwrap();
            file.set_modified(if is_old { old } else { SystemTime::now() }).unwrap();
        }
        Replacement::of(&folder.path().join("file")).unwrap();
        assert_eq!(names(folder.path()), [".emr-tools-2.tmp", ".other-3.tmp"]);
    }
}
