//! A folder on another machine, in which commands run: which file has which name there.
//!
//! Names are decided here and not on that machine, because commands refer to files by them.

use std::collections::{BTreeMap, HashMap};

use super::source::{Machine, Source};
use crate::config::Setting;
use crate::error::{Error, Result};

/// A file for the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// Where it is now.
    pub source: Source,
    /// Its name in the folder, if the user gives one.
    pub name: Option<String>,
    /// Whether it is an archive, and `name` that of the directory to unpack it into.
    pub is_archive: bool,
}

impl NamedFile {
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
#[derive(Debug, Default)]
pub struct Folder<'a> {
    by_name: BTreeMap<String, Setting<&'a NamedFile>>,
    /// The chosen names of files without a given one.
    chosen: HashMap<Key, String>,
}

impl<'a> Folder<'a> {
    /// Names all `files`: as given, else by the base name, numbered where that is taken.
    pub fn of(files: impl Iterator<Item = Setting<&'a NamedFile>>) -> Result<Self> {
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

    /// Whether no file is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The files with their names, sorted by name.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Setting<&'a NamedFile>)> {
        self.by_name.iter().map(|(name, file)| (name.as_str(), file))
    }

    /// The name of `file`, which is in the folder.
    #[must_use]
    pub fn name<'b>(&'b self, file: &'b NamedFile) -> &'b str {
        file.name.as_deref().or_else(|| self.known(file)).unwrap_or_default()
    }

    fn known(&self, file: &NamedFile) -> Option<&str> {
        self.chosen.get(&file.key()).map(String::as_str)
    }

    fn put(&mut self, name: String, file: Setting<&'a NamedFile>) -> Result<()> {
        let wrong = |what: String| file.blame(Error::usage(what).advise("give it another name with PATH#NAME"));
        if [".", ".."].contains(&name.as_str()) || name.is_empty() || name.contains(['/', '#', '\0']) {
            return Err(wrong(format!("no file can have the name '{}' there", name.replace('\0', "\\0"))));
        }
        let is_same = |other: &NamedFile| {
            other.source.identity() == file.value.source.identity() && other.is_archive == file.value.is_archive
        };
        if self.by_name.get(&name).is_some_and(|other| !is_same(other.value)) {
            return Err(wrong(format!("two files have the name '{name}'")));
        }
        self.by_name.insert(name, file);
        Ok(())
    }

    /// A name for a further file: `name`, unless that is taken.
    #[must_use]
    pub fn unused(&self, name: &str) -> String {
        let (stem, extension) = split_extension(name);
        self.numbered(stem, extension)
    }

    /// A directory has no extension.
    fn free_name(&self, file: &NamedFile) -> String {
        let (stem, extension) = split_extension(file.source.base_name());
        self.numbered(stem, if file.is_archive { "" } else { extension })
    }

    /// mrjob's rule for names: the number stands before the first dot.
    fn numbered(&self, stem: &str, extension: &str) -> String {
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

    fn file(path: &str, content: &str) -> NamedFile {
        let source = Source::Local { path: path.into(), content: upload::content_of(content) };
        NamedFile { source, name: None, is_archive: false }
    }

    fn named(path: &str, name: &str) -> NamedFile {
        NamedFile { name: Some(name.to_owned()), ..file(path, path) }
    }

    fn folder(files: &[NamedFile]) -> Result<Folder<'_>> {
        Folder::of(files.iter().map(|file| BOOTSTRAP_FILES.typed(file)))
    }

    fn names(files: &[NamedFile]) -> Vec<String> {
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
        let archive = |path| NamedFile { is_archive: true, ..file(path, path) };
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
        let archive = NamedFile { is_archive: true, ..named("a", "x") };
        assert!(folder(&[named("a", "x"), archive]).is_err());
    }

    #[test]
    fn names_that_would_leave_the_folder_are_refused() {
        for bad in ["..", ".", "a/b", "a\0b"] {
            assert!(folder(&[named("a", bad)]).is_err(), "{bad}");
        }
    }
}
