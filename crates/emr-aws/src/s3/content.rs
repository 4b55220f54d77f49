//! SHA-256 of local files, and its form in requests to S3.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use emr_core::error::{Error, Result};
use emr_core::model::content::Content;
use sha2::{Digest, Sha256};

/// The SHA-256 of `file`, which must be a regular file: a pipe or device may never end.
pub fn content_of_file(file: &Path) -> Result<Content> {
    let unreadable = |cause: io::Error| Error::file("read", file, &cause);
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(Error::usage(format!("{} is not a regular file", file.display())));
    }
    let mut hasher = Sha256::new();
    let mut blocks = BufReader::with_capacity(1 << 20, File::open(file).map_err(unreadable)?);
    loop {
        let block = blocks.fill_buf().map_err(unreadable)?;
        if block.is_empty() {
            return Ok(Content::from(<[u8; 32]>::from(hasher.finalize())));
        }
        hasher.update(block);
        let length = block.len();
        blocks.consume(length);
    }
}

/// A checksum as S3 expects it in a request.
pub(super) fn base64(content: &Content) -> String {
    aws_smithy_types::base64::encode(content.bytes())
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
        assert_eq!(content_of_file(&file).unwrap().to_string(), expected);
        assert!(content_of_file(folder.path()).unwrap_err().to_string().contains("not a regular file"));
        assert!(content_of_file(Path::new("/dev/zero")).is_err());
    }
}
