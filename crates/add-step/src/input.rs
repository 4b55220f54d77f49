//! The files of a local input, as Hadoop reads a folder or a glob: without what is hidden, and with the folders in it refused, read
//! or left out.

use std::path::{Path, PathBuf};

use emr_cli::local_file;
use emr_core::error::{Error, Result};
use emr_core::upload;

use crate::streaming::{RECURSIVE, Subfolders};

/// A local file that is read.
pub(crate) struct InputFile {
    /// Its path.
    pub(crate) path: PathBuf,
    /// Its path within the folder on S3.
    pub(crate) name: String,
    /// Whether the input is this file, and no folder with it.
    is_alone: bool,
}

/// The files of `input`, a file, a folder or a glob, by the folders on S3 that hold them. What a glob matches is one
/// folder, but for the folders that it matches, and for files of the same name.
pub(crate) fn folders(input: &Path, subfolders: Subfolders) -> Result<Vec<Vec<InputFile>>> {
    let text = input.to_string_lossy();
    if input.exists() || !text.contains(['*', '?', '[']) {
        return Ok(vec![files(input, subfolders)?]);
    }
    let mut all: Vec<Vec<InputFile>> = Vec::new();
    for path in local_file::matching(&text)? {
        if path.file_name().is_some_and(|name| upload::is_hidden(&name.to_string_lossy())) {
            emr_cli::detail(&format!("{} is left out: Hadoop reads no hidden file", path.display()));
            continue;
        }
        let files = files(&path, subfolders)?;
        let name = files.first().filter(|_| !path.is_dir()).map(|file| file.name.clone());
        // Those that are not of a file alone have no room for another.
        let has_room = |folder: &&mut Vec<InputFile>| {
            name.is_some() && folder.iter().all(|file| file.is_alone && Some(&file.name) != name.as_ref())
        };
        match all.iter_mut().find(has_room) {
            Some(folder) => folder.extend(files),
            None => all.push(files),
        }
    }
    if all.is_empty() {
        return Err(nothing(&format!("what {text} matches")));
    }
    Ok(all)
}

/// The files of `input`, a file or a folder, in the order of their names.
fn files(input: &Path, subfolders: Subfolders) -> Result<Vec<InputFile>> {
    if !input.is_dir() {
        let name = name_of(input, |name| upload::visible(name).to_owned());
        return Ok(vec![InputFile { path: input.to_owned(), name, is_alone: true }]);
    }
    let mut walk = Walk { subfolders, found: Vec::new(), above: Vec::new() };
    walk.read(input, "")?;
    let mut found = walk.found;
    found.sort_by(|one, other| one.name.cmp(&other.name));
    if found.is_empty() {
        return Err(nothing(&format!("the directory {}", input.display())));
    }
    match found.windows(2).find(|pair| pair[0].name == pair[1].name) {
        Some([one, other]) => {
            let (one, other) = (one.path.display(), other.path.display());
            Err(Error::usage(format!("{one} and {other} would have one name on S3")).advise("rename one of them"))
        }
        _ => Ok(found),
    }
}

fn nothing(place: &str) -> Error {
    Error::usage(format!("{place} contains no file that Hadoop reads"))
        .advise("Hadoop leaves out names that begin with _ or .")
}

/// The name that `path` gets on S3, after `change`. A name that cannot stay is said.
fn name_of(path: &Path, change: impl Fn(&str) -> String) -> String {
    let own = path.file_name().unwrap_or_default();
    let name = change(&upload::input_name(&own.to_string_lossy()));
    if own != name.as_str() {
        emr_cli::warn(&format!("{} goes by the name {name}: Hadoop or S3 cannot read its own", path.display()));
    }
    name
}

struct Walk {
    subfolders: Subfolders,
    found: Vec<InputFile>,
    /// The folders that are being read, behind symbolic links, the outermost first.
    above: Vec<PathBuf>,
}

impl Walk {
    /// Adds the files of `folder`, which is `within` the input.
    fn read(&mut self, folder: &Path, within: &str) -> Result<()> {
        let unreadable = |cause| Error::file("read", folder, &cause);
        let real = folder.canonicalize().map_err(unreadable)?;
        if self.above.contains(&real) {
            return Err(Error::usage(format!("{} leads back to a folder that it is in", folder.display())));
        }
        self.above.push(real);
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.file_name().is_some_and(|name| upload::is_hidden(&name.to_string_lossy())) {
                emr_cli::detail(&format!("{} is left out: Hadoop reads no hidden file", path.display()));
                continue;
            }
            let is_folder = path.is_dir();
            if is_folder && self.subfolders == Subfolders::LeaveOut {
                continue;
            }
            if is_folder && self.subfolders == Subfolders::Refuse {
                return Err(Error::usage(format!(
                    "{} is a folder within an input, and Hadoop fails there",
                    path.display()
                ))
                .advise(format!("have it read with -D {RECURSIVE}=true, or name each folder as an --input")));
            }
            let name = format!("{within}{}", name_of(&path, str::to_owned));
            if is_folder {
                self.read(&path, &format!("{name}/"))?;
            } else {
                self.found.push(InputFile { path, name, is_alone: false });
            }
        }
        self.above.pop();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, file).unwrap();
        }
        folder
    }

    fn names(input: &Path, subfolders: Subfolders) -> Result<Vec<String>> {
        Ok(files(input, subfolders)?.into_iter().map(|file| file.name).collect())
    }

    #[test]
    fn files_keep_their_names_and_hidden_ones_are_left_out() {
        let folder = folder(&["b 1,2.gz", "a.log", "_SUCCESS", ".hidden", "_logs/x", "10:00.log"]);
        assert_eq!(names(folder.path(), Subfolders::Refuse).unwrap(), ["10_00.log", "a.log", "b 1,2.gz"]);
        assert_eq!(names(&folder.path().join("b 1,2.gz"), Subfolders::Refuse).unwrap(), ["b 1,2.gz"]);
        assert_eq!(names(&folder.path().join("_SUCCESS"), Subfolders::Refuse).unwrap(), ["SUCCESS"]);
    }

    #[test]
    fn what_a_glob_matches_is_one_folder_as_far_as_names_allow() {
        let folder = folder(&["a/x.log", "b/x.log", "b/y.log", "_z.log", "sub.log/w"]);
        let found = |pattern: &str| {
            let found = folders(&folder.path().join(pattern), Subfolders::Refuse)?;
            let names = |files: Vec<InputFile>| files.into_iter().map(|file| file.name).collect::<Vec<_>>().join(" ");
            Ok::<_, Error>(found.into_iter().map(names).collect::<Vec<_>>())
        };
        assert_eq!(found("*/?.log").unwrap(), ["x.log y.log", "x.log"]);
        assert_eq!(found("*.log").unwrap(), ["w"]);
        std::fs::write(folder.path().join("[1].log"), "").unwrap();
        assert_eq!(found("[1].log").unwrap(), ["[1].log"], "a file of this name is no glob");
        for (pattern, words, code) in [("*.gz", "no file matches", 74), ("_*", "contains no file that Hadoop reads", 2)]
        {
            let error = found(pattern).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
            assert_eq!(error.outcome.exit_code(), code);
        }
    }

    #[test]
    fn a_folder_in_a_folder_is_refused_read_or_left_out_as_the_job_says() {
        let folder = folder(&["a", "sub/b", "sub/deep/c", "sub/.git/d"]);
        let refused = names(folder.path(), Subfolders::Refuse).unwrap_err().to_string();
        assert!(refused.contains("sub is a folder within an input"), "{refused}");
        assert_eq!(names(folder.path(), Subfolders::Read).unwrap(), ["a", "sub/b", "sub/deep/c"]);
        assert_eq!(names(folder.path(), Subfolders::LeaveOut).unwrap(), ["a"]);
    }

    #[test]
    fn what_cannot_be_read_as_a_whole_is_refused() {
        let hidden = folder(&["_a", ".b"]);
        assert!(names(hidden.path(), Subfolders::Refuse).unwrap_err().to_string().contains("contains no file"));
        let twins = folder(&["a:b", "a_b"]);
        assert!(names(twins.path(), Subfolders::Refuse).unwrap_err().to_string().contains("one name on S3"));
        let looped = folder(&["a"]);
        std::os::unix::fs::symlink(looped.path(), looped.path().join("again")).unwrap();
        assert!(names(looped.path(), Subfolders::Read).unwrap_err().to_string().contains("leads back"));
    }
}
