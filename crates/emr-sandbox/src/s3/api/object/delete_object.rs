//! `DeleteObject`.

use s3s::dto::{DeleteObjectInput, DeleteObjectOutput};
use s3s::{S3ErrorCode, S3Request, S3Response, S3Result};

use crate::s3::api::version;
use crate::s3::refusal::Refusal;
use crate::s3::store::Store;
use crate::s3::store::condition::Condition;
use crate::s3::withheld::Withheld;

/// Headers that S3 accepts only for directory buckets.
const DIRECTORIES: [&str; 2] = ["x-amz-if-match-size", "x-amz-if-match-last-modified-time"];

pub(in crate::s3::api) fn delete_object(
    store: &Store,
    request: S3Request<DeleteObjectInput>,
) -> S3Result<S3Response<DeleteObjectOutput>> {
    let input = request.input;
    store.with_bucket(&input.bucket, |_| Ok(()))?;
    refuse_bypass(input.bypass_governance_retention)?;
    if let Some(name) = DIRECTORIES.into_iter().find(|name| request.headers.contains_key(*name)) {
        return Err(Refusal::header(name).into());
    }
    version::check(input.version_id.as_deref())?;
    let condition = Condition::of_delete(&Withheld::of(&request.extensions))?;
    store.delete(&input.bucket, &input.key, &condition)?;
    Ok(S3Response::new(DeleteObjectOutput::default()))
}

/// Refuses a header of Object Lock, which no bucket has.
pub(super) fn refuse_bypass(bypass: Option<bool>) -> Result<(), Refusal> {
    let name = "x-amz-bypass-governance-retention";
    if bypass.is_none() {
        return Ok(());
    }
    let message = format!("{name} is only applicable to Object Lock enabled buckets.");
    Err(Refusal::new(S3ErrorCode::InvalidArgument, message).with("ArgumentName", name))
}
