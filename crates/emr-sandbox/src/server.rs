//! Accepts connections until a signal arrives. The requests of a connection are served one after another. The resources
//! of clients are limited: the number of connections, the time for the head of a request and, by Hyper's default, its
//! size.

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

/// The pause after a failed accept.
const FULL: Duration = Duration::from_millis(100);

/// How long a client may take to send the head of a request, and how long a connection may be idle.
const HEAD: Duration = Duration::from_secs(30);

/// The largest number of connections at once. More wait until one ends.
const MAX_CONNECTIONS: u16 = 8192;

/// Open files reserved for everything but connections.
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
                // For example too many open files. The next connection to end frees one.
                Err(error) => {
                    log::warn!("cannot accept a connection: {error}");
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
    // The head and the body of an answer are sent separately. Without this, the body waits for the client's
    // acknowledgement of the head, which TCP delays by 40 ms.
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

/// Raises the limit of open files, and returns the number of connections that it allows. Each connection may also have
/// an object open.
fn most_connections() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let wanted = u64::from(MAX_CONNECTIONS) * 2 + OTHER_FILES;
    let files = limit.maximum.map_or(wanted, |most| most.min(wanted)).max(limit.current.unwrap_or(wanted).min(wanted));
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(files), ..limit }) {
        log::warn!("cannot raise the limit of open files: {error}");
    }
    let files = getrlimit(Resource::Nofile).current.unwrap_or(files);
    let connections = (files.saturating_sub(OTHER_FILES) / 2).clamp(16, u64::from(MAX_CONNECTIONS));
    usize::try_from(connections).unwrap_or(usize::from(MAX_CONNECTIONS))
}
