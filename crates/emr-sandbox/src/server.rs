//! Accepts connections until a signal arrives. The requests of one connection are served one after
//! the other. What clients can take is bounded: connections, the time of a head
//! and, by Hyper's default, its size.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::gateway::Gateway;

/// How long to wait when no connection can be accepted.
const FULL: Duration = Duration::from_millis(100);

/// How long a client may take to send the head of a request, and a connection may idle.
const HEAD: Duration = Duration::from_secs(30);

/// The most connections at once; more wait until one ends.
const MAX_CONNECTIONS: u16 = 8192;

/// Files that the connections leave to everything else.
const OTHER_FILES: u64 = 256;

/// Serves until SIGINT, SIGTERM or SIGHUP.
pub(crate) async fn serve(listener: &TcpListener, gateway: &Arc<Gateway>) -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let places = Arc::new(Semaphore::new(most_connections()));
    loop {
        tokio::select! {
            _ = hangup.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            _ = terminate.recv() => return Ok(()),
            accepted = accept(listener, &places) => match accepted {
                Ok((stream, place)) => drop(tokio::spawn(serve_connection(stream, place, Arc::clone(gateway)))),
                // Such as too many open files: a connection that ends frees one.
                Err(error) => {
                    log::warn!("accept: {error}");
                    tokio::time::sleep(FULL).await;
                }
            },
        }
    }
}

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}

async fn serve_connection(stream: TcpStream, _place: OwnedSemaphorePermit, gateway: Arc<Gateway>) {
    // Head and body of an answer go out one after the other. Without this the body waits for the client to acknowledge
    // the head, which it puts off for 40 ms.
    if let Err(error) = stream.set_nodelay(true) {
        log::debug!("connection: {error}");
    }
    let service = service_fn(move |request| {
        let gateway = Arc::clone(&gateway);
        async move { gateway.answer(request).await }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = served.await {
        log::debug!("connection: {error}");
    }
}

/// As many connections as there are files for, once the process may open as many as the system lets it.
/// Each of them may have an object open as well.
fn most_connections() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let wanted = u64::from(MAX_CONNECTIONS) * 2 + OTHER_FILES;
    let files = limit.maximum.map_or(wanted, |most| most.min(wanted)).max(limit.current.unwrap_or(wanted).min(wanted));
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(files), ..limit }) {
        log::warn!("files: {error}");
    }
    let files = getrlimit(Resource::Nofile).current.unwrap_or(files);
    let connections = (files.saturating_sub(OTHER_FILES) / 2).clamp(16, u64::from(MAX_CONNECTIONS));
    usize::try_from(connections).unwrap_or(usize::from(MAX_CONNECTIONS))
}
