//! Warns of a request without an answer for 10 s, so that a waiting user knows what the tool is doing.
//!
//! It counts from the first attempt: several attempts that each time out early can take minutes in all.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use tokio::time::{Instant, sleep_until};

/// The time without an answer after which the user is warned.
const LONG: Duration = Duration::from_secs(10);

/// Requests with larger bodies are uploads, which take long anyway.
const LARGE: u64 = 1 << 20;

/// Unanswered requests, by their keys.
#[derive(Debug, Clone, Default)]
pub(super) struct Silences(Arc<Mutex<HashMap<u64, Silence>>>);

#[derive(Debug, Clone, Copy)]
struct Silence {
    since: Instant,
    is_said: bool,
}

impl Silences {
    /// Sends `request` by `send` and warns if no answer comes.
    pub(super) fn watch(
        &self,
        request: HttpRequest,
        send: impl FnOnce(HttpRequest) -> HttpConnectorFuture,
    ) -> HttpConnectorFuture {
        let (name, key) = (name(&request), key(&request));
        let is_large = request.body().content_length().is_none_or(|bytes| bytes > LARGE);
        let answer = send(request);
        if is_large { answer } else { self.clone().told(name, key, answer) }
    }

    fn told(self, name: String, key: u64, mut answer: HttpConnectorFuture) -> HttpConnectorFuture {
        HttpConnectorFuture::new(async move {
            let silence = *self.lock().entry(key).or_insert(Silence { since: Instant::now(), is_said: false });
            let answered = tokio::select! {
                biased;
                answered = &mut answer => answered,
                () = sleep_until(silence.since + LONG), if !silence.is_said => {
                    self.say(&name, key);
                    answer.await
                }
            };
            self.lock().remove(&key);
            answered
        })
    }

    fn say(&self, name: &str, key: u64) {
        if let Some(silence) = self.lock().get_mut(&key).filter(|silence| !silence.is_said) {
            silence.is_said = true;
            log::warn!("no answer for {} s to {name}; still waiting", silence.since.elapsed().as_secs());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Silence>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The request in words: the operation of EMR, or the method and path, and the host.
fn name(request: &HttpRequest) -> String {
    let uri = request.uri();
    let (_, rest) = uri.split_once("://").unwrap_or_default();
    let (host, path) = rest.find(['/', '?']).map_or((rest, ""), |end| rest.split_at(end));
    let path = path.split('?').next().unwrap_or_default();
    match request.headers().get("x-amz-target").and_then(|target| target.rsplit('.').next()) {
        Some(operation) => format!("{operation} from {host}"),
        None => format!("{} {} from {host}", request.method(), if path.is_empty() { "/" } else { path }),
    }
}

/// A key that all attempts at one request share. All calls to EMR have the same path, so their bodies count; the body
/// of a lock is new in each attempt, so on S3 bodies do not count.
fn key(request: &HttpRequest) -> u64 {
    let mut key = DefaultHasher::new();
    (request.method(), request.uri()).hash(&mut key);
    if let Some(operation) = request.headers().get("x-amz-target") {
        (operation, request.body().bytes()).hash(&mut key);
    }
    key.finish()
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn request(uri: &str, target: Option<&str>) -> HttpRequest {
        let mut request = HttpRequest::new(SdkBody::from("{}"));
        request.set_uri(uri).unwrap();
        if let Some(target) = target {
            request.headers_mut().insert("x-amz-target", target.to_owned());
        }
        request
    }

    #[test]
    fn a_request_is_named_by_its_operation_or_its_path() {
        let of_emr = request("https://elasticmapreduce.us-east-1.amazonaws.com/", Some("ElasticMapReduce.ListSteps"));
        assert_eq!(name(&of_emr), "ListSteps from elasticmapreduce.us-east-1.amazonaws.com");
        assert_eq!(
            name(&request("http://127.0.0.1:90/b/locks/x?versionId=1", None)),
            "GET /b/locks/x from 127.0.0.1:90"
        );
        assert_eq!(name(&request("http://127.0.0.1:90", None)), "GET / from 127.0.0.1:90");
    }

    #[test]
    fn all_attempts_at_one_request_share_a_silence() {
        let of_emr = |body: &'static str| {
            let mut request = request("http://127.0.0.1:90/", Some("ElasticMapReduce.ListSteps"));
            *request.body_mut() = SdkBody::from(body);
            key(&request)
        };
        assert_eq!(of_emr("{\"ClusterId\":\"j-A\"}"), of_emr("{\"ClusterId\":\"j-A\"}"));
        assert_ne!(of_emr("{\"ClusterId\":\"j-A\"}"), of_emr("{\"ClusterId\":\"j-B\"}"));
        let lock = |body: &'static str| {
            let mut request = request("http://127.0.0.1:90/b/locks/x", None);
            *request.body_mut() = SdkBody::from(body);
            key(&request)
        };
        assert_eq!(lock("a nonce"), lock("another nonce"));
    }
}
