//! What of content needs to read files, and S3's way to write it.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::model::content::Content;

impl Content {
    /// The content of `file`, which must be a regular file: another may never end.
    pub fn of(file: &Path) -> Result<Self> {
        let unreadable = |cause: io::Error| Error::file("read", file, &cause);
        if !file.metadata().map_err(unreadable)?.is_file() {
            return Err(Error::usage(format!("{} is not a regular file", file.display())));
        }
        let mut hasher = Sha256::new();
        let mut blocks = BufReader::with_capacity(1 << 20, File::open(file).map_err(unreadable)?);
        loop {
            let block = blocks.fill_buf().map_err(unreadable)?;
            if block.is_empty() {
                return Ok(finish(hasher));
            }
            hasher.update(block);
            let length = block.len();
            blocks.consume(length);
        }
    }

    /// The content of a list of contents and their names.
    #[must_use]
    pub fn of_all<'a>(parts: impl Iterator<Item = (&'a str, &'a Self)>) -> Self {
        let mut hasher = Sha256::new();
        for (name, part) in parts {
            hasher.update(name.len().to_le_bytes());
            hasher.update(name);
            hasher.update(part.bytes());
        }
        finish(hasher)
    }

    /// As S3 wants it in a request.
    pub(super) fn base64(&self) -> String {
        aws_smithy_types::base64::encode(self.bytes())
    }
}

fn finish(hasher: Sha256) -> Content {
    Content::from(<[u8; 32]>::from(hasher.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_of_a_file_is_its_sha_256() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("abc");
        std::fs::write(&file, "abc").unwrap();
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Content::of(&file).unwrap().to_string(), expected);
        assert!(Content::of(folder.path()).unwrap_err().to_string().contains("not a regular file"));
        assert!(Content::of(Path::new("/dev/zero")).is_err());
    }

    #[test]
    fn a_list_is_another_content_when_a_name_or_a_part_is() {
        let (a, b) = (Content::from([1; 32]), Content::from([2; 32]));
        let list = |parts: &[(&str, &Content)]| Content::of_all(parts.iter().copied());
        assert_ne!(list(&[("x", &a), ("y", &b)]), list(&[("x", &b), ("y", &a)]));
        assert_ne!(list(&[("xy", &a)]), list(&[("x", &a), ("y", &a)]));
    }
}
