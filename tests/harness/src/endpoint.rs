//! An endpoint that does not answer as AWS does, such as a proxy, a gateway or a faulty server.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::{Ran, Tools, run};

/// A server that answers every request with status 200 and the body that a test wants.
#[derive(Debug)]
pub struct Endpoint {
    url: String,
    asked: Arc<Mutex<HashMap<String, usize>>>,
}

impl Endpoint {
    /// Answers with the result of `answer`. Its arguments are the operation, such as `ListSteps`, or for S3 the request
    /// line, such as `PUT /bucket/key`, and the number of equal requests before. The result may have headers before the
    /// body, separated by `\r
    /// \r
    /// `, and a status line before these.
    #[must_use]
    pub fn answering(answer: impl Fn(&str, usize) -> String + Send + Sync + 'static) -> Self {
        Self::writing(move |operation, before, stream| say(stream, &answer(operation, before)))
    }

    /// Lets `write` write each answer, beginning with the status line. Its end closes the connection.
    #[must_use]
    pub fn writing(write: impl Fn(&str, usize, TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("a port has an address"));
        let asked = Arc::<Mutex<HashMap<String, usize>>>::default();
        let (counts, write) = (Arc::clone(&asked), Arc::new(write));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (counts, write) = (Arc::clone(&counts), Arc::clone(&write));
                thread::spawn(move || {
                    let operation = operation(&stream)?;
                    let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
                    let count = counts.entry(operation.clone()).or_default();
                    *count += 1;
                    let before = *count - 1;
                    drop(counts);
                    write(&operation, before, stream);
                    Some(())
                });
            }
        });
        Self { url, asked }
    }

    /// Answers every request with `body`.
    #[must_use]
    pub fn saying(body: &'static str) -> Self {
        Self::answering(move |_, _| body.to_owned())
    }

    /// The number of requests for `operation`.
    #[must_use]
    pub fn asked(&self, operation: &str) -> usize {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).get(operation).copied().unwrap_or_default()
    }

    /// A command that runs the tool `name` of `tools` against this endpoint.
    #[must_use]
    pub fn tool(&self, tools: &Tools, name: &str) -> Command {
        let mut command = tools.command(name);
        run::point_at(&self.url, &mut command).env("AWS_MAX_ATTEMPTS", "2");
        command
    }

    /// Runs the tool `name` of `tools` with `args` against this endpoint.
    #[must_use]
    pub fn run(&self, tools: &Tools, name: &str, args: &[&str]) -> Ran {
        Ran::of(self.tool(tools, name).args(args))
    }
}

/// Reads a request, and returns its operation or request line.
fn operation(stream: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let (mut target, mut length, mut request) = (None, 0, None);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|bytes| *bytes > 0)?;
        let line = line.trim_end();
        let Some((name, value)) = line.split_once(": ") else {
            if line.is_empty() {
                break;
            }
            request = Some(line.rsplit_once(' ')?.0.to_owned());
            continue;
        };
        match name.to_lowercase().as_str() {
            "x-amz-target" => target = Some(value.rsplit('.').next()?.to_owned()),
            "content-length" => length = value.parse().ok()?,
            _ => {}
        }
    }
    reader.take(length).read_to_end(&mut Vec::new()).ok()?;
    target.or(request)
}

fn say(mut stream: TcpStream, answer: &str) {
    let (header, body) = answer.split_once("\r\n\r\n").unwrap_or(("Content-Type: application/x-amz-json-1.1", answer));
    let status = if header.starts_with("HTTP/") { "" } else { "HTTP/1.1 200 OK\r\n" };
    let head = format!("{status}{header}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    // A client that has read enough may close the connection.
    drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())));
}
