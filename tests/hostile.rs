//! Requests that no client should send: none ends the sandbox, takes much of its memory or changes what it
//! answers to others.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use harness::{Sandbox, Tools};

/// The most memory that the sandbox may have taken, in KiB.
const MOST_MEMORY: u64 = 512 * 1024;

/// How long to wait for an answer to a request that the sandbox may take for half a one.
const PATIENCE: Duration = Duration::from_secs(2);

/// A sandbox with the object `bucket/kept`.
struct Target {
    sandbox: Sandbox,
    address: String,
}

impl Target {
    fn start() -> Target {
        let sandbox = Sandbox::start(&Tools::beside(env!("CARGO_BIN_EXE_emr-sandbox")), &[]);
        let address = sandbox.endpoint().strip_prefix("http://").unwrap().to_owned();
        let target = Target { sandbox, address };
        assert!(
            target
                .ask(b"PUT /bucket/kept HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nkept")
                .contains(" 200 ")
        );
        target
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends `request` and nothing more, and returns what comes back until the sandbox closes or waits for
    /// more.
    fn ask(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        // The sandbox may answer and close before it has read everything.
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let mut piece = [0; 4096];
        while !is_whole(&answer) {
            match stream.read(&mut piece) {
                Ok(0) | Err(_) => break,
                Ok(n) => answer.extend_from_slice(&piece[..n]),
            }
        }
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Sends `request`, whose last part closes the connection, and returns everything that comes back.
    fn ask_last(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(request).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// The sandbox is up, has its object and its memory is bounded.
    fn check(&self, after: &str) {
        let kept = self.ask(b"GET /bucket/kept HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assert!(kept.contains(" 200 ") && kept.ends_with("kept"), "after {after}: {kept}");
        let status = fs::read_to_string(format!("/proc/{}/status", self.sandbox.pid())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        assert!(peak < MOST_MEMORY, "after {after}: {peak} KiB");
    }
}

/// Whether an answer has all the bytes that its head promises.
fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    length.is_some_and(|length: usize| body.len() >= length)
}

/// A PUT with headers and a body, whose length is told.
fn put(headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("PUT /bucket/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n{headers}\r\n{body}").into_bytes()
}

/// A PUT whose body is `aws-chunked`.
fn chunked(body: &str) -> Vec<u8> {
    put("x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\nx-amz-decoded-content-length: 1\r\n", body)
}

fn numbered(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

/// Requests, each with a name.
fn requests() -> Vec<(&'static str, Vec<u8>)> {
    let head = |line: &str, headers: &str| format!("{line}\r\nHost: localhost\r\n{headers}\r\n").into_bytes();
    let trailers = numbered(24_577, |n| format!("x-{n}: y\r\n"));
    let long = "k".repeat(100_000);
    vec![
        ("24,577 trailers", chunked(&format!("1\r\na\r\n0\r\n{trailers}\r\n"))),
        ("a trailer without end", chunked(&format!("1\r\na\r\n0\r\nx: {}", "y".repeat(1_000_000)))),
        ("trailers of HTTP", [&b"PUT /bucket/k HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nx-amz-decoded-content-length: 1\r\n\r\n1\r\na\r\n0\r\n"[..], trailers.as_bytes(), b"\r\n"].concat()),
        ("a chunk of 2^72 bytes", chunked("ffffffffffffffffff\r\na")),
        ("a chunk of 2^64 bytes", chunked("ffffffffffffffff\r\na")),
        ("a chunk of minus one byte", chunked("-1\r\na")),
        ("a size line without end", chunked(&"1;".repeat(500_000))),
        ("a chunk of HTTP of 2^72 bytes", b"PUT /bucket/k HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\na".to_vec()),
        ("a length beyond all numbers", head("PUT /bucket/k HTTP/1.1", "Content-Length: 99999999999999999999\r\n")),
        ("a length of an exabyte", head("PUT /bucket/k HTTP/1.1", "Content-Length: 1152921504606846976\r\n")),
        ("a decoded length below zero", put("x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\nx-amz-decoded-content-length: -1\r\n", "0\r\n\r\n")),
        ("two lengths", head("PUT /bucket/k HTTP/1.1", "Content-Length: 1\r\nContent-Length: 2\r\n")),
        ("10,000 headers", head("GET /bucket/kept HTTP/1.1", &numbered(10_000, |n| format!("x-{n}: y\r\n")))),
        ("a header of a megabyte", head("GET /bucket/kept HTTP/1.1", &format!("x: {}\r\n", "y".repeat(1_000_000)))),
        ("a target of 100,000 bytes", head(&format!("GET /bucket/{long} HTTP/1.1"), "")),
        ("100,000 query parameters", head(&format!("GET /bucket?{} HTTP/1.1", "a&".repeat(30_000)), "")),
        ("a target that is no text", b"GET /bucket/\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec()),
        ("escapes that are none", head("GET /bucket/%ZZ%%%ff HTTP/1.1", "")),
        ("a way out of the bucket", head("PUT /bucket/../../../../etc/passwd HTTP/1.1", "Content-Length: 0\r\n")),
        ("no host", b"GET /bucket/kept HTTP/1.1\r\n\r\n".to_vec()),
        ("no bucket before the host", b"GET / HTTP/1.1\r\nHost: .localhost\r\n\r\n".to_vec()),
        ("a host that is no text", b"GET / HTTP/1.1\r\nHost: \xff.localhost\r\n\r\n".to_vec()),
        ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec()),
        ("nothing", Vec::new()),
        ("an XML without end", xml("/bucket?delete", &"<Delete>".repeat(200_000))),
        ("an XML of entities", xml("/bucket?delete", "<!DOCTYPE d [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><Delete><Object><Key>&b;</Key></Object></Delete>")),
        ("an XML of 20 megabytes", xml("/bucket?delete", &format!("<Delete>{}</Delete>", " ".repeat(20_000_000)))),
        ("100,000 parts", xml("/bucket/k?uploadId=none", &format!("<CompleteMultipartUpload>{}</CompleteMultipartUpload>", "<Part><PartNumber>1</PartNumber><ETag>e</ETag></Part>".repeat(100_000)))),
        ("a form", form("")),
        ("a form without a file", form("x-amz-meta-a: b\r\n")),
        ("ranges without end", head("GET /bucket/kept HTTP/1.1", &format!("Range: bytes={}\r\n", "0-1,".repeat(2_000)))),
        ("dates beyond all years", head("GET /bucket/kept HTTP/1.1", "If-Modified-Since: Fri, 31 Dec 999999 23:59:59 GMT\r\nx-amz-date: x\r\n")),
        ("an expiry that is no date", put("Expires: 99999999-99-99\r\nx-amz-object-lock-retain-until-date: 999999999-01-01T00:00:00Z\r\n", "")),
        ("a source of escapes", head("PUT /bucket/k HTTP/1.1", "x-amz-copy-source: %2F%2F%2F%ff\r\nContent-Length: 0\r\n")),
        ("a part beyond all numbers", head("GET /bucket/kept?partNumber=-2147483648 HTTP/1.1", "")),
        ("a token that is none", head("GET /bucket?list-type=2&continuation-token=%00%ff HTTP/1.1", "")),
        ("tags without end", put(&format!("x-amz-tagging: {}\r\n", "a=b&".repeat(10_000)), "")),
        ("a request within a body", put("", "GET /bucket/kept HTTP/1.1\r\nHost: localhost\r\n\r\n")),
        ("EMR's operation of another service", head("POST / HTTP/1.1", "X-Amz-Target: \r\nContent-Length: 0\r\n")),
        ("EMR's request that is no JSON", emr(&"[".repeat(200_000))),
        ("EMR's request of 11 megabytes", emr(&" ".repeat(11_000_000))),
    ]
}

fn xml(target: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

fn form(headers: &str) -> Vec<u8> {
    let body = format!("--x\r\n{headers}\r\n--x--\r\n");
    let length = body.len();
    format!("POST /bucket HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

fn emr(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: ElasticMapReduce.ListClusters\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

#[test]
fn no_request_ends_the_sandbox_or_fills_its_memory() {
    let target = Target::start();
    for (name, request) in requests() {
        let answer = target.ask(&request);
        assert!(!answer.contains(" 500 "), "{name}: {answer}");
        target.check(name);
    }
}

#[test]
fn every_request_may_break_off_anywhere() {
    let target = Target::start();
    let whole = chunked("5\r\nhello\r\n0\r\nx-amz-checksum-crc32: NhCmhg==\r\n\r\n");
    for end in 0..whole.len() {
        target.connect().write_all(&whole[..end]).unwrap();
    }
    target.check("requests that broke off");
}

#[test]
fn a_thousand_idle_connections_leave_room_for_others() {
    let target = Target::start();
    let idle: Vec<TcpStream> = (0..1_000)
        .map(|n| {
            let mut stream = target.connect();
            // Some have sent nothing, some half a head, some half a body.
            let begun = [
                &b""[..],
                b"GET /bucket/kept HTTP/1.1\r\n",
                b"PUT /bucket/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf",
            ];
            stream.write_all(begun[n % 3]).unwrap();
            stream
        })
        .collect();
    target.check("a thousand idle connections");
    drop(idle);
    target.check("a thousand idle connections that ended");
}

#[test]
fn the_sandbox_closes_where_it_says_so_and_keeps_a_connection_where_it_does_not() {
    let target = Target::start();
    let refused = target
        .ask_last(b"PUT /absent/k HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    assert!(refused.starts_with("HTTP/1.1 404") && refused.to_lowercase().contains("connection: close"), "{refused}");
    let taken = target.ask_last(
        b"PUT /bucket/k HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbodyGET /bucket/k HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    assert!(taken.starts_with("HTTP/1.1 100 Continue"), "{taken}");
    assert!(taken.ends_with("body"), "{taken}");
    let both = target.ask_last(
        b"PUT /absent/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbodyGET /bucket/k HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    assert!(both.starts_with("HTTP/1.1 404") && both.ends_with("body"), "{both}");
}

#[test]
fn a_bucket_may_stand_in_the_host() {
    let target = Target::start();
    let kept = target.ask_last(b"GET /kept HTTP/1.1\r\nHost: bucket.localhost:1\r\nConnection: close\r\n\r\n");
    assert!(kept.ends_with("kept"), "{kept}");
    let elsewhere = target.ask_last(b"GET /kept HTTP/1.1\r\nHost: bucket.example\r\nConnection: close\r\n\r\n");
    assert!(elsewhere.starts_with("HTTP/1.1 421"), "{elsewhere}");
}
