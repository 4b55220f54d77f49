//! The folder of the master bootstrap script: which file has which name there.
//!
//! Names are decided here and not on the node, because commands refer to files by them.

use std::collections::{BTreeMap, HashMap};

use super::instruction::in_folder;
use super::source::{Machine, Source};
use crate::config::Setting;
use crate::error::{Error, Result};

/// A file for the folder of the master bootstrap script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeFile {
    /// Where it is now.
    pub source: Source,
    /// Its name in the folder, if the user gives one.
    pub name: Option<String>,
    /// Whether it is an archive, and `name` that of the directory to unpack it into.
    pub is_archive: bool,
}

impl NodeFile {
    /// Parses `PATH` or `PATH#NAME`, where PATH may be a URI. Nothing is expanded.
    pub fn read(text: &str, machine: &Machine<'_>) -> Result<Self> {
        let (place, name) = match text.split_once('#') {
            Some((place, name)) => (place, (!name.is_empty()).then(|| name.to_owned())),
            None => (text, None),
        };
        Ok(Self { source: machine.source(place)?, name, is_archive: false })
    }

    /// The key by which files without a given name are told apart.
    fn key(&self) -> Key {
        (self.source.identity(), self.source.base_name().to_owned(), self.is_archive)
    }
}

/// The identity of a file's source, its own name, and whether it is an archive.
type Key = (String, String, bool);

/// Names and files, each name once.
#[derive(Default)]
pub(super) struct Folder<'a> {
    by_name: BTreeMap<String, Setting<&'a NodeFile>>,
    /// The names of the files that were given none.
    chosen: HashMap<Key, String>,
}

impl<'a> Folder<'a> {
    /// The names of all `files`: those that were given, and of the others their own, with a number where that is taken.
    pub(super) fn of(files: impl Iterator<Item = Setting<&'a NodeFile>>) -> Result<Self> {
        let mut folder = Self::default();
        let (named, others): (Vec<_>, Vec<_>) = files.partition(|file| file.value.name.is_some());
        for file in named {
            folder.put(file.value.name.clone().unwrap_or_default(), file)?;
        }
        for file in others {
            if folder.known(file.value).is_none() {
                let name = folder.free_name(file.value);
                folder.chosen.insert(file.value.key(), name.clone());
                folder.put(name, file)?;
            }
        }
        Ok(folder)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The files with their names, in the order of those.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &Setting<&'a NodeFile>)> {
        self.by_name.iter().map(|(name, file)| (name.as_str(), file))
    }

    /// The name of `file`, which is in the folder.
    pub(super) fn name<'b>(&'b self, file: &'b NodeFile) -> &'b str {
        file.name.as_deref().or_else(|| self.known(file)).unwrap_or_default()
    }

    /// The path of `file`, quoted for the shell.
    pub(super) fn path(&self, file: &NodeFile) -> String {
        in_folder(self.name(file))
    }

    fn known(&self, file: &NodeFile) -> Option<&str> {
        self.chosen.get(&file.key()).map(String::as_str)
    }

    fn put(&mut self, name: String, file: Setting<&'a NodeFile>) -> Result<()> {
        let wrong = |what: String| file.blame(Error::usage(what).advise("give it another name with PATH#NAME"));
        if [".", ".."].contains(&name.as_str()) || name.is_empty() || name.contains(['/', '#', '\0']) {
            return Err(wrong(format!("a node cannot have a file of the name '{}'", name.replace('\0', "\\0"))));
        }
        let is_same = |other: &NodeFile| {
            other.source.identity() == file.value.source.identity() && other.is_archive == file.value.is_archive
        };
        if self.by_name.get(&name).is_some_and(|other| !is_same(other.value)) {
            return Err(wrong(format!("two files have the name '{name}'")));
        }
        self.by_name.insert(name, file);
        Ok(())
    }

    /// mrjob's rule for names: the number stands before the first dot, and a directory has no extension.
    fn free_name(&self, file: &NodeFile) -> String {
        let (stem, extension) = split_extension(file.source.base_name());
        let extension = if file.is_archive { "" } else { extension };
        let numbered = (1..).map(|number| format!("{stem}-{number}{extension}"));
        let mut names = std::iter::once(format!("{stem}{extension}")).chain(numbered);
        names.find(|name| !self.by_name.contains_key(name)).unwrap_or_default()
    }
}

/// Splits `name` before its first dot, not counting leading dots.
fn split_extension(name: &str) -> (&str, &str) {
    let hidden = name.len() - name.trim_start_matches('.').len();
    let at = name[hidden..].find('.').map_or(name.len(), |at| hidden + at);
    name.split_at(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::options::BOOTSTRAP_FILES;
    use crate::upload;

    fn file(path: &str, content: &str) -> NodeFile {
        let source = Source::Local { path: path.into(), content: upload::content_of(content) };
        NodeFile { source, name: None, is_archive: false }
    }

    fn named(path: &str, name: &str) -> NodeFile {
        NodeFile { name: Some(name.to_owned()), ..file(path, path) }
    }

    fn folder(files: &[NodeFile]) -> Result<Folder<'_>> {
        Folder::of(files.iter().map(|file| BOOTSTRAP_FILES.typed(file)))
    }

    fn names(files: &[NodeFile]) -> Vec<String> {
        let folder = folder(files).unwrap();
        files.iter().map(|file| folder.name(file).to_owned()).collect()
    }

    #[test]
    fn a_file_has_its_own_name_unless_that_is_taken() {
        let files = [file("a/x.tar.gz", "1"), file("b/x.tar.gz", "2"), named("c", "x-1.tar.gz"), file("d/.rc", "3")];
        assert_eq!(names(&files), ["x.tar.gz", "x-2.tar.gz", "x-1.tar.gz", ".rc"]);
    }

    #[test]
    fn many_files_are_named_in_no_time() {
        let files: Vec<_> = (0..20_000).map(|number| file(&format!("d/{number}"), "")).collect();
        let expected: Vec<_> = (0..20_000).map(|number| number.to_string()).collect();
        assert_eq!(names(&files), expected);
    }

    #[test]
    fn an_archive_is_unpacked_into_a_directory_without_extension() {
        let archive = |path| NodeFile { is_archive: true, ..file(path, path) };
        assert_eq!(names(&[archive("a/x.tar.gz"), archive("b/x.zip"), file("x", "")]), ["x", "x-1", "x-2"]);
    }

    #[test]
    fn the_same_file_is_there_once_wherever_it_comes_from() {
        let files = [file("one/x", "1"), file("two/x", "1"), file("one/y", "1")];
        assert_eq!(names(&files), ["x", "x", "y"]);
        assert_eq!(folder(&files).unwrap().files().count(), 2);
    }

    #[test]
    fn two_files_of_one_name_are_refused() {
        assert_eq!(names(&[named("a", "x"), named("a", "x")]), ["x", "x"]);
        assert!(folder(&[named("a", "x"), named("b", "x")]).is_err());
        let archive = NodeFile { is_archive: true, ..named("a", "x") };
        assert!(folder(&[named("a", "x"), archive]).is_err());
    }

    #[test]
    fn names_that_would_leave_the_folder_are_refused() {
        for bad in ["..", ".", "a/b", "a\0b"] {
            assert!(folder(&[named("a", bad)]).is_err(), "{bad}");
        }
    }
}
