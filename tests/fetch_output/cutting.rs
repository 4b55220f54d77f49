//! A link to the sandbox that breaks.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Carries what the sandbox answers to the first `times` connections no further than `bytes` bytes, and calls `at_cut` with
/// the number of cuts before each.
pub(crate) fn cutting(
    endpoint: &str,
    times: usize,
    bytes: usize,
    at_cut: impl Fn(usize) + Send + Sync + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let to = endpoint.strip_prefix("http://").unwrap().to_owned();
    let (cuts, at_cut) = (Arc::new(AtomicUsize::new(0)), Arc::new(at_cut));
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let server = TcpStream::connect(&to).unwrap();
            let (cuts, at_cut) = (Arc::clone(&cuts), Arc::clone(&at_cut));
            let (mut asks, mut asked) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || drop(std::io::copy(&mut asks, &mut asked)));
            thread::spawn(move || {
                if !carry(&server, &client, bytes) || cuts.load(Ordering::SeqCst) >= times {
                    drop(std::io::copy(&mut &server, &mut &client));
                } else {
                    at_cut(cuts.fetch_add(1, Ordering::SeqCst));
                }
                drop((client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both)));
            });
        }
    });
    url
}

/// Carries up to so many bytes, and returns whether there were as many.
fn carry(mut from: &TcpStream, mut to: &TcpStream, bytes: usize) -> bool {
    let mut buffer = [0; 4096];
    let mut left = bytes;
    while left > 0 {
        let wanted = left.min(buffer.len());
        match from.read(&mut buffer[..wanted]) {
            Ok(length @ 1..) if to.write_all(&buffer[..length]).is_ok() => left -= length,
            _ => return false,
        }
    }
    true
}
