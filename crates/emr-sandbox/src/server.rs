//! Accepts connections until a signal arrives. The requests of one connection are served one after
//! the other.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};

use crate::gateway::Gateway;

/// How long to wait when no connection can be accepted.
const FULL: Duration = Duration::from_millis(100);

/// Serves until SIGINT, SIGTERM or SIGHUP.
pub(crate) async fn serve(listener: &TcpListener, gateway: &Arc<Gateway>) -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    loop {
        tokio::select! {
            _ = hangup.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            _ = terminate.recv() => return Ok(()),
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(tokio::spawn(serve_connection(stream, Arc::clone(gateway)))),
                // Such as too many open files: a connection that ends frees one.
                Err(error) => {
                    log::warn!("accept: {error}");
                    tokio::time::sleep(FULL).await;
                }
            },
        }
    }
}

async fn serve_connection(stream: TcpStream, gateway: Arc<Gateway>) {
    // Head and body of an answer go out one after the other. Without this the body waits for the client to acknowledge
    // the head, which it puts off for 40 ms.
    if let Err(error) = stream.set_nodelay(true) {
        log::debug!("connection: {error}");
    }
    let service = service_fn(move |request| {
        let gateway = Arc::clone(&gateway);
        async move { gateway.answer(request).await }
    });
    let served = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    if let Err(error) = served.await {
        log::debug!("connection: {error}");
    }
}
