//! The content of a file or text, identified by its hash. Uploads are named after it, and pools compare it.

use std::fmt;

use sha2::{Digest, Sha256};

/// A SHA-256, displayed in hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Content([u8; 32]);

impl Content {
    /// The bytes of the hash.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The combined content of named contents.
    #[must_use]
    pub fn of_all<'a>(parts: impl Iterator<Item = (&'a str, &'a Self)>) -> Self {
        let mut hasher = Sha256::new();
        for (name, part) in parts {
            hasher.update(name.len().to_le_bytes());
            hasher.update(name);
            hasher.update(part.bytes());
        }
        Self(hasher.finalize().into())
    }
}

impl From<[u8; 32]> for Content {
    fn from(sha256: [u8; 32]) -> Self {
        Self(sha256)
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_text_is_hexadecimal() {
        assert_eq!(Content::from([0x0a; 32]).to_string(), "0a".repeat(32));
    }

    #[test]
    fn a_combined_content_depends_on_names_and_parts() {
        let (a, b) = (Content::from([1; 32]), Content::from([2; 32]));
        let list = |parts: &[(&str, &Content)]| Content::of_all(parts.iter().copied());
        assert_ne!(list(&[("x", &a), ("y", &b)]), list(&[("x", &b), ("y", &a)]));
        assert_ne!(list(&[("xy", &a)]), list(&[("x", &a), ("y", &a)]));
    }
}
