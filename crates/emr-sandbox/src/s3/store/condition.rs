//! Decides whether the condition of a request holds. Pure.
//!
//! Writes answer as Amazon S3 does: 412 where an object exists or has another `ETag`, 404 where `If-Match`
//! finds no object, and 409 where the object that `If-None-Match: *` conflicts with was deleted while the
//! body was coming in.

use hyper::HeaderMap;
use hyper::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use s3s::dto::{ETagCondition, Timestamp};
use s3s::{S3Result, s3_error};

use super::error::StoreError;

/// What must hold for a write or a delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// The request is unconditional.
    Always,
    /// No object has the key: `If-None-Match: *`.
    Absent,
    /// The object has this `ETag`, unquoted.
    Match(String),
    /// An object has the key: `If-Match: *`.
    Exists,
}

impl Condition {
    /// Parses `If-Match` and `If-None-Match` of a write. S3 refuses both at once, and an `ETag` in
    /// `If-None-Match`.
    pub(crate) fn from_headers(headers: &HeaderMap) -> S3Result<Condition> {
        let if_match = text(headers, &IF_MATCH)?;
        let if_none_match = text(headers, &IF_NONE_MATCH)?;
        match (if_match, if_none_match) {
            (None, None) => Ok(Condition::Always),
            (None, Some("*")) => Ok(Condition::Absent),
            (Some(etag), None) => Ok(Condition::matching(etag)),
            _ => Err(s3_error!(NotImplemented, "A header you provided implies functionality that is not implemented")),
        }
    }

    /// The condition of `If-Match: value`, quoted or not.
    pub(crate) fn matching(value: &str) -> Condition {
        match value.trim() {
            "*" => Condition::Exists,
            etag => Condition::Match(etag.trim_matches('"').to_owned()),
        }
    }

    /// Fails unless the condition holds for the object whose `ETag` is `current`. `existed` is whether
    /// there was an object when the request began.
    pub(crate) fn check(&self, current: Option<&str>, existed: bool) -> Result<(), StoreError> {
        match (self, current) {
            (Condition::Absent, None) if existed => Err(StoreError::ConditionalRequestConflict),
            (Condition::Always, _) | (Condition::Absent, None) | (Condition::Exists, Some(_)) => Ok(()),
            (Condition::Match(wanted), Some(etag)) if wanted == etag => Ok(()),
            (Condition::Absent | Condition::Match(_), Some(_)) => Err(StoreError::PreconditionFailed),
            (Condition::Match(_) | Condition::Exists, None) => Err(StoreError::NoSuchKey),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> S3Result<Option<&'a str>> {
    headers
        .get(name)
        .map(|value| value.to_str().map_err(|_| s3_error!(InvalidArgument, "The header {name} is not text")))
        .transpose()
}

/// What must hold for a read, or for the source of a copy.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReadCondition {
    pub(crate) matches: Option<ETagCondition>,
    pub(crate) none_match: Option<ETagCondition>,
    pub(crate) modified_since: Option<Timestamp>,
    pub(crate) unmodified_since: Option<Timestamp>,
}

/// How a read continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Proceed,
    /// 304 to a GET or HEAD, 412 to a copy.
    NotModified,
    /// 412.
    Failed,
}

impl ReadCondition {
    /// RFC 9110, section 13.2.2: a condition on time counts only without one on the `ETag`.
    pub(crate) fn check(&self, etag: &str, last_modified: &Timestamp) -> Verdict {
        let is = |condition: &ETagCondition| condition.as_etag().is_none_or(|wanted| wanted.value() == etag);
        let holds = match (&self.matches, &self.unmodified_since) {
            (Some(condition), _) => is(condition),
            (None, Some(time)) => last_modified <= time,
            (None, None) => true,
        };
        if !holds {
            return Verdict::Failed;
        }
        let is_modified = match (&self.none_match, &self.modified_since) {
            (Some(condition), _) => !is(condition),
            (None, Some(time)) => last_modified > time,
            (None, None) => true,
        };
        if is_modified { Verdict::Proceed } else { Verdict::NotModified }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use hyper::header::HeaderValue;
    use s3s::dto::ETag;

    use super::*;

    /// The code of S3's answer, `""` when the write goes through.
    fn answer(condition: &Condition, current: Option<&str>, existed: bool) -> String {
        condition.check(current, existed).map_or_else(|error| error.code().as_str().to_owned(), |()| String::new())
    }

    #[test]
    fn a_create_succeeds_only_where_no_object_is_and_none_was_deleted_meanwhile() {
        assert_eq!(answer(&Condition::Absent, None, false), "");
        assert_eq!(answer(&Condition::Absent, Some("e"), false), "PreconditionFailed");
        assert_eq!(answer(&Condition::Absent, Some("e"), true), "PreconditionFailed");
        assert_eq!(answer(&Condition::Absent, None, true), "ConditionalRequestConflict");
    }

    #[test]
    fn an_update_needs_the_very_etag_and_an_absent_object_is_not_found() {
        let condition = Condition::matching("\"e\"");
        assert_eq!(answer(&condition, Some("e"), true), "");
        assert_eq!(answer(&condition, Some("f"), true), "PreconditionFailed");
        assert_eq!(answer(&condition, None, true), "NoSuchKey");
        assert_eq!(answer(&Condition::matching("*"), Some("f"), true), "");
        assert_eq!(answer(&Condition::matching("*"), None, false), "NoSuchKey");
    }

    #[test]
    fn an_etag_in_if_none_match_of_a_write_is_not_implemented_as_in_s3() {
        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static("\"e\""));
        assert_eq!(Condition::from_headers(&headers).unwrap_err().code().as_str(), "NotImplemented");
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static("*"));
        assert_eq!(Condition::from_headers(&headers).unwrap(), Condition::Absent);
        headers.insert(IF_MATCH, HeaderValue::from_static("\"e\""));
        assert!(Condition::from_headers(&headers).is_err());
    }

    #[test]
    fn a_read_condition_on_the_etag_silences_the_one_on_time() {
        let epoch = SystemTime::UNIX_EPOCH;
        let then = Timestamp::from(epoch + Duration::from_secs(1_000));
        let etag = |value: &str| Some(ETagCondition::ETag(ETag::Strong(value.to_owned())));
        let check = |condition: ReadCondition| condition.check("e", &then);
        assert_eq!(check(ReadCondition::default()), Verdict::Proceed);
        assert_eq!(
            check(ReadCondition {
                matches: etag("e"),
                unmodified_since: Some(epoch.into()),
                ..ReadCondition::default()
            }),
            Verdict::Proceed
        );
        assert_eq!(check(ReadCondition { matches: etag("f"), ..ReadCondition::default() }), Verdict::Failed);
        assert_eq!(check(ReadCondition { none_match: etag("e"), ..ReadCondition::default() }), Verdict::NotModified);
        assert_eq!(
            check(ReadCondition { modified_since: Some(then.clone()), ..ReadCondition::default() }),
            Verdict::NotModified
        );
    }
}
