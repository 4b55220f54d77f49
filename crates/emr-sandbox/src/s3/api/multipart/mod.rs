//! The operations of multipart uploads.

pub(super) mod abort_multipart_upload;
pub(super) mod complete_multipart_upload;
pub(super) mod create_multipart_upload;
pub(super) mod list_parts;
pub(super) mod upload_part;
pub(super) mod upload_part_copy;

use s3s::dto::Initiator;

use super::bucket::owner;
use crate::s3::refusal::Refusal;

/// The initiator of all uploads.
pub(super) fn initiator() -> Initiator {
    Initiator { display_name: Some("emr-sandbox".to_owned()), id: owner().id }
}

/// Refuses a part number outside 1 to 10,000.
fn check_number(number: i32) -> Result<(), Refusal> {
    if (1..=10_000).contains(&number) {
        return Ok(());
    }
    let message = "Part number must be an integer between 1 and 10000, inclusive";
    Err(Refusal::argument("partNumber", &number.to_string(), message))
}
