//! A multipart upload in progress, and which of its parts a completion may name. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use super::body::Written;
use super::checksum::{Algorithm, ChecksumType};
use super::error::StoreError;
use super::object::Headers;

/// The least bytes of any part but the last.
const MIN_PART_SIZE: u64 = 5 * 1024 * 1024;

/// An upload in progress.
#[derive(Clone)]
pub(crate) struct Upload {
    pub(crate) key: String,
    pub(crate) initiated: SystemTime,
    pub(crate) algorithm: Algorithm,
    pub(crate) checksum_type: ChecksumType,
    pub(crate) headers: Arc<Headers>,
    /// By part number.
    pub(crate) parts: BTreeMap<i32, Part>,
}

/// An uploaded part.
#[derive(Clone)]
pub(crate) struct Part {
    pub(crate) etag: String,
    pub(crate) last_modified: SystemTime,
    pub(crate) written: Written,
}

impl Upload {
    /// The parts that a completion names by number and `ETag`, in its order.
    pub(crate) fn choose(&self, named: &[(i32, String)]) -> Result<Vec<&Part>, StoreError> {
        if !named.is_sorted_by(|one, next| one.0 < next.0) {
            return Err(StoreError::InvalidPartOrder);
        }
        let chosen: Vec<&Part> = named
            .iter()
            .map(|(number, etag)| self.parts.get(number).filter(|part| part.etag == *etag))
            .collect::<Option<_>>()
            .ok_or(StoreError::InvalidPart)?;
        match chosen.split_last() {
            None => Err(StoreError::InvalidPart),
            Some((_, rest)) if rest.iter().any(|part| part.written.size < MIN_PART_SIZE) => {
                Err(StoreError::EntityTooSmall)
            }
            Some(_) => Ok(chosen),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::store::buckets::Store;
    use crate::s3::store::object::now;

    #[test]
    fn parts_that_are_unknown_too_small_or_out_of_order_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let written = store.draft(Algorithm::Crc32).unwrap().finish();
        let part = Part { etag: "e".to_owned(), last_modified: now(), written };
        let upload = Upload {
            key: "key".to_owned(),
            initiated: now(),
            algorithm: Algorithm::Crc32,
            checksum_type: ChecksumType::Composite,
            headers: Arc::default(),
            parts: BTreeMap::from([(1, part.clone()), (2, part)]),
        };
        let named = |list: &[(i32, &str)]| {
            let list: Vec<_> = list.iter().map(|(n, etag)| (*n, (*etag).to_owned())).collect();
            upload
                .choose(&list)
                .map_or_else(|error| error.code().as_str().to_owned(), |chosen| chosen.len().to_string())
        };
        assert_eq!(named(&[(2, "e")]), "1");
        assert_eq!(named(&[(1, "e"), (2, "e")]), "EntityTooSmall");
        assert_eq!(named(&[(2, "e"), (1, "e")]), "InvalidPartOrder");
        assert_eq!(named(&[(1, "other")]), "InvalidPart");
        assert_eq!(named(&[(3, "e")]), "InvalidPart");
        assert_eq!(named(&[]), "InvalidPart");
    }
}
