//! Decides whether the condition of a request holds. Pure.
//!
//! Writes are answered as by Amazon S3: 412 if an object exists or has another `ETag`, 404 if `If-Match` finds no
//! object, and 409 if the object changed while the body arrived or, for a multipart upload, since the upload started.

use std::time::SystemTime;

use chrono::{DateTime, Utc};

use super::error::StoreError;
use crate::s3::refusal::Refusal;
use crate::s3::withheld::Withheld;

/// The condition of a write or a delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// The request is unconditional.
    Always,
    /// No object has the key: `If-None-Match: *`.
    Absent,
    /// The object has this `ETag`, unquoted.
    Match(String),
    /// An object has the key: `If-Match: *`, which S3 accepts only for deletes.
    Exists,
}

/// What happened to a key between the start and the end of a write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Meanwhile {
    /// An object that existed may have been deleted.
    pub(crate) deleted: bool,
    /// An object was put.
    pub(crate) put: bool,
}

impl Condition {
    /// The condition of a write. S3 refuses both headers at once, an `ETag` in `If-None-Match`, and `*` in `If-Match`.
    pub(crate) fn of_write(headers: &Withheld) -> Result<Condition, Refusal> {
        match (headers.get("if-match"), headers.get("if-none-match")) {
            (None, None) => Ok(Condition::Always),
            (None, Some("*")) => Ok(Condition::Absent),
            (Some(etag), None) if etag != "*" => Ok(Condition::matching(etag)),
            (Some(_), Some(_)) => Err(Refusal::header("If-Match,If-None-Match")
                .with("additionalMessage", "Multiple conditional request headers present in the request")),
            (Some(_), None) => Err(unaccepted("If-Match")),
            (None, Some(_)) => Err(unaccepted("If-None-Match")),
        }
    }

    /// The condition of a delete, which may only have `If-Match`.
    pub(crate) fn of_delete(headers: &Withheld) -> Result<Condition, Refusal> {
        match headers.get("if-none-match") {
            Some(_) => Err(unaccepted("If-None-Match")),
            None => Ok(headers.get("if-match").map_or(Condition::Always, Condition::matching)),
        }
    }

    /// The condition of `If-Match: value`, quoted or not.
    pub(crate) fn matching(value: &str) -> Condition {
        match value.trim() {
            "*" => Condition::Exists,
            etag => Condition::Match(unquoted(etag).to_owned()),
        }
    }

    /// Fails unless the condition holds for the object at `key`, whose `ETag` is `current`.
    pub(crate) fn check(&self, key: &str, current: Option<&str>, meanwhile: Meanwhile) -> Result<(), StoreError> {
        let conflict = |condition| StoreError::ConditionalRequestConflict { condition, key: key.to_owned() };
        match (self, current) {
            (Condition::Absent, None) if meanwhile.deleted => Err(conflict("If-None-Match")),
            (Condition::Match(wanted), Some(etag)) if wanted == etag && meanwhile.put => Err(conflict("If-Match")),
            (Condition::Always, _) | (Condition::Absent, None) | (Condition::Exists, Some(_)) => Ok(()),
            (Condition::Match(wanted), Some(etag)) if wanted == etag => Ok(()),
            (Condition::Absent, Some(_)) => Err(StoreError::PreconditionFailed("If-None-Match")),
            (Condition::Match(_), Some(_)) => Err(StoreError::PreconditionFailed("If-Match")),
            (Condition::Match(_) | Condition::Exists, None) => Err(StoreError::NoSuchKey(key.to_owned())),
        }
    }
}

/// The refusal of a header value that S3 does not accept for writes.
fn unaccepted(name: &str) -> Refusal {
    let why = format!("We don't accept the provided value of {name} header for this API");
    Refusal::header(name).with("additionalMessage", why)
}

fn unquoted(etag: &str) -> &str {
    etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"')
}

/// The condition of a read, or of the source of a copy.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReadCondition {
    matches: Option<String>,
    none_match: Option<String>,
    modified_since: Option<SystemTime>,
    unmodified_since: Option<SystemTime>,
}

/// Whether a read proceeds, or else which header's condition failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Proceed,
    /// 304 to a GET or HEAD, 412 to a copy.
    NotModified(&'static str),
    /// 412.
    Failed(&'static str),
}

impl ReadCondition {
    /// The condition of a GET or HEAD.
    pub(crate) fn of_read(headers: &Withheld) -> ReadCondition {
        ReadCondition::with_prefix(headers, "")
    }

    /// The condition on the source of a copy.
    pub(crate) fn of_source(headers: &Withheld) -> ReadCondition {
        ReadCondition::with_prefix(headers, "x-amz-copy-source-")
    }

    /// Malformed dates are ignored, as RFC 9110 requires.
    fn with_prefix(headers: &Withheld, prefix: &str) -> ReadCondition {
        let text = |name: &str| headers.get(&format!("{prefix}{name}")).map(str::to_owned);
        let date = |name: &str| text(name).as_deref().and_then(parse_date);
        ReadCondition {
            matches: text("if-match"),
            none_match: text("if-none-match"),
            modified_since: date("if-modified-since"),
            unmodified_since: date("if-unmodified-since"),
        }
    }

    /// RFC 9110, section 13.2.2: a condition on time applies only without one on the `ETag`, and `If-Modified-Since`
    /// only to times up to the present.
    pub(crate) fn check(&self, etag: &str, last_modified: SystemTime, now: SystemTime) -> Verdict {
        let is = |listed: &str| listed.split(',').map(str::trim).any(|one| one == "*" || unquoted(one) == etag);
        match (&self.matches, self.unmodified_since) {
            (Some(listed), _) if !is(listed) => return Verdict::Failed("If-Match"),
            (None, Some(time)) if last_modified > time => return Verdict::Failed("If-Unmodified-Since"),
            _ => {}
        }
        match (&self.none_match, self.modified_since) {
            (Some(listed), _) if is(listed) => Verdict::NotModified("If-None-Match"),
            (None, Some(time)) if last_modified <= time && time <= now => Verdict::NotModified("If-Modified-Since"),
            _ => Verdict::Proceed,
        }
    }
}

fn parse_date(text: &str) -> Option<SystemTime> {
    let date = DateTime::parse_from_rfc2822(text).or_else(|_| DateTime::parse_from_rfc3339(text));
    date.ok().map(|date| date.with_timezone(&Utc).into())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hyper::Request;

    use super::*;

    fn withheld(headers: &[(&str, &str)]) -> Withheld {
        let mut request = Request::get("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut parts = request.body(()).unwrap().into_parts().0;
        Withheld::take_from(&mut parts);
        Withheld::of(&parts.extensions)
    }

    const UNCHANGED: Meanwhile = Meanwhile { deleted: false, put: false };
    const DELETED: Meanwhile = Meanwhile { deleted: true, put: false };
    const PUT: Meanwhile = Meanwhile { deleted: true, put: true };

    /// The code of S3's answer; `""` if the write succeeds.
    fn answer(condition: &Condition, current: Option<&str>, meanwhile: Meanwhile) -> String {
        let checked = condition.check("key", current, meanwhile);
        checked.map_or_else(|error| Refusal::from(error).code().to_owned(), |()| String::new())
    }

    #[test]
    fn a_create_succeeds_only_if_no_object_exists_or_was_deleted_meanwhile() {
        assert_eq!(answer(&Condition::Absent, None, UNCHANGED), "");
        assert_eq!(answer(&Condition::Absent, Some("e"), UNCHANGED), "PreconditionFailed");
        assert_eq!(answer(&Condition::Absent, Some("e"), DELETED), "PreconditionFailed");
        assert_eq!(answer(&Condition::Absent, None, DELETED), "ConditionalRequestConflict");
    }

    #[test]
    fn an_update_needs_the_current_etag_and_an_existing_object() {
        let condition = Condition::matching("\"e\"");
        assert_eq!(answer(&condition, Some("e"), UNCHANGED), "");
        assert_eq!(answer(&condition, Some("f"), UNCHANGED), "PreconditionFailed");
        assert_eq!(answer(&condition, None, UNCHANGED), "NoSuchKey");
        assert_eq!(answer(&condition, Some("e"), PUT), "ConditionalRequestConflict");
        assert_eq!(answer(&Condition::matching("*"), Some("f"), UNCHANGED), "");
        assert_eq!(answer(&Condition::matching("*"), None, UNCHANGED), "NoSuchKey");
    }

    #[test]
    fn writes_accept_a_star_to_create_and_an_etag_to_update() {
        let of = |headers: &[(&str, &str)]| Condition::of_write(&withheld(headers));
        assert_eq!(of(&[]).unwrap(), Condition::Always);
        assert_eq!(of(&[("If-None-Match", "*")]).unwrap(), Condition::Absent);
        assert_eq!(of(&[("If-Match", "\"bad-char_/\"")]).unwrap(), Condition::Match("bad-char_/".to_owned()));
        for refused in
            [&[("If-None-Match", "\"e\"")][..], &[("If-Match", "*")], &[("If-Match", "\"e\""), ("If-None-Match", "*")]]
        {
            assert_eq!(of(refused).unwrap_err().code(), "NotImplemented");
        }
        assert_eq!(Condition::of_delete(&withheld(&[("If-Match", "*")])).unwrap(), Condition::Exists);
    }

    #[test]
    fn a_read_condition_on_the_etag_overrides_one_on_time() {
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let now = modified + Duration::from_mins(1);
        let check = |headers: &[(&str, &str)]| {
            let condition = ReadCondition::of_read(&withheld(headers));
            condition.check("e", modified, now)
        };
        let before = "Sun, 09 Sep 2001 01:46:39 GMT";
        let at = "Sun, 09 Sep 2001 01:46:40 GMT";
        let future = "Sat, 01 Jan 2050 00:00:00 GMT";
        assert_eq!(check(&[]), Verdict::Proceed);
        assert_eq!(check(&[("If-Match", "e"), ("If-Unmodified-Since", before)]), Verdict::Proceed);
        assert_eq!(check(&[("If-Match", "\"f\"")]), Verdict::Failed("If-Match"));
        assert_eq!(check(&[("If-Match", "\"f\", \"e\"")]), Verdict::Proceed);
        assert_eq!(check(&[("If-None-Match", "e")]), Verdict::NotModified("If-None-Match"));
        assert_eq!(check(&[("If-None-Match", "f"), ("If-Modified-Since", at)]), Verdict::Proceed);
        assert_eq!(check(&[("If-Modified-Since", at)]), Verdict::NotModified("If-Modified-Since"));
        assert_eq!(check(&[("If-Unmodified-Since", before)]), Verdict::Failed("If-Unmodified-Since"));
        assert_eq!(check(&[("If-Modified-Since", future)]), Verdict::Proceed);
        assert_eq!(check(&[("If-Modified-Since", "yesterday")]), Verdict::Proceed);
    }
}
