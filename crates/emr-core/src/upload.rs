//! Tells local files from URIs on a command line, and places uploads on S3.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::model::content::Content;
use crate::model::job_flow::{Body, Upload};
use crate::model::s3_uri::S3Uri;
use crate::model::scratch_uri::ScratchUri;

/// A file of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A URI that EMR can read (any `scheme://`, and `hdfs:/`).
    Remote(String),
    /// A local path.
    Local(PathBuf),
}

impl Item {
    /// Parses a URI or a path. `file://` names a path. HDFS is often written with one slash.
    #[must_use]
    pub fn read(text: &str) -> Self {
        match text.split_once("://") {
            Some(("file", path)) => Self::Local(PathBuf::from(path)),
            Some((scheme, _)) if is_scheme(scheme) => Self::Remote(text.to_owned()),
            _ if text.starts_with("hdfs:/") => Self::Remote(text.to_owned()),
            _ => Self::Local(PathBuf::from(text)),
        }
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '+')
}

/// The SHA-256 of `text`.
#[must_use]
pub fn content_of(text: &str) -> Content {
    Content::from(<[u8; 32]>::from(Sha256::digest(text)))
}

/// The upload of a generated `text` as `name` below `scratch`.
#[must_use]
pub fn text(text: String, name: &str, scratch: &ScratchUri) -> Upload {
    let content = content_of(&text);
    Upload { body: Body::Text(text), content, to: place(&content, name, scratch) }
}

/// The upload of generated `bytes` as `name` below `scratch`.
#[must_use]
pub fn bytes(bytes: Vec<u8>, name: &str, scratch: &ScratchUri) -> Upload {
    let content = Content::from(<[u8; 32]>::from(Sha256::digest(&bytes)));
    Upload { body: Body::Bytes(bytes), content, to: place(&content, name, scratch) }
}

/// The upload of the local file `path` with this `content` below `scratch`.
#[must_use]
pub fn file(path: &Path, content: Content, scratch: &ScratchUri) -> Upload {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Upload { body: Body::File(path.to_owned()), content, to: place(&content, &name, scratch) }
}

/// The place of a file with this name and content. Equal content has one place, so it is uploaded once. The extension
/// is kept, because it shows the archive format.
///
/// Characters with a special meaning to Hadoop or a shell (commas, `#`, globs, blanks) become `_`.
#[must_use]
pub fn place(content: &Content, name: &str, scratch: &ScratchUri) -> S3Uri {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let name: String = name.chars().map(plain).collect();
    scratch.files().join(&format!("{content}/{}", visible(&name)))
}

/// The folder for an input: its own folder, named after the names and contents of its files, which keep their names.
///
/// Hadoop lists the folder, so file names never appear in arguments, where commas and globs have a meaning.
#[must_use]
pub fn input_folder<'a>(files: impl Iterator<Item = (&'a str, &'a Content)>, scratch: &ScratchUri) -> S3Uri {
    scratch.inputs().join(&Content::of_all(files).to_string())
}

/// The name of an input file or folder on S3. Colons, which Hadoop takes for the end of a scheme, and control
/// characters, which S3's XML lists cannot carry, become `_`.
#[must_use]
pub fn input_name(name: &str) -> String {
    name.chars().map(|c| if c == ':' || c.is_control() { '_' } else { c }).collect()
}

/// Whether Hadoop ignores a file or folder of this name when it lists a folder.
///
/// Source: `hiddenFileFilter` of Hadoop's `FileInputFormat`
#[must_use]
pub fn is_hidden(name: &str) -> bool {
    name.starts_with(HIDDEN)
}

/// `name` without the beginning that hides it from Hadoop.
#[must_use]
pub fn visible(name: &str) -> &str {
    match name.trim_start_matches(HIDDEN) {
        "" => "file",
        name => name,
    }
}

/// The first characters of hidden names.
const HIDDEN: [char; 2] = ['_', '.'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_remote_and_paths_are_local() {
        assert_eq!(Item::read("s3://b/k"), Item::Remote("s3://b/k".to_owned()));
        assert_eq!(Item::read("hdfs:///x"), Item::Remote("hdfs:///x".to_owned()));
        assert_eq!(Item::read("hdfs:/x"), Item::Remote("hdfs:/x".to_owned()));
        assert_eq!(Item::read("file:///etc/hosts"), Item::Local("/etc/hosts".into()));
        assert_eq!(Item::read("in.txt"), Item::Local("in.txt".into()));
        assert_eq!(Item::read("a b://c"), Item::Local("a b://c".into()));
    }

    #[test]
    fn the_extension_of_a_long_name_stays() {
        let name = "x".repeat(240) + ".tar.gz";
        let place = place(&content_of("abc"), &name, &"s3://b/tmp".parse().unwrap());
        assert!(place.key.ends_with("x.tar.gz"), "{place}");
    }

    #[test]
    fn an_input_has_its_own_folder_and_keeps_its_names() {
        let (one, two) = (content_of("1"), content_of("2"));
        let scratch = "s3://b/tmp".parse().unwrap();
        let folder = |files: &[(&str, &Content)]| input_folder(files.iter().copied(), &scratch).to_string();
        assert!(folder(&[("a.gz", &one)]).starts_with("s3://b/tmp/inputs/"));
        let different = [folder(&[("a", &one)]), folder(&[("a", &two)]), folder(&[("b", &one)])];
        assert!(different[0] != different[1] && different[0] != different[2] && different[1] != different[2]);
        for (name, kept) in [("2013-01-01.log.gz", "2013-01-01.log.gz"), ("a b,c#{1}.txt", "a b,c#{1}.txt")] {
            assert_eq!(input_name(name), kept);
        }
        assert_eq!(input_name("10:00\n.log"), "10_00_.log");
    }

    #[test]
    fn names_with_a_leading_underscore_or_dot_are_hidden() {
        assert!(is_hidden("_SUCCESS") && is_hidden(".git") && !is_hidden("a_b.c"));
        assert_eq!(["_SUCCESS", "...", "a._"].map(visible), ["SUCCESS", "file", "a._"]);
    }

    #[test]
    fn a_key_has_only_plain_characters_and_is_not_hidden() {
        let (content, scratch) = (content_of("abc"), "s3://b/tmp".parse().unwrap());
        let keys = ["in put,1*.txt", "_SUCCESS", "..."].map(|name| place(&content, name, &scratch).key);
        let expected = ["in_put_1_.txt", "SUCCESS", "file"].map(|name| format!("tmp/files/{content}/{name}"));
        assert_eq!(keys, expected);
        assert!(keys[0].starts_with("tmp/files/ba7816bf"));
    }
}
