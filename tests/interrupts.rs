//! What signals, and endpoints that are not AWS, do to the calls that cost money.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStderr, Command, Stdio};

use harness::{Ran, Sandbox, Tools};

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

fn tools() -> Tools {
    Tools::beside(SANDBOX)
}

fn start(command: &mut Command) -> (Child, BufReader<ChildStderr>) {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let said = BufReader::new(child.stderr.take().unwrap());
    (child, said)
}

/// Reads what a tool says until it says `words`, and returns that line.
fn until(said: &mut BufReader<ChildStderr>, words: &str) -> String {
    let mut line = String::new();
    while !line.contains(words) {
        line.clear();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "it says '{words}'");
    }
    line
}

fn interrupt(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

/// An endpoint that answers every request with `answer`, or never where there is none.
fn endpoint(answer: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut open: Vec<TcpStream> = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            if let Some(answer) = answer {
                drop(stream.read(&mut [0; 1 << 13]));
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nConnection: close\r\n";
                drop(write!(stream, "{head}Content-Length: {}\r\n\r\n{answer}", answer.len()));
            }
            open.push(stream);
            if answer.is_some() {
                open.clear();
            }
        }
    });
    url
}

fn create_at(url: &str) -> Command {
    let mut command = tools().command("create-job-flow");
    let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_REGION", "eu-west-1")];
    command.envs(keys).args(["-v", "--endpoint-url", url]);
    command
}

#[test]
fn an_interrupt_while_a_job_flow_is_made_still_tells_of_it() {
    let sandbox = Sandbox::start(&tools(), &["--fault", "RunJobFlow:delay:1:1000"]);
    let (child, mut said) = start(sandbox.tool("create-job-flow").arg("-v"));
    until(&mut said, "asking EMR for job-flow.tester run:");
    interrupt(&child);
    until(&mut said, "finishing the call that is under way");
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert_eq!(sandbox.job_flows(), [ran.record()["job_flow_id"].as_str().unwrap()]);
}

#[test]
fn an_interrupt_between_two_attempts_makes_nothing() {
    let sandbox = Sandbox::start(&tools(), &["--fault", "RunJobFlow:throttle:99"]);
    let (child, mut said) = start(sandbox.tool("create-job-flow").arg("-vv"));
    until(&mut said, "RunJobFlow: Rate exceeded");
    until(&mut said, "RunJobFlow: Rate exceeded");
    interrupt(&child);
    until(&mut said, "RunJobFlow was not sent");
    let asked = sandbox.requests("RunJobFlow").len();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
    assert!(asked < 5 && sandbox.requests("RunJobFlow").len() == asked);
    assert_eq!(sandbox.job_flows(), [""; 0]);
}

#[test]
fn a_second_interrupt_gives_up_and_says_what_nobody_knows_then() {
    let url = endpoint(None);
    let (child, mut said) = start(&mut create_at(&url));
    until(&mut said, "asking EMR for");
    interrupt(&child);
    until(&mut said, "finishing the call that is under way");
    interrupt(&child);
    let last = until(&mut said, "given up");
    assert!(last.contains("a job flow whose name ends in 'run:"), "{last}");
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
}

/// Starts a job flow that has to upload a file in two parts, each of which takes a second, and waits until it begins.
fn create_with_large_file(sandbox: &Sandbox) -> (Child, BufReader<ChildStderr>) {
    let large = sandbox.file("large.tar", "");
    File::options().write(true).open(large).unwrap().set_len(65 << 20).unwrap();
    let (child, mut said) = start(sandbox.tool("create-job-flow").args(["-vv", "--bootstrap=tar tf large.tar#"]));
    until(&mut said, "CreateMultipartUpload: answered");
    (child, said)
}

#[test]
fn an_interrupt_while_files_are_uploaded_leaves_nothing_behind() {
    let sandbox = Sandbox::start(&tools(), &["--fault", "UploadPart:delay:2:1000"]);
    let (mut child, mut said) = create_with_large_file(&sandbox);
    interrupt(&child);
    until(&mut said, "interrupted");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(sandbox.requests("AbortMultipartUpload").len(), 1);
    assert_eq!(sandbox.requests("RunJobFlow").len(), 0);
}

#[test]
fn a_file_that_changes_while_it_is_uploaded_is_refused() {
    let sandbox = Sandbox::start(&tools(), &["--fault", "UploadPart:delay:2:1000"]);
    let (mut child, mut said) = create_with_large_file(&sandbox);
    File::options().append(true).open(sandbox.folder().join("large.tar")).unwrap().write_all(b"more").unwrap();
    until(&mut said, "large.tar changed while it was uploaded");
    assert_eq!(child.wait().unwrap().code(), Some(74));
    assert_eq!(sandbox.requests("AbortMultipartUpload").len(), 1);
    assert_eq!(sandbox.requests("RunJobFlow").len(), 0);
}

#[test]
fn an_answer_without_an_id_is_no_answer() {
    let url = endpoint(Some("{}"));
    let ran = Ran::of(&mut create_at(&url));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(69), ""), "{ran:?}");
    assert!(ran.stderr.contains("RunJobFlow may or may not have happened, and looking failed, too"), "{ran:?}");
    assert!(ran.stderr.contains("look for a name that ends in 'run:"), "{ran:?}");
}

#[test]
fn a_list_that_leads_back_to_itself_ends() {
    let url = endpoint(Some("{\"Clusters\":[],\"Marker\":\"again\"}"));
    let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_REGION", "eu-west-1")];
    let ran = Ran::of(tools().command("list-job-flows").envs(keys).args(["--endpoint-url", &url]));
    ran.fails(69, "the same page of a list again");
}
