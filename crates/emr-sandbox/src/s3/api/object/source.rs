//! What a copy reads: the source, if the conditions on it hold, and a slice of its body.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops;
use std::sync::Arc;

use hyper::HeaderMap;
use hyper::http::Extensions;
use s3s::dto::CopySource;
use s3s::{S3Error, S3ErrorCode, S3Result};

use crate::s3::api::blocking::blocking;
use crate::s3::api::version;
use crate::s3::refusal::Refusal;
use crate::s3::store::body::Written;
use crate::s3::store::checksum::Algorithm;
use crate::s3::store::condition::{ReadCondition, Verdict};
use crate::s3::store::error::StoreError;
use crate::s3::store::object::now;
use crate::s3::store::storage::SOURCE_CUSTOMER;
use crate::s3::store::{Object, Store};
use crate::s3::withheld::Withheld;

/// The bucket and the object that a copy reads, if the conditions on it hold.
pub(in crate::s3::api) fn find(
    store: &Store,
    source: &CopySource,
    (headers, extensions): (&HeaderMap, &Extensions),
) -> Result<(String, Object), Refusal> {
    let CopySource::Bucket { bucket, key, version_id } = source else {
        let message = "Copies from access points are not implemented";
        return Err(Refusal::new(S3ErrorCode::NotImplemented, message));
    };
    store.with_bucket(bucket, |_| Ok(()))?;
    version::check(version_id.as_deref())?;
    let object = store.find(bucket, key)?;
    let storage = &object.description.storage;
    storage.check_readable("Operation is not valid for the source object's storage class")?;
    storage.encryption.check_key(headers, SOURCE_CUSTOMER)?;
    let condition = ReadCondition::of_source(&Withheld::of(extensions));
    match condition.check(&object.etag, object.last_modified, now()) {
        Verdict::Proceed => Ok((bucket.to_string(), object)),
        Verdict::NotModified(header) | Verdict::Failed(header) => {
            let message = "At least one of the pre-conditions you specified did not hold";
            let refusal = Refusal::new(S3ErrorCode::PreconditionFailed, message);
            Err(refusal.with("Condition", format!("x-amz-copy-source-{header}")))
        }
    }
}

/// Writes a new body with these bytes of `source`.
pub(in crate::s3::api) async fn slice(
    store: &Arc<Store>,
    source: Object,
    bytes: ops::Range<u64>,
    algorithm: Algorithm,
) -> S3Result<Written> {
    let copy = move |store: &Store| -> Result<Written, StoreError> {
        let mut file = File::open(source.path())?;
        file.seek(SeekFrom::Start(bytes.start))?;
        let mut draft = store.draft(algorithm)?;
        draft.copy_from(file.take(bytes.end - bytes.start))?;
        Ok(draft.finish())
    };
    blocking(store, copy).await?.map_err(S3Error::from)
}
