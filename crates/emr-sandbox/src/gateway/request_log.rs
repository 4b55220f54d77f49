//! The request log: a JSON line per request, answered or cut.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Mutex;

use chrono::SecondsFormat;
use emr_cli::clock;
use hyper::HeaderMap;
use hyper::header::USER_AGENT;
use serde::Serialize;

use crate::lock::lock;

/// The log file, if there is one.
pub(crate) struct RequestLog(Option<Mutex<File>>);

/// A line.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    /// When the answer was ready, RFC 3339.
    time: String,
    /// `emr`, `s3`, `webhdfs`, `sts` or `iam`.
    service: &'a str,
    operation: &'a str,
    /// The name that the client gives itself (`app/NAME` in its `User-Agent`), as each of the tools does.
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<&'a str>,
    /// The region that the request belongs to, for EMR and S3.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    /// The HTTP status; 0 if the connection was cut.
    status: u16,
    /// The fault that was injected.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'a str>,
}

impl<'a> Line<'a> {
    pub(crate) fn new(
        service: &'a str,
        operation: &'a str,
        app: Option<&'a str>,
        status: u16,
        fault: Option<&'a str>,
    ) -> Self {
        let time = clock::now().to_rfc3339_opts(SecondsFormat::Millis, true);
        Self { time, service, operation, app, region: None, status, fault }
    }

    /// The same of a request that is signed for `region`.
    pub(crate) fn signed_for(self, region: &'a str) -> Self {
        Self { region: Some(region), ..self }
    }
}

/// The name that the client gives itself in the headers of a request.
pub(crate) fn app(headers: &HeaderMap) -> Option<String> {
    let agent = headers.get(USER_AGENT)?.to_str().ok()?;
    agent.split(' ').find_map(|word| word.strip_prefix("app/")).map(str::to_owned)
}

impl RequestLog {
    /// Opens `file` to append to it.
    pub(crate) fn open(file: Option<&Path>) -> io::Result<Self> {
        let open = |file| OpenOptions::new().create(true).append(true).open(file);
        Ok(Self(file.map(open).transpose()?.map(Mutex::new)))
    }

    /// Writes a line before the answer is sent, so that a client with an answer finds its line.
    pub(crate) fn write(&self, line: &Line<'_>) {
        let Some(file) = &self.0 else {
            return;
        };
        let mut file = lock(file);
        let written = serde_json::to_vec(line).map_err(io::Error::from).and_then(|mut bytes| {
            bytes.push(b'\n');
            file.write_all(&bytes)
        });
        if let Err(error) = written {
            log::warn!("cannot write the request log: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_may_name_itself() {
        let named = |agent: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(USER_AGENT, agent.parse().unwrap());
            app(&headers)
        };
        assert_eq!(named("aws-sdk-rust/1.3 os/linux app/find-pool").as_deref(), Some("find-pool"));
        assert_eq!(named("curl/8.5"), None);
        assert_eq!(app(&HeaderMap::new()), None);
    }
}
