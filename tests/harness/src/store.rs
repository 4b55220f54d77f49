//! A store with S3's interface and a rule of the test, for behaviour that neither the sandbox nor other stores have.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

use crate::run;

/// A request to the store.
#[derive(Debug, Clone)]
pub struct StoreRequest {
    /// The method.
    pub method: String,
    /// The path, which begins with the bucket.
    pub path: String,
    /// The part after the question mark.
    pub query: String,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

/// An answer of the store.
#[derive(Debug, Clone)]
pub struct StoreAnswer {
    status: u16,
    date: Option<String>,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

/// The rule of a test: gets a request and the number of requests before; `None` if the store answers as S3 does.
type Rule = dyn Fn(&StoreRequest, usize) -> Option<StoreAnswer> + Send + Sync;

#[derive(Default)]
struct State {
    objects: Mutex<HashMap<String, Object>>,
    requests: Mutex<Vec<StoreRequest>>,
    /// How many conditions did not hold.
    failed: AtomicUsize,
    /// One in this many of them is ignored.
    ignored: usize,
}

struct Object {
    body: Vec<u8>,
    etag: String,
    time: SystemTime,
}

/// A running store. All buckets exist.
pub struct Store {
    endpoint: String,
    state: Arc<State>,
}

impl Store {
    /// Starts a store with this rule.
    #[must_use]
    pub fn start(rule: impl Fn(&StoreRequest, usize) -> Option<StoreAnswer> + Send + Sync + 'static) -> Self {
        Self::serving(State::default(), rule)
    }

    fn serving(
        state: State,
        rule: impl Fn(&StoreRequest, usize) -> Option<StoreAnswer> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let (state, rule): (Arc<State>, Arc<Rule>) = (Arc::new(state), Arc::new(rule));
        let served = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (state, rule) = (Arc::clone(&served), Arc::clone(&rule));
                thread::spawn(move || serve(&stream, &state, &*rule));
            }
        });
        Self { endpoint, state }
    }

    /// Starts a store that ignores one in `ignored` conditions that do not hold.
    #[must_use]
    pub fn ignoring_one_condition_in(ignored: usize) -> Self {
        Self::serving(State { ignored, ..State::default() }, |_, _| None)
    }

    /// Its URL.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Makes an AWS client use this store.
    pub fn point<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        run::point_at(&self.endpoint, command)
    }

    /// All requests with this method so far.
    #[must_use]
    pub fn requests(&self, method: &str) -> Vec<StoreRequest> {
        let requests = self.state.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.iter().filter(|request| request.method == method).cloned().collect()
    }
}

impl StoreRequest {
    /// The value of a header, whose name is in lower case; empty if it is absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    fn read(stream: &mut impl BufRead) -> Option<Self> {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let mut words = line.split(' ').map(str::to_owned);
        let (method, path) = (words.next()?, words.next()?);
        let mut headers = HashMap::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        stream.read_exact(&mut body).ok()?;
        let (path, query) = path.split_once('?').unwrap_or((path.as_str(), ""));
        Some(Self { method, path: path.to_owned(), query: query.to_owned(), headers, body })
    }
}

impl StoreAnswer {
    /// An error in the format of S3.
    #[must_use]
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>").into_bytes();
        Self { status, date: None, headers: vec![("Content-Type", "application/xml".to_owned())], body }
    }

    /// What S3 answers to a write that it did.
    #[must_use]
    pub fn written() -> Self {
        Self::empty(200, vec![("ETag", "\"00\"".to_owned())])
    }

    /// A list of `objects`, which are elements `Contents`.
    #[must_use]
    pub fn list(objects: &str) -> Self {
        let body = format!("<ListBucketResult><IsTruncated>false</IsTruncated>{objects}</ListBucketResult>");
        Self {
            status: 200,
            date: None,
            headers: vec![("Content-Type", "application/xml".to_owned())],
            body: body.into_bytes(),
        }
    }

    /// The answer of S3 if the bucket is in another region.
    #[must_use]
    pub fn redirect(region: &str) -> Self {
        let mut answer = Self::error(301, "PermanentRedirect", "The bucket must be addressed elsewhere.");
        answer.headers.push(("x-amz-bucket-region", region.to_owned()));
        answer
    }

    /// The same answer with a clock that is ahead by `seconds`.
    #[must_use]
    pub fn ahead(self, seconds: u64) -> Self {
        Self { date: Some(http_date(SystemTime::now() + Duration::from_secs(seconds))), ..self }
    }

    fn empty(status: u16, headers: Vec<(&'static str, String)>) -> Self {
        Self { status, date: None, headers, body: Vec::new() }
    }

    fn write(self, to: &mut impl Write, with_body: bool) -> std::io::Result<()> {
        let date = self.date.clone().unwrap_or_else(|| http_date(SystemTime::now()));
        write!(to, "HTTP/1.1 {} X\r\nDate: {date}\r\n", self.status)?;
        for (name, value) in &self.headers {
            write!(to, "{name}: {value}\r\n")?;
        }
        write!(to, "Content-Length: {}\r\n\r\n", self.body.len())?;
        to.write_all(if with_body { &self.body } else { b"" })
    }
}

fn serve(stream: &TcpStream, state: &State, rule: &Rule) {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some(request) = StoreRequest::read(&mut reader) {
        let before = {
            let mut requests = state.requests.lock().unwrap_or_else(PoisonError::into_inner);
            requests.push(request.clone());
            requests.len() - 1
        };
        let answer = rule(&request, before).unwrap_or_else(|| state.answer(&request, before));
        if answer.write(&mut writer, request.method != "HEAD").is_err() {
            return;
        }
    }
}

impl State {
    /// Whether a condition that does not hold is one of those that are ignored.
    fn ignores_this(&self) -> bool {
        self.ignored > 0 && (self.failed.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(self.ignored)
    }

    /// S3's answer to reading, conditionally writing and deleting an object.
    fn answer(&self, request: &StoreRequest, number: usize) -> StoreAnswer {
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        let object = objects.get(&request.path);
        let absent = || StoreAnswer::error(404, "NoSuchKey", "The specified key does not exist.");
        match request.method.as_str() {
            "PUT" => {
                let (create, replace) = (request.header("if-none-match") == "*", request.header("if-match"));
                match object {
                    None if !replace.is_empty() => return absent(),
                    Some(object) if replace != object.etag && self.ignores_this() => {}
                    Some(object) if create || !(replace.is_empty() || replace == object.etag) => {
                        return StoreAnswer::error(412, "PreconditionFailed", "A condition does not hold.");
                    }
                    _ => {}
                }
                let etag = format!("\"{number:032x}\"");
                let object = Object { body: request.body.clone(), etag: etag.clone(), time: SystemTime::now() };
                objects.insert(request.path.clone(), object);
                StoreAnswer::empty(200, vec![("ETag", etag)])
            }
            "DELETE" => {
                objects.remove(&request.path);
                StoreAnswer::empty(204, Vec::new())
            }
            _ => object.map_or_else(absent, |object| StoreAnswer {
                status: 200,
                date: None,
                headers: vec![("ETag", object.etag.clone()), ("Last-Modified", http_date(object.time))],
                body: object.body.clone(),
            }),
        }
    }
}

/// A time in the format of HTTP.
fn http_date(time: SystemTime) -> String {
    DateTime::<Utc>::from(time).format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
