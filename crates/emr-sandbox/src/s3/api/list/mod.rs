//! Lists of names, in pages, encoded on request.
//!
//! [`page`] makes pages, [`names`] writes names, [`token`] continues a list.

pub(super) mod list_multipart_uploads;
pub(super) mod list_object_versions;
pub(super) mod list_objects;
pub(super) mod list_objects_v2;
mod names;
mod page;
pub(super) mod token;

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};

use super::bucket::name_of;

/// The page size, as a number for the page and for the answer.
pub(super) fn limit(requested: Option<i32>) -> (usize, i32) {
    let shown = requested.unwrap_or(MAX_ENTRIES).clamp(0, MAX_ENTRIES);
    (usize::try_from(shown).unwrap_or_default(), shown)
}

/// The header with a bucket's region, which S3 adds outside the default region.
fn region_header(constraint: Option<String>) -> HeaderMap {
    let region = constraint.and_then(|constraint| HeaderValue::try_from(name_of(Some(constraint))).ok());
    region.into_iter().map(|region| (HeaderName::from_static("x-amz-bucket-region"), region)).collect()
}

/// S3's largest page.
const MAX_ENTRIES: i32 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_at_most_a_thousand_entries() {
        assert_eq!(limit(None), (1000, 1000));
        assert_eq!(limit(Some(5000)), (1000, 1000));
        assert_eq!(limit(Some(0)), (0, 0));
    }
}
