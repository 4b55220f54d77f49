//! A proxy before a service, by which a test decides what becomes of each request: it may be lost, its answer may be
//! lost, it may wait, it may arrive after its sender has given it up, and whoever sent it may be stopped or killed
//! meanwhile.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

use crate::run;

/// A request that has come to a [`Proxy`], or its answer.
#[derive(Debug, Clone)]
pub struct Passing {
    /// The number of the request, from 0.
    pub number: usize,
    /// EMR's operation, such as `ListSteps`, or method and path for S3, such as `PUT /bucket/key`.
    pub operation: String,
    /// The headers of the request, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body of the request.
    pub body: String,
    /// The status of the answer; `None` before the request is passed on.
    pub status: Option<u16>,
}

/// What becomes of a request, or of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is passed on.
    Passes,
    /// It is lost, and the connection is cut.
    Lost,
    /// The connection is cut, and the request is passed on after this time. An answer is lost.
    Late(Duration),
}

impl From<bool> for Fate {
    /// It is passed on, or lost.
    fn from(passes: bool) -> Self {
        if passes { Self::Passes } else { Self::Lost }
    }
}

/// Decides what becomes of a request, or of its answer. It may block meanwhile.
type Rule = dyn Fn(&Passing) -> Fate + Send + Sync;

/// What a clock shows at a time of this machine.
type Clock = dyn Fn(SystemTime) -> SystemTime + Send + Sync;

/// A running proxy. When it is dropped it takes no more requests, and passes on those that it has.
#[derive(Debug)]
pub struct Proxy {
    url: String,
    asked: Arc<AtomicUsize>,
    is_closed: Arc<AtomicBool>,
}

impl Passing {
    /// The value of a header, whose name is in lower case; empty if it is absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Whether it is for S3, and not for EMR.
    #[must_use]
    pub fn is_for_s3(&self) -> bool {
        self.operation.contains(' ')
    }

    /// Whether it writes a lock.
    #[must_use]
    pub fn writes_lock(&self) -> bool {
        self.operation.starts_with("PUT ") && self.operation.contains("/locks/")
    }

    fn read(reader: &mut impl BufRead, number: usize) -> Option<(Self, Vec<u8>)> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            reader.read_until(b'\n', &mut head).ok().filter(|bytes| *bytes > 0)?;
        }
        let text = String::from_utf8_lossy(&head).into_owned();
        let mut lines = text.trim_end().lines();
        let (operation, version) = lines.next()?.rsplit_once(' ')?;
        let pairs = lines.filter_map(|line| line.split_once(':'));
        let headers: Vec<_> = pairs.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())).collect();
        let mut passing = Self { number, operation: operation.to_owned(), headers, body: String::new(), status: None };
        let mut body = vec![0; passing.header("content-length").parse().unwrap_or(0)];
        reader.read_exact(&mut body).ok()?;
        passing.body = String::from_utf8_lossy(&body).into_owned();
        let mut request = format!("{operation} {version}\r\nconnection: close\r\n");
        for (name, value) in passing.headers.iter().filter(|(name, _)| name != "connection") {
            let _ = write!(request, "{name}: {value}\r\n");
        }
        request.push_str("\r\n");
        if let Some(operation) = passing.header("x-amz-target").rsplit_once('.').map(|(_, name)| name.to_owned()) {
            passing.operation = operation;
        }
        Some((passing, [request.into_bytes(), body].concat()))
    }
}

impl Proxy {
    /// Starts a proxy before the service at the URL `to`.
    #[must_use]
    pub fn start<F: Into<Fate>>(to: &str, rule: impl Fn(&Passing) -> F + Send + Sync + 'static) -> Self {
        Self::with_clock(to, |now| now, rule)
    }

    /// The same, and the times in headers of S3's answers (`Date`, `Last-Modified`) are what `clock` shows then.
    #[must_use]
    pub fn with_clock<F: Into<Fate>>(
        to: &str,
        clock: impl Fn(SystemTime) -> SystemTime + Send + Sync + 'static,
        rule: impl Fn(&Passing) -> F + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("a port has an address"));
        let to = to.trim_start_matches("http://").to_owned();
        let (asked, is_closed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let closed = Arc::clone(&is_closed);
        let (counter, clock, rule): (_, Arc<Clock>, Arc<Rule>) =
            (Arc::clone(&asked), Arc::new(clock), Arc::new(move |passing: &Passing| rule(passing).into()));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if closed.load(Ordering::Relaxed) {
                    return;
                }
                let (to, counter) = (to.clone(), Arc::clone(&counter));
                let (clock, rule) = (Arc::clone(&clock), Arc::clone(&rule));
                thread::spawn(move || pass(&stream, &to, &counter, &*clock, &*rule));
            }
        });
        Self { url, asked, is_closed }
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The number of requests that have come so far.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// Makes an AWS client use the service through this proxy.
    pub fn point<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        run::point_at(&self.url, command)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.is_closed.store(true, Ordering::Relaxed);
        // The listener sees it at the next connection.
        drop(TcpStream::connect(self.url.trim_start_matches("http://")));
    }
}

/// Passes one request, and its answer; each request has a connection of its own.
#[expect(clippy::disallowed_methods, reason = "a late request waits for no event")]
fn pass(client: &TcpStream, to: &str, asked: &AtomicUsize, clock: &Clock, rule: &Rule) -> Option<()> {
    let mut reader = BufReader::new(client);
    // A connection that asks nothing has no number.
    reader.fill_buf().ok().filter(|bytes| !bytes.is_empty())?;
    let number = asked.fetch_add(1, Ordering::Relaxed);
    let (mut passing, request) = Passing::read(&mut reader, number)?;
    match rule(&passing) {
        Fate::Passes => {}
        Fate::Lost => return None,
        Fate::Late(wait) => {
            client.shutdown(Shutdown::Both).ok()?;
            thread::sleep(wait);
        }
    }
    let mut service = TcpStream::connect(to).ok()?;
    service.write_all(&request).ok()?;
    let mut answer = Vec::new();
    let cut = service.read_to_end(&mut answer);
    let head = answer.windows(4).position(|end| end == b"\r\n\r\n");
    let status = answer.get(9..12).and_then(|status| std::str::from_utf8(status).ok()?.parse().ok());
    passing.status = Some(status.unwrap_or(0));
    let passes_on = rule(&passing) == Fate::Passes;
    if cut.is_err() || !passes_on {
        return None;
    }
    write_answer(client, &answer, head?, if passing.is_for_s3() { clock } else { &|now| now }).ok()
}

fn write_answer(mut client: &TcpStream, answer: &[u8], head: usize, clock: &Clock) -> io::Result<()> {
    let (head, body) = answer.split_at(head + 4);
    let mut told = String::new();
    for line in String::from_utf8_lossy(head).trim_end().lines() {
        let time = line.split_once(": ").filter(|(name, _)| is_time(name)).and_then(|(name, value)| {
            let time = SystemTime::from(DateTime::parse_from_rfc2822(value).ok()?);
            // Rounding twice must make no age longer than one clock would: what was modified in a second was so at its end.
            let time = if name.eq_ignore_ascii_case("date") { time } else { time + Duration::from_micros(999_999) };
            Some(format!("{name}: {}", http_date(clock(time))))
        });
        let _ = write!(told, "{}\r\n", time.as_deref().unwrap_or(line));
    }
    told.push_str("\r\n");
    client.write_all(told.as_bytes())?;
    client.write_all(body)
}

fn is_time(header: &str) -> bool {
    ["date", "last-modified"].iter().any(|name| header.eq_ignore_ascii_case(name))
}

fn http_date(time: SystemTime) -> String {
    DateTime::<Utc>::from(time).format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A clock that runs at `rate` of the true one, which it agrees with now.
pub fn running_at(rate: f64) -> impl Fn(SystemTime) -> SystemTime + Send + Sync + 'static {
    let began = SystemTime::now();
    move |now| match now.duration_since(began) {
        Ok(since) => began + since.mul_f64(rate),
        Err(before) => began - before.duration().min(Duration::from_secs(1 << 40)).mul_f64(rate),
    }
}

/// The time as EMR's records have it, in whole seconds.
#[must_use]
pub fn now() -> String {
    DateTime::<Utc>::from(SystemTime::now()).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
