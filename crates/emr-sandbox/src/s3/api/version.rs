//! Version ids on buckets without versions. Pure.

use crate::s3::refusal::Refusal;

/// The version id of every object.
pub(super) const UNVERSIONED: &str = "null";

/// Fails for any other version id.
pub(super) fn check(version: Option<&str>) -> Result<(), Refusal> {
    let message = match version {
        None | Some(UNVERSIONED) => return Ok(()),
        Some("") => "Version id cannot be the empty string",
        Some(_) => "Invalid version id specified",
    };
    Err(Refusal::argument("versionId", version.unwrap_or_default(), message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_version_is_null_and_any_other_is_refused() {
        assert!(check(None).is_ok() && check(Some("null")).is_ok());
        for version in ["xyz", ""] {
            assert_eq!(check(Some(version)).unwrap_err().code(), "InvalidArgument");
        }
    }
}
