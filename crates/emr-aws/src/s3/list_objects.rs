//! `ListObjectsV2`: the objects under a prefix, 1,000 a call.

use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::{EncodingType, Object, ObjectStorageClass, OptionalObjectAttributes, RestoreStatus};
use emr_core::error::{CallError, Error, Result, StrangeAnswer};
use emr_core::model::log::{LogFile, Place};
use emr_core::model::s3_uri::S3Uri;

use super::{S3, asked, lacks};
use crate::convert;
use crate::paging::Paging;

/// The pages of a list of objects, fetched one by one.
pub struct ObjectPages<'a> {
    s3: &'a S3,
    below: S3Uri,
    at_most: Option<i32>,
    paging: Paging,
}

/// An object in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedObject {
    /// Its key.
    pub key: String,
    /// Its size.
    pub bytes: u64,
    /// Its version; some stores do not send it.
    pub etag: Option<String>,
    /// Whether it cannot be read, because it is archived and not restored.
    pub is_archived: bool,
}

impl S3 {
    /// Lists the log files whose keys begin with `below`, in the order of their keys.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
    #[must_use]
    pub fn logs_below(&self, below: S3Uri) -> ObjectPages<'_> {
        self.objects_below(below)
    }

    /// Lists the objects whose keys begin with `below`, in the order of their keys.
    #[must_use]
    pub fn objects_below(&self, below: S3Uri) -> ObjectPages<'_> {
        ObjectPages { s3: self, below, at_most: None, paging: Paging::default() }
    }

    /// The first object whose key begins with `below`.
    pub async fn first_below(&self, below: S3Uri) -> Result<Option<ListedObject>> {
        let mut pages = ObjectPages { at_most: Some(1), ..self.objects_below(below) };
        Ok(pages.next_objects().await?.and_then(|objects| objects.into_iter().next()))
    }
}

/// Moves on past `page`. Neither `IsTruncated` nor the token of the next page may be missing.
pub(super) fn turn(paging: &mut Paging, page: &ListObjectsV2Output) -> Result<()> {
    match (page.is_truncated(), page.next_continuation_token()) {
        (None, _) => Err(lacks("ListObjectsV2", "IsTruncated")),
        (Some(true), None) => Err(lacks("ListObjectsV2", "NextContinuationToken")),
        (Some(true), token) => paging.turn("ListObjectsV2", token),
        (Some(false), _) => paging.turn("ListObjectsV2", None),
    }
}

/// Checks that each object of `page` has a key and a size: without them it would be passed over, or taken for empty.
/// Decodes the keys. We ask S3 to URL-encode them, because XML cannot carry control characters. Stores without this
/// feature send them unencoded.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
pub(super) fn decode(page: &mut ListObjectsV2Output) -> Result<()> {
    if page.contents().iter().any(|object| object.key().is_none()) {
        return Err(lacks("ListObjectsV2", "the key of an object"));
    }
    if page.contents().iter().any(|object| object.size().is_none_or(i64::is_negative)) {
        return Err(lacks("ListObjectsV2", "the size of an object"));
    }
    if page.encoding_type != Some(EncodingType::Url) {
        return Ok(());
    }
    for object in page.contents.iter_mut().flatten() {
        object.key = object.key.take().map(|key| decoded(&key)).transpose()?;
    }
    Ok(())
}

fn decoded(key: &str) -> Result<String> {
    let strange = |_| CallError::strange("ListObjectsV2", &StrangeAnswer::new("with a key that is not UTF-8").into());
    Ok(urlencoding::decode(&key.replace('+', " ")).map_err(strange)?.into_owned())
}

impl ObjectPages<'_> {
    /// The log files on the next page; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<LogFile>>> {
        let Some(page) = self.page().await? else { return Ok(None) };
        let file = |object: &Object| {
            let uri = S3Uri { bucket: self.below.bucket.clone(), key: object.key()?.to_owned() };
            let time = convert::time(object.last_modified());
            Some(LogFile { place: Place::S3 { uri }, bytes: size(object), time })
        };
        Ok(Some(page.contents().iter().filter_map(file).filter(|file| !file.place.path().ends_with('/')).collect()))
    }

    /// The objects on the next page; `None` after the last.
    pub async fn next_objects(&mut self) -> Result<Option<Vec<ListedObject>>> {
        let Some(page) = self.page().await? else { return Ok(None) };
        Ok(Some(page.contents().iter().filter_map(listed).collect()))
    }

    async fn page(&mut self) -> Result<Option<ListObjectsV2Output>> {
        if self.paging.is_done() {
            return Ok(None);
        }
        let page = self.s3.follow(&self.below.bucket, async |located| {
            let list = self.s3.sdk.list_objects_v2().bucket(&self.below.bucket).prefix(&self.below.key);
            let list = list.encoding_type(EncodingType::Url);
            let list = list.optional_object_attributes(OptionalObjectAttributes::RestoreStatus);
            let list = list.set_max_keys(self.at_most).set_continuation_token(self.paging.marker());
            asked("ListObjectsV2", list.customize().config_override(located).send().await)
        });
        let mut page = page.await.map_err(|failure| Error::from(failure).on(&self.below))?;
        decode(&mut page).map_err(|error| error.on(&self.below))?;
        turn(&mut self.paging, &page).map_err(|error| error.on(&self.below))?;
        Ok(Some(page))
    }

    /// All remaining log files.
    pub async fn all(mut self) -> Result<Vec<LogFile>> {
        let mut all = Vec::new();
        while let Some(page) = self.next().await? {
            all.extend(page);
        }
        Ok(all)
    }
}

fn listed(object: &Object) -> Option<ListedObject> {
    Some(ListedObject {
        key: object.key()?.to_owned(),
        bytes: size(object),
        etag: object.e_tag().map(str::to_owned),
        is_archived: is_archived(object),
    })
}

pub(super) fn size(object: &Object) -> u64 {
    object.size().and_then(|size| size.try_into().ok()).unwrap_or_default()
}

/// Whether an object is archived and not restored. Only a restored copy has an expiry date.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreStatus.html>
fn is_archived(object: &Object) -> bool {
    let is_archive =
        matches!(object.storage_class(), Some(ObjectStorageClass::Glacier | ObjectStorageClass::DeepArchive));
    is_archive && object.restore_status().and_then(RestoreStatus::restore_expiry_date).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(encoding: Option<EncodingType>, key: &str) -> Result<Option<String>> {
        let object = Object::builder().key(key).size(1).build();
        let mut page = ListObjectsV2Output::builder().set_encoding_type(encoding).contents(object).build();
        decode(&mut page).map(|()| page.contents()[0].key().map(str::to_owned))
    }

    #[test]
    fn an_object_without_key_or_size_is_an_error_and_is_not_passed_over() {
        for (object, lacking) in [
            (Object::builder().size(1).build(), "without the key of an object"),
            (Object::builder().key("out/a").build(), "without the size of an object"),
            (Object::builder().key("out/a").size(-1).build(), "without the size of an object"),
        ] {
            let mut page = ListObjectsV2Output::builder().contents(object).build();
            let error = decode(&mut page).unwrap_err().to_string();
            assert!(error.contains(lacking), "{error}");
        }
    }

    #[test]
    fn keys_are_decoded_if_the_store_says_that_they_are_encoded() {
        let key = "out/a+b%20c%2B%1B%25%E2%82%AC";
        assert_eq!(keys(Some(EncodingType::Url), key).unwrap().unwrap(), "out/a b c+\u{1b}%€");
        assert_eq!(keys(None, key).unwrap().unwrap(), key);
        assert!(keys(Some(EncodingType::Url), "%FF").unwrap_err().to_string().contains("a key that is not UTF-8"));
    }
}
