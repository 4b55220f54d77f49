//! The sandbox's `WebHDFS`, as any client of HTTP sees it. What Hadoop's own client makes of it is tested with Spark.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

use harness::{Sandbox, Tools};
use serde_json::{Value, json};

fn sandbox(args: &[&str]) -> Sandbox {
    Sandbox::start(&Tools::beside(env!("CARGO_BIN_EXE_emr-sandbox")), args)
}

/// What `curl` prints of a request for `path` and its query, with `more` arguments: the body, then the status.
fn ask(sandbox: &Sandbox, method: &str, path: &str, more: &[&str]) -> (u16, String) {
    let url = format!("{}/webhdfs/v1{path}", sandbox.endpoint());
    let output = Command::new("curl")
        .args(["-sLX", method, "--path-as-is", "-w", "\n%{http_code}", &url])
        .args(more)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (body, status) = text.rsplit_once('\n').unwrap();
    (status.parse().unwrap(), body.to_owned())
}

/// The answer to a request that succeeds, as JSON.
fn json(sandbox: &Sandbox, method: &str, path: &str) -> Value {
    let (status, body) = ask(sandbox, method, path, &[]);
    assert_eq!(status, 200, "{method} {path}: {body}");
    serde_json::from_str(&body).unwrap()
}

/// The class of the exception with which a request is refused.
fn refusal(sandbox: &Sandbox, method: &str, path: &str) -> String {
    let (status, body) = ask(sandbox, method, path, &[]);
    assert!(status >= 400, "{method} {path}: {status} {body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    body["RemoteException"]["exception"].as_str().unwrap().to_owned()
}

fn create(sandbox: &Sandbox, path: &str, content: &str) -> u16 {
    let file = sandbox.file("body", content);
    ask(sandbox, "PUT", &format!("{path}?op=CREATE&overwrite=true"), &["-T", file.to_str().unwrap()]).0
}

fn names(sandbox: &Sandbox, path: &str) -> Vec<String> {
    let list = json(sandbox, "GET", &format!("{path}?op=LISTSTATUS"));
    let statuses = list["FileStatuses"]["FileStatus"].as_array().unwrap();
    statuses.iter().map(|status| status["pathSuffix"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_file_is_created_described_and_read_in_part() {
    let sandbox = sandbox(&[]);
    assert_eq!(json(&sandbox, "GET", "/?op=GETHOMEDIRECTORY"), json!({"Path": "/user/hadoop"}));
    assert_eq!(names(&sandbox, "/"), ["bucket"]);
    assert_eq!(create(&sandbox, "/bucket/in/a", "hello world\n"), 201);
    assert_eq!(sandbox.object("in/a").as_deref(), Some("hello world\n"));
    let status = &json(&sandbox, "GET", "/bucket/in/a?op=GETFILESTATUS")["FileStatus"];
    assert_eq!((&status["length"], &status["type"], &status["pathSuffix"]), (&json!(12), &json!("FILE"), &json!("")));
    assert_eq!(json(&sandbox, "GET", "/bucket/in?op=GETFILESTATUS")["FileStatus"]["type"], "DIRECTORY");
    let part = |query: &str| ask(&sandbox, "GET", &format!("/bucket/in/a?op=OPEN{query}"), &[]).1;
    assert_eq!(part(""), "hello world\n");
    assert_eq!(part("&offset=6&length=3"), "wor");
    assert_eq!(part("&offset=6&length=null"), "world\n");
    assert_eq!(part("&offset=12"), "");
    assert_eq!(refusal(&sandbox, "GET", "/bucket/in/a?op=OPEN&offset=13"), "IOException");
}

#[test]
fn a_file_is_renamed_and_deleted_and_its_directory_stays() {
    let sandbox = sandbox(&[]);
    create(&sandbox, "/bucket/in/a", "x");
    let moved = json(&sandbox, "PUT", "/bucket/in/a?op=RENAME&destination=%2Fbucket%2Fin%2Fb+c");
    assert_eq!(moved, json!({"boolean": true}));
    assert_eq!(names(&sandbox, "/bucket/in"), ["b c"]);
    assert_eq!(json(&sandbox, "DELETE", "/bucket/in/b%20c?op=DELETE"), json!({"boolean": true}));
    assert_eq!(names(&sandbox, "/bucket/in"), [""; 0]);
    assert_eq!(json(&sandbox, "DELETE", "/bucket/in/b%20c?op=DELETE"), json!({"boolean": false}));
}

#[test]
fn hadoop_learns_where_blocks_are_in_both_of_its_forms() {
    let sandbox = sandbox(&[]);
    create(&sandbox, "/bucket/a", "hello");
    let block = &json(&sandbox, "GET", "/bucket/a?op=GETFILEBLOCKLOCATIONS")["BlockLocations"]["BlockLocation"][0];
    assert_eq!((&block["offset"], &block["length"]), (&json!(0), &json!(5)));
    let blocks = &json(&sandbox, "GET", "/bucket/a?op=GET_BLOCK_LOCATIONS")["LocatedBlocks"];
    assert_eq!((&blocks["fileLength"], &blocks["lastLocatedBlock"]), (&json!(5), &blocks["locatedBlocks"][0]));
    let summary = &json(&sandbox, "GET", "/bucket?op=GETCONTENTSUMMARY")["ContentSummary"];
    assert_eq!((&summary["fileCount"], &summary["directoryCount"]), (&json!(1), &json!(1)));
    let batch = json(&sandbox, "GET", "/bucket?op=LISTSTATUS_BATCH");
    assert_eq!(batch["DirectoryListing"]["remainingEntries"], 0);
}

#[test]
fn no_answer_has_a_content_type() {
    let sandbox = sandbox(&[]);
    for path in ["/bucket?op=LISTSTATUS", "/bucket/none?op=GETFILESTATUS"] {
        let (_, head) = ask(&sandbox, "GET", path, &["-D", "-", "-o", "/dev/null"]);
        assert!(!head.to_lowercase().contains("content-type"), "{head}");
    }
}

#[test]
fn what_is_refused_has_the_exception_that_hadoop_throws() {
    let sandbox = sandbox(&["--fault", "MKDIRS:deny:1"]);
    create(&sandbox, "/bucket/dir/a", "x");
    for (method, path, class) in [
        ("GET", "/bucket/none?op=GETFILESTATUS", "FileNotFoundException"),
        ("GET", "/bucket/none?op=OPEN", "FileNotFoundException"),
        ("GET", "/bucket/dir?op=OPEN", "FileNotFoundException"),
        ("PUT", "/bucket/dir/a?op=CREATE&overwrite=false", "FileAlreadyExistsException"),
        ("PUT", "/bucket/dir/a/b?op=CREATE", "ParentNotDirectoryException"),
        ("PUT", "/bucket/new/b?op=CREATE&createparent=false", "FileNotFoundException"),
        ("DELETE", "/bucket/dir?op=DELETE", "PathIsNotEmptyDirectoryException"),
        ("PUT", "/bucket/x?op=MKDIRS", "AmazonS3Exception"),
        ("PUT", "/bucket/dir/a?op=MKDIRS", "FileAlreadyExistsException"),
        ("GET", "/elsewhere/a?op=LISTSTATUS", "AmazonS3Exception"),
        ("PUT", "/bucket/dir?op=RENAME&destination=/elsewhere/dir", "IllegalArgumentException"),
        ("PUT", "/bucket/dir/a?op=RENAME&renameoptions=NONE&destination=/bucket/dir/a", "FileAlreadyExistsException"),
        ("POST", "/bucket/dir/a?op=APPEND", "UnsupportedOperationException"),
        ("GET", "/bucket/%2E%2E/x?op=OPEN", "IllegalArgumentException"),
    ] {
        assert_eq!(refusal(&sandbox, method, path), class, "{method} {path}");
    }
}

#[test]
fn names_are_kept_whatever_is_in_them() {
    let sandbox = sandbox(&[]);
    let name = "day=2020-01-01 00%3A00+ü&x";
    let encoded = "day=2020-01-01%2000%253A00+%C3%BC&x";
    assert_eq!(create(&sandbox, &format!("/bucket/{encoded}/part"), "x"), 201);
    assert_eq!(names(&sandbox, "/bucket"), [name]);
    // As Java sends it: not all of it encoded.
    assert_eq!(ask(&sandbox, "GET", &format!("/bucket/{}/part?op=OPEN", encoded.replace("%C3%BC", "ü")), &[]).1, "x");
    create(&sandbox, "/bucket/times/12:30", "x");
    assert_eq!(names(&sandbox, "/bucket/times"), ["./12:30"]);
}

#[test]
fn web_pages_and_other_hosts_are_refused_as_everywhere() {
    let sandbox = sandbox(&[]);
    for header in ["Origin: http://evil.example", "Sec-Fetch-Site: same-origin", "Host: evil.example"] {
        assert_eq!(ask(&sandbox, "GET", "/bucket?op=LISTSTATUS", &["-H", header]).0, 421, "{header}");
    }
}

#[test]
fn a_file_whose_writer_died_is_not_there() {
    let sandbox = sandbox(&[]);
    let host = sandbox.endpoint().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let head = "PUT /webhdfs/v1/bucket/half?op=CREATE&datanode=true HTTP/1.1";
    write!(stream, "{head}\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    // Until the connection ends.
    drop(stream.read_to_end(&mut Vec::new()));
    assert_eq!(refusal(&sandbox, "GET", "/bucket/half?op=GETFILESTATUS"), "FileNotFoundException");
}

#[test]
fn ten_thousand_files_are_listed_and_their_folder_is_renamed_at_once() {
    let sandbox = sandbox(&[]);
    let body = sandbox.file("one", "x");
    let entry = |number: u32| {
        let url = format!("{}/bucket/many/part-{number:05}", sandbox.endpoint());
        format!("url = \"{url}\"\nupload-file = \"{}\"\n", body.display())
    };
    let requests = sandbox.file("requests", (0..10_000).map(entry).collect::<Vec<_>>().join("next\n"));
    assert!(Command::new("curl").arg("-sK").arg(requests).status().unwrap().success());
    assert_eq!(names(&sandbox, "/bucket/many").len(), 10_000);
    let moved = json(&sandbox, "PUT", "/bucket/many?op=RENAME&destination=/bucket/moved");
    assert_eq!(moved, json!({"boolean": true}));
    let names = names(&sandbox, "/bucket/moved");
    assert_eq!((names.len(), names.last().map(String::as_str)), (10_000, Some("part-09999")));
    assert_eq!(refusal(&sandbox, "GET", "/bucket/many?op=GETFILESTATUS"), "FileNotFoundException");
    assert_eq!(sandbox.requests("RENAME").len(), 1);
}

#[test]
fn a_large_file_streams_in_and_out() {
    let sandbox = sandbox(&[]);
    let content = "0123456789abcdef".repeat(1 << 20);
    assert_eq!(create(&sandbox, "/bucket/large", &content), 201);
    let tail = ask(&sandbox, "GET", "/bucket/large?op=OPEN&offset=16777200", &[]);
    assert_eq!(tail, (200, "0123456789abcdef".to_owned()));
    assert_eq!(ask(&sandbox, "GET", "/bucket/large?op=OPEN", &[]).1.len(), content.len());
}
