//! A multipart upload in progress, and the checks of its completion. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use super::body::Written;
use super::checksum::{Algorithm, Checksum, ChecksumType};
use super::condition::Meanwhile;
use super::error::StoreError;
use super::object::{Description, Joined};
use super::tags::Tags;

/// S3's smallest part, except for the last part of an upload.
pub(crate) const MIN_PART_SIZE: u64 = 5 * 1024 * 1024;

/// An upload in progress.
#[derive(Clone)]
pub(crate) struct Upload {
    pub(crate) key: String,
    pub(crate) initiated: SystemTime,
    /// The checksum that the upload was created with.
    pub(crate) checksum: Option<(Algorithm, ChecksumType)>,
    pub(crate) description: Arc<Description>,
    pub(crate) tags: Arc<Tags>,
    /// By part number.
    pub(crate) parts: BTreeMap<i32, Part>,
    /// What happened to the key since the upload began.
    pub(crate) meanwhile: Meanwhile,
}

/// An uploaded part.
#[derive(Clone)]
pub(crate) struct Part {
    pub(crate) etag: String,
    pub(crate) last_modified: SystemTime,
    pub(crate) written: Written,
}

/// The content of a completion request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Completion {
    pub(crate) parts: Vec<NamedPart>,
    pub(crate) checksum_type: Option<String>,
    /// The size of the whole object in bytes.
    pub(crate) size: Option<i64>,
    /// Checksums of the whole object.
    pub(crate) checksums: Stated,
}

/// A part that a completion lists.
#[derive(Clone, Debug, Default)]
pub(crate) struct NamedPart {
    pub(crate) number: i32,
    /// Unquoted.
    pub(crate) etag: String,
    pub(crate) checksums: Stated,
}

/// The checksums in a request, by algorithm.
pub(crate) type Stated = Vec<(Algorithm, String)>;

impl Upload {
    /// The parts that a completion lists, in its order. Fails if a part is missing, or if the completion describes it
    /// wrongly.
    pub(crate) fn choose(&self, id: &str, completion: &Completion) -> Result<Vec<(i32, &Part)>, StoreError> {
        let named = &completion.parts;
        if named.is_empty() {
            return Err(StoreError::InvalidRequest("You must specify at least one part".to_owned()));
        }
        if !named.is_sorted_by(|one, next| one.number < next.number) {
            return Err(StoreError::InvalidPartOrder(id.to_owned()));
        }
        self.check_type(completion.checksum_type.as_deref())?;
        let chosen: Vec<(i32, &Part)> = named.iter().map(|part| self.find(id, part)).collect::<Result<_, _>>()?;
        if let Some((_, rest)) = chosen.split_last() {
            rest.iter().try_for_each(|(number, part)| large_enough(*number, part))?;
        }
        check_size(&chosen, completion.size)?;
        Ok(chosen)
    }

    /// The part that `named` refers to.
    fn find(&self, id: &str, named: &NamedPart) -> Result<(i32, &Part), StoreError> {
        let missing =
            || StoreError::InvalidPart { upload: id.to_owned(), number: named.number, etag: named.etag.clone() };
        let part = self.parts.get(&named.number).filter(|part| part.etag == named.etag).ok_or_else(missing)?;
        let Some((algorithm, checksum_type)) = self.checksum else {
            return if named.checksums.is_empty() { Ok((named.number, part)) } else { Err(missing()) };
        };
        match named.checksums.iter().find(|(stated, _)| *stated == algorithm) {
            Some((_, value)) if *value == part.written.checksum.value => Ok((named.number, part)),
            Some(_) => Err(missing()),
            None if checksum_type == ChecksumType::FullObject => Ok((named.number, part)),
            None => Err(without_checksum(named, algorithm)),
        }
    }

    fn check_type(&self, stated: Option<&str>) -> Result<(), StoreError> {
        let created = self.checksum.map(|(_, checksum_type)| checksum_type.name());
        if stated.is_none() || stated == created {
            return Ok(());
        }
        Err(StoreError::InvalidRequest(format!(
            "The upload was created using the {} checksum mode. The complete request must use the same checksum mode.",
            created.unwrap_or("null")
        )))
    }

    /// Fails if a completion has another checksum of the whole object than `computed`. A composite one may omit the
    /// number of parts; one of the full object counts only together with its type.
    pub(crate) fn check_whole(&self, completion: &Completion, computed: &Checksum) -> Result<(), StoreError> {
        let Some((algorithm, checksum_type)) = self.checksum else {
            return Ok(());
        };
        let is_right = |value: &str| match checksum_type {
            ChecksumType::Composite => value == computed.value || Some(value) == computed.without_count(),
            ChecksumType::FullObject => completion.checksum_type.is_some() && value == computed.value,
        };
        let mut stated = completion.checksums.iter();
        let all_right = stated.all(|(stated, value)| *stated == algorithm && is_right(value));
        if all_right { Ok(()) } else { Err(StoreError::BadDigest(algorithm.name().to_lowercase())) }
    }
}

/// A composite upload requires the checksum of each part.
fn without_checksum(named: &NamedPart, algorithm: Algorithm) -> StoreError {
    if let Some((other, _)) = named.checksums.first() {
        return StoreError::BadPartDigest { algorithm: other.name().to_lowercase(), number: named.number };
    }
    StoreError::InvalidRequest(format!(
        "The upload was created using a {} checksum. The complete request must include the checksum for each part. \
         It was missing for part {} in the request.",
        algorithm.name().to_lowercase(),
        named.number
    ))
}

fn large_enough(number: i32, part: &Part) -> Result<(), StoreError> {
    let size = part.written.size;
    if size >= MIN_PART_SIZE {
        return Ok(());
    }
    Err(StoreError::EntityTooSmall { number, etag: part.etag.clone(), size })
}

fn check_size(chosen: &[(i32, &Part)], stated: Option<i64>) -> Result<(), StoreError> {
    let size: u64 = chosen.iter().map(|(_, part)| part.written.size).sum();
    match stated {
        Some(stated) if u64::try_from(stated).ok() != Some(size) => Err(StoreError::InvalidRequest(format!(
            "The provided 'x-amz-mp-object-size' header value {stated} does not match what was computed: {size}"
        ))),
        _ => Ok(()),
    }
}

impl Joined {
    /// Whether a repeated completion lists exactly the parts of this object.
    pub(crate) fn is_of(&self, completion: &Completion) -> bool {
        let named = completion.parts.iter().map(|part| (part.number, &part.etag));
        named.eq(self.parts.iter().map(|part| (part.number, &part.etag)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::refusal::Refusal;
    use crate::s3::store::buckets::Store;
    use crate::s3::store::object::now;

    const SUM: &str = "AAAAAA==";

    /// A part that a completion lists: number, `ETag`, checksums.
    type Named<'a> = (i32, &'a str, &'a [(Algorithm, &'a str)]);

    /// An upload with two empty parts, whose `ETag` is `e`.
    fn upload(store: &Store, checksum: Option<(Algorithm, ChecksumType)>) -> Upload {
        let written = store.draft(Algorithm::Crc32).unwrap().finish();
        let part = Part { etag: "e".to_owned(), last_modified: now(), written };
        Upload {
            key: "key".to_owned(),
            initiated: now(),
            checksum,
            description: Arc::default(),
            tags: Arc::default(),
            parts: BTreeMap::from([(1, part.clone()), (2, part)]),
            meanwhile: Meanwhile::default(),
        }
    }

    fn named(list: &[Named<'_>]) -> Completion {
        let part = |(number, etag, checksums): &Named<'_>| NamedPart {
            number: *number,
            etag: (*etag).to_owned(),
            checksums: checksums.iter().map(|(algorithm, value)| (*algorithm, (*value).to_owned())).collect(),
        };
        Completion { parts: list.iter().map(part).collect(), ..Completion::default() }
    }

    fn answer(upload: &Upload, completion: &Completion) -> String {
        upload
            .choose("id", completion)
            .map_or_else(|error| Refusal::from(error).code().to_owned(), |chosen| chosen.len().to_string())
    }

    fn store() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        (dir, store)
    }

    #[test]
    fn parts_that_are_unknown_too_small_or_out_of_order_are_refused() {
        let (_dir, store) = store();
        let upload = upload(&store, None);
        let answer = |list: &[Named<'_>]| answer(&upload, &named(list));
        assert_eq!(answer(&[(2, "e", &[])]), "1");
        assert_eq!(answer(&[(1, "e", &[]), (2, "e", &[])]), "EntityTooSmall");
        assert_eq!(answer(&[(2, "e", &[]), (1, "e", &[])]), "InvalidPartOrder");
        assert_eq!(answer(&[(1, "other", &[])]), "InvalidPart");
        assert_eq!(answer(&[(3, "e", &[])]), "InvalidPart");
        assert_eq!(answer(&[(1, "e", &[(Algorithm::Crc32, SUM)])]), "InvalidPart");
        assert_eq!(answer(&[]), "InvalidRequest");
    }

    #[test]
    fn a_composite_upload_requires_the_checksum_of_each_part() {
        let (_dir, store) = store();
        let crc32 = Algorithm::Crc32;
        let composite = upload(&store, Some((crc32, ChecksumType::Composite)));
        assert_eq!(answer(&composite, &named(&[(1, "e", &[(crc32, SUM)])])), "1");
        assert_eq!(answer(&composite, &named(&[(1, "e", &[])])), "InvalidRequest");
        assert_eq!(answer(&composite, &named(&[(1, "e", &[(crc32, "y/Q5Jg==")])])), "InvalidPart");
        assert_eq!(answer(&composite, &named(&[(1, "e", &[(Algorithm::Sha1, SUM)])])), "BadDigest");
        let full = upload(&store, Some((crc32, ChecksumType::FullObject)));
        assert_eq!(answer(&full, &named(&[(1, "e", &[])])), "1");
    }

    #[test]
    fn size_type_and_checksum_of_the_whole_object_are_checked() {
        let (_dir, store) = store();
        let full = upload(&store, Some((Algorithm::Crc32, ChecksumType::FullObject)));
        let one = named(&[(1, "e", &[])]);
        assert_eq!(answer(&full, &Completion { size: Some(0), ..one.clone() }), "1");
        assert_eq!(answer(&full, &Completion { size: Some(1), ..one.clone() }), "InvalidRequest");
        let typed = Completion { checksum_type: Some("COMPOSITE".to_owned()), ..one.clone() };
        assert_eq!(answer(&full, &typed), "InvalidRequest");
        let computed = &full.parts[&1].written.checksum;
        let stated = |value: &str| Completion {
            checksums: vec![(Algorithm::Crc32, value.to_owned())],
            checksum_type: Some("FULL_OBJECT".to_owned()),
            ..Completion::default()
        };
        assert!(full.check_whole(&stated(SUM), computed).is_ok());
        assert!(full.check_whole(&stated("y/Q5Jg=="), computed).is_err());
        assert!(full.check_whole(&Completion { checksum_type: None, ..stated(SUM) }, computed).is_err());
    }
}
