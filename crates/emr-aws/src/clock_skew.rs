//! The clock skew behind a refused signature.
//!
//! The SDK learns the skew from the `Date` of each answer and signs the next request by AWS's clock. When AWS still
//! refuses, the error names the skew, so that the user can correct the clock.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use chrono::NaiveDateTime;

/// The skew that is harmless. AWS refuses from five minutes on; the SDK corrects from four on.
const TOLERATED: Duration = Duration::from_mins(4);

/// The times of a request, which its answer carries. The wall clock may have jumped when the answer comes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    /// This machine's time when the request was sent, by the clock of the SDK.
    pub(super) at: SystemTime,
    /// The time in its signature, which the SDK has corrected by the skew that it knows.
    pub(super) signed: SystemTime,
}

impl Sent {
    /// The times of `request`, which is sent `at` this time.
    pub(super) fn of(request: &HttpRequest, at: SystemTime) -> Self {
        let date = request.headers().get("x-amz-date");
        let signed = date.and_then(|date| NaiveDateTime::parse_from_str(date, "%Y%m%dT%H%M%SZ").ok());
        Self { at, signed: signed.map_or(at, |signed| SystemTime::from(signed.and_utc())) }
    }
}

/// A skew that AWS does not tolerate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClockSkew {
    /// This machine's clock is slow.
    Behind(Duration),
    /// This machine's clock is fast.
    Ahead(Duration),
}

impl ClockSkew {
    /// The skew between the `Date` of `response` and `now`; `None` if AWS tolerates it.
    pub(super) fn of(response: &HttpResponse, now: SystemTime) -> Option<Self> {
        let date = DateTime::from_str(response.headers().get("date")?, Format::HttpDate).ok()?;
        let theirs = SystemTime::try_from(date).ok()?;
        let skew = match theirs.duration_since(now) {
            Ok(behind) => Self::Behind(behind),
            Err(ahead) => Self::Ahead(ahead.duration()),
        };
        let (Self::Behind(by) | Self::Ahead(by)) = skew;
        (by > TOLERATED).then_some(skew)
    }
}

impl fmt::Display for ClockSkew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (by, side) = match self {
            Self::Behind(by) => (by, "behind"),
            Self::Ahead(by) => (by, "ahead of"),
        };
        let minutes = (by.as_secs() + 30) / 60;
        let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
        let parts = [(days, "d"), (hours, "h"), (minutes, "m")];
        let parts: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
        write!(f, "this machine's clock is {} {side} AWS's", parts.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    use super::*;

    #[test]
    fn the_time_in_a_signature_is_read_from_its_header() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_hours(24);
        let signed = |date: Option<&'static str>| {
            let mut request = HttpRequest::new(SdkBody::empty());
            date.map(|date| request.headers_mut().insert("x-amz-date", date));
            let sent = Sent::of(&request, at);
            assert_eq!(sent.at, at);
            sent.signed
        };
        assert_eq!(signed(Some("19700102T020310Z")), at + Duration::from_secs(2 * 3600 + 190));
        assert_eq!((signed(Some("yesterday")), signed(None)), (at, at));
    }

    #[test]
    fn a_skew_that_aws_does_not_tolerate_is_described() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_hours(24);
        let told = |date: &'static str| {
            let mut response = HttpResponse::new(StatusCode::try_from(403).unwrap(), SdkBody::empty());
            response.headers_mut().insert("date", date);
            ClockSkew::of(&response, now).map(|skew| skew.to_string())
        };
        let of = |text: &str| Some(text.to_owned());
        assert_eq!(told("Fri, 02 Jan 1970 02:03:10 GMT"), of("this machine's clock is 2h 3m behind AWS's"));
        assert_eq!(told("Thu, 01 Jan 1970 23:50:00 GMT"), of("this machine's clock is 10m ahead of AWS's"));
        assert_eq!(told("Fri, 02 Jan 1970 00:03:00 GMT"), None);
        assert_eq!(told("yesterday"), None);
    }
}
