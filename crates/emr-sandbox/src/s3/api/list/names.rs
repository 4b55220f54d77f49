//! How an answer writes names: plain or percent-encoded.

use s3s::dto::{self, CommonPrefix, ETag, EncodingType, ObjectStorageClass};

use super::page::Page;
use crate::s3::api::bucket::owner;
use crate::s3::api::signed;
use crate::s3::percent;
use crate::s3::refusal::Refusal;
use crate::s3::store::Object;

/// The encoding that a request asks for.
pub(super) struct Names {
    encoded: bool,
}

impl Names {
    /// S3 knows only the encoding `url`.
    pub(super) fn of(encoding: Option<&EncodingType>) -> Result<Names, Refusal> {
        match encoding.map(EncodingType::as_str) {
            None => Ok(Names { encoded: false }),
            Some(EncodingType::URL) => Ok(Names { encoded: true }),
            Some(other) => {
                let message = "Invalid Encoding Method specified in Request";
                Err(Refusal::argument("encoding-type", other, message))
            }
        }
    }

    pub(super) fn encode(&self, name: &str) -> String {
        if self.encoded { percent::encode(name) } else { name.to_owned() }
    }

    pub(super) fn common_prefixes<T>(&self, page: &Page<T>) -> Vec<CommonPrefix> {
        let prefixes = page.common_prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(self.encode(prefix)) });
        prefixes.collect()
    }

    pub(super) fn contents(&self, page: &Page<Object>, with_owner: bool) -> Vec<dto::Object> {
        let contents = page.entries.iter().map(|object| dto::Object {
            key: Some(self.encode(&object.key)),
            e_tag: Some(ETag::Strong(object.etag.clone())),
            last_modified: Some(object.last_modified.into()),
            size: Some(signed(object.size)),
            storage_class: Some(ObjectStorageClass::from(object.description.storage.class.clone())),
            owner: with_owner.then(owner),
            checksum_algorithm: Some(vec![object.checksum.algorithm.into()]),
            checksum_type: Some(object.checksum.checksum_type.into()),
            ..dto::Object::default()
        });
        contents.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_or_url_encoded() {
        let encoding = |name: &'static str| EncodingType::from_static(name);
        assert_eq!(Names::of(None).unwrap().encode("a b"), "a b");
        assert_eq!(Names::of(Some(&encoding("url"))).unwrap().encode("a b"), "a%20b");
        assert!(Names::of(Some(&encoding("bad"))).is_err());
    }
}
