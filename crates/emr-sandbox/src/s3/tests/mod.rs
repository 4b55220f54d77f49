//! S3 as a client sees it: requests over raw TCP, so that no client library corrects them.

mod answers;

use std::net::SocketAddr;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{Service, Store};

/// A server with the buckets `bucket` and `other`.
struct Server {
    _dir: TempDir,
    address: SocketAddr,
}

/// A received answer.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    /// Status and S3's error code, such as `412 PreconditionFailed`; for a success only the status.
    fn outcome(&self) -> String {
        let code = self.body.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
        match code {
            Some((code, _)) => format!("{} {code}", self.status),
            None => self.status.to_string(),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        let headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.into_iter().find_map(|(header, value)| header.eq_ignore_ascii_case(name).then_some(value))
    }
}

impl Server {
    async fn start() -> Server {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store.create_bucket("bucket").unwrap();
        store.create_bucket("other").unwrap();
        let service = Arc::new(Service::new(Arc::new(store)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let service = Arc::clone(&service);
                let answer = service_fn(move |request| {
                    let service = Arc::clone(&service);
                    async move { Ok::<_, std::convert::Infallible>(service.call(request).await) }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
            }
        });
        Server { _dir: dir, address }
    }

    /// Sends one request. `head` is its request line and special headers.
    async fn ask(&self, head: &str, body: &str) -> Answer {
        ask(self.address, head, body).await
    }

    async fn outcome(&self, head: &str, body: &str) -> String {
        self.ask(head, body).await.outcome()
    }

    async fn etag(&self, path: &str) -> String {
        let answer = self.ask(&format!("HEAD {path} HTTP/1.1"), "").await;
        answer.header("etag").unwrap().to_owned()
    }
}

async fn ask(address: SocketAddr, head: &str, body: &str) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let request = format!("{head}\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    Answer { status: head[9..12].parse().unwrap(), head: head.to_owned(), body: body.to_owned() }
}

#[tokio::test]
async fn conditional_requests_answer_as_s3_does() {
    let server = Server::start().await;
    let put = "PUT /bucket/key HTTP/1.1";
    let delete = "DELETE /bucket/key HTTP/1.1";
    let absent = "If-None-Match: *";
    let other = "If-Match: \"00000000000000000000000000000000\"";
    assert_eq!(server.outcome(&format!("{put}\r\n{other}"), "a").await, "404 NoSuchKey");
    assert_eq!(server.outcome(&format!("{put}\r\n{absent}"), "a").await, "200");
    assert_eq!(server.outcome(&format!("{put}\r\n{absent}"), "b").await, "412 PreconditionFailed");
    assert_eq!(server.outcome(&format!("{put}\r\n{other}"), "b").await, "412 PreconditionFailed");
    let current = format!("If-Match: {}", server.etag("/bucket/key").await);
    assert_eq!(server.outcome(&format!("{put}\r\n{current}"), "b").await, "200");
    assert_eq!(server.outcome(&format!("{put}\r\n{current}"), "c").await, "412 PreconditionFailed");
    assert_eq!(server.outcome(&format!("{delete}\r\n{current}"), "").await, "412 PreconditionFailed");
    let current = format!("If-Match: {}", server.etag("/bucket/key").await);
    assert_eq!(server.outcome(&format!("{delete}\r\n{current}"), "").await, "204");
    assert_eq!(server.outcome(&format!("{delete}\r\n{current}"), "").await, "404 NoSuchKey");
    assert_eq!(server.outcome(delete, "").await, "204");
}

#[tokio::test]
async fn copies_and_completed_uploads_obey_conditions_too() {
    let server = Server::start().await;
    let copy = "PUT /bucket/copy HTTP/1.1\r\nx-amz-copy-source: /bucket/a%20b\r\nIf-None-Match: *";
    assert_eq!(server.outcome(copy, "").await, "404 NoSuchKey");
    assert_eq!(server.outcome("PUT /bucket/a%20b HTTP/1.1", "body").await, "200");
    assert_eq!(server.outcome(copy, "").await, "200");
    assert_eq!(server.outcome(copy, "").await, "412 PreconditionFailed");
    let started = server.ask("POST /bucket/copy?uploads HTTP/1.1", "").await;
    let (_, id) = started.body.split_once("<UploadId>").unwrap();
    let (id, _) = id.split_once("</UploadId>").unwrap();
    let part = server.ask(&format!("PUT /bucket/copy?partNumber=1&uploadId={id} HTTP/1.1"), "part").await;
    let named = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part></CompleteMultipartUpload>",
        part.header("etag").unwrap()
    );
    let complete = format!("POST /bucket/copy?uploadId={id} HTTP/1.1");
    let absent = format!("{complete}\r\nIf-None-Match: *");
    assert_eq!(server.outcome(&absent, &named).await, "412 PreconditionFailed");
    assert_eq!(server.outcome(&complete, &named).await, "200");
    assert_eq!(server.ask("GET /bucket/copy HTTP/1.1", "").await.body, "part");
}

/// Sends `head` from twenty clients at once, with different bodies, and counts the answers 200.
async fn winners(server: &Server, head: &str) -> usize {
    let mut clients = JoinSet::new();
    for client in 0..20 {
        let (address, head) = (server.address, head.to_owned());
        clients.spawn(async move { ask(address, &head, &client.to_string()).await.status });
    }
    let statuses = clients.join_all().await;
    assert!(statuses.iter().all(|status| [200, 412].contains(status)), "{statuses:?}");
    statuses.into_iter().filter(|status| *status == 200).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_one_of_racing_conditional_writes_wins() {
    let server = Server::start().await;
    for round in 0..10 {
        let create = format!("PUT /bucket/{round} HTTP/1.1\r\nIf-None-Match: *");
        assert_eq!(winners(&server, &create).await, 1);
        let path = format!("/bucket/{round}");
        // No client sends this body, so the `ETag` cannot come back.
        assert_eq!(server.outcome(&format!("PUT {path} HTTP/1.1"), "before").await, "200");
        let etag = server.etag(&path).await;
        let update = format!("PUT {path} HTTP/1.1\r\nIf-Match: {etag}");
        assert_eq!(winners(&server, &update).await, 1);
    }
}

#[tokio::test]
async fn any_signature_and_none_are_accepted() {
    let server = Server::start().await;
    assert_eq!(server.outcome("PUT /bucket/key HTTP/1.1", "body").await, "200");
    for head in [
        "GET /bucket/key HTTP/1.1",
        "GET /bucket/key HTTP/1.1\r\nAuthorization: AWS4-HMAC-SHA256 Credential=a/b, Signature=0\r\nx-amz-content-sha256: UNSIGNED-PAYLOAD",
        "GET /bucket/key HTTP/1.1\r\nAuthorization: AWS a:b",
        "GET /bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0&X-Amz-Expires=1 HTTP/1.1",
        "GET /bucket/key?AWSAccessKeyId=a&Signature=b&Expires=1 HTTP/1.1",
    ] {
        let answer = server.ask(head, "").await;
        assert_eq!((answer.status, &*answer.body), (200, "body"), "{head}");
        assert!(answer.header("date").is_some() && answer.header("last-modified").is_some());
    }
}

#[tokio::test]
async fn chunked_bodies_are_decoded_and_their_trailers_verified() {
    let server = Server::start().await;
    let head = "PUT /bucket/key HTTP/1.1\r\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\nContent-Encoding: aws-chunked\r\nx-amz-trailer: x-amz-checksum-crc32\r\nx-amz-decoded-content-length: 9";
    let body = |crc: &str| format!("9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:{crc}\r\n\r\n");
    assert_eq!(server.outcome(head, &body("AAAAAA==")).await, "400 BadDigest");
    assert_eq!(server.outcome(head, "9\r\n1234").await, "400 InvalidRequest");
    let short = "9\r\n123456789\r\n0\r\n\r\n";
    let told_more = head.replace("length: 9", "length: 10");
    assert_eq!(server.outcome(&told_more, short).await, "400 IncompleteBody");
    assert_eq!(server.outcome("GET /bucket/key HTTP/1.1", "").await, "404 NoSuchKey");
    assert_eq!(server.outcome(head, &body("y/Q5Jg==")).await, "200");
    let answer = server.ask("GET /bucket/key HTTP/1.1\r\nx-amz-checksum-mode: ENABLED", "").await;
    assert_eq!(answer.body, "123456789");
    assert_eq!(answer.header("x-amz-checksum-crc32"), Some("y/Q5Jg=="));
    assert_eq!(answer.header("content-encoding"), None);
}

#[tokio::test]
async fn a_body_that_differs_from_its_digests_is_refused_and_not_stored() {
    let server = Server::start().await;
    let zeros = "0".repeat(64);
    for (header, outcome) in [
        (format!("x-amz-content-sha256: {zeros}"), "400 XAmzContentSHA256Mismatch"),
        ("Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==".to_owned(), "400 BadDigest"),
        ("Content-MD5: short".to_owned(), "400 InvalidDigest"),
        ("x-amz-checksum-crc64nvme: AAAAAAAAAAA=".to_owned(), "400 BadDigest"),
    ] {
        let head = format!("PUT /bucket/key HTTP/1.1\r\n{header}");
        assert_eq!(server.outcome(&head, "body").await, outcome);
    }
    assert_eq!(server.outcome("GET /bucket/key HTTP/1.1", "").await, "404 NoSuchKey");
}

#[tokio::test]
async fn ranges_return_their_bytes_and_listings_encode_names() {
    let server = Server::start().await;
    assert_eq!(server.outcome("PUT /bucket/a/b%2B%20c%0A HTTP/1.1", "0123456789").await, "200");
    let get = "GET /bucket/a/b%2B%20c%0A HTTP/1.1\r\nRange: bytes=";
    let answer = server.ask(&format!("{get}2-4"), "").await;
    assert_eq!((answer.status, &*answer.body), (206, "234"));
    assert_eq!(answer.header("content-range"), Some("bytes 2-4/10"));
    assert_eq!(server.outcome(&format!("{get}10-"), "").await, "416 InvalidRange");
    let listed = server.ask("GET /bucket?list-type=2&encoding-type=url HTTP/1.1", "").await;
    assert!(listed.body.contains("<Key>a/b%2B%20c%0A</Key>"), "{}", listed.body);
    let listed = server.ask("GET /bucket?delimiter=/ HTTP/1.1", "").await;
    assert!(listed.body.contains("<Prefix>a/</Prefix>"), "{}", listed.body);
}

#[tokio::test]
async fn missing_buckets_and_unsupported_operations_have_s3s_errors() {
    let server = Server::start().await;
    assert_eq!(server.outcome("PUT /elsewhere/key HTTP/1.1", "body").await, "404 NoSuchBucket");
    assert_eq!(server.outcome("GET /bucket?cors HTTP/1.1", "").await, "501 NotImplemented");
    assert_eq!(server.outcome("GET /Bad_Name/key HTTP/1.1", "").await, "400 InvalidBucketName");
    assert_eq!(server.outcome("PUT /bucket/key HTTP/1.1", "body").await, "200");
    assert_eq!(server.outcome("DELETE /bucket HTTP/1.1", "").await, "409 BucketNotEmpty");
}
