//! Finds the files of `-input`. Source: `FileInputFormat.listStatus`.

use emr_core::upload::is_hidden;

use crate::run::failure::Failure;
use crate::run::filesystem::{DataFile, Match};
use crate::run::streaming::properties::Properties;
use crate::run::workplace::Workplace;

/// How a subdirectory of an input is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    Fails,
    IsLeftOut,
    IsRead,
}

impl Within {
    fn of(properties: &Properties) -> Self {
        const PREFIX: &str = "mapreduce.input.fileinputformat.input.dir";
        if properties.flag(&format!("{PREFIX}.recursive"), false) {
            Self::IsRead
        } else if properties.flag(&format!("{PREFIX}.nonrecursive.ignore.subdirs"), false) {
            Self::IsLeftOut
        } else {
            Self::Fails
        }
    }
}

/// The files of all inputs, in order.
pub(in super::super) fn find(
    workplace: &Workplace<'_>,
    inputs: &[String],
    properties: &Properties,
) -> Result<Vec<DataFile>, Failure> {
    let within = Within::of(properties);
    let mut files = Vec::new();
    for input in inputs {
        let location = workplace.location(input)?;
        let matches = location.glob(workplace.store());
        let mut matches = matches.map_err(|message| Failure::new("Bad input.", message))?;
        matches.retain(|found| !is_hidden(found.path.rsplit('/').next().unwrap_or_default()));
        if matches.is_empty() {
            let message = if location.is_glob() {
                format!("Input Pattern {input} matches 0 files")
            } else {
                format!("Input path does not exist: {input}")
            };
            return Err(Failure::new("Input does not exist.", message));
        }
        for found in matches {
            files.extend(files_of(found, within).map_err(|message| Failure::new("Bad input.", message))?);
        }
    }
    Ok(files)
}

/// The files of a match: itself, or those in the directory, without hidden ones.
fn files_of(found: Match, within: Within) -> Result<Vec<DataFile>, String> {
    let mut files = Vec::new();
    for (name, file) in found.files {
        // EMR's file systems mark a directory by an object of this name, and do not list it.
        if name == "/" || name.ends_with("_$folder$") || is_hidden(&name) {
            continue;
        }
        match name.split_once('/') {
            Some((directory, _)) if within == Within::Fails => {
                return Err(format!("Not a file: {}/{directory}", found.path));
            }
            Some(_) if within == Within::IsLeftOut => {}
            Some((_, rest)) if rest.is_empty() || rest.ends_with('/') || rest.split('/').any(is_hidden) => {}
            _ => files.push(file),
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::filesystem::Location;
    use crate::s3::Store;

    fn names(keys: &[&str], within: Within) -> Result<Vec<String>, String> {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("s3")).unwrap();
        store.create_bucket("bucket").unwrap();
        for key in keys {
            store.put_bytes("bucket", key, b"x").unwrap();
        }
        let location = Location::parse("s3://bucket/in", dir.path()).unwrap();
        let found = location.glob(&store).unwrap().pop().unwrap();
        Ok(files_of(found, within)?.into_iter().map(|file| file.uri).collect())
    }

    #[test]
    fn a_directory_gives_its_files_except_hidden_ones() {
        let keys = ["in/", "in/a", "in/_SUCCESS", "in/.x.crc", "in/_temporary/y", "in/s_$folder$"];
        assert_eq!(names(&keys, Within::Fails).unwrap(), ["s3://bucket/in/a"]);
    }

    #[test]
    fn a_subdirectory_fails_or_is_skipped_or_read() {
        let keys = ["in/a", "in/sub/b", "in/sub/_c", "in/sub/d/", "in/sub/d/e"];
        assert_eq!(names(&keys, Within::Fails), Err("Not a file: in/sub".to_owned()));
        assert_eq!(names(&keys, Within::IsLeftOut).unwrap(), ["s3://bucket/in/a"]);
        assert_eq!(
            names(&keys, Within::IsRead).unwrap(),
            ["s3://bucket/in/a", "s3://bucket/in/sub/b", "s3://bucket/in/sub/d/e"]
        );
        assert!(names(&["in/a", "in/sub/"], Within::Fails).is_err());
    }
}
