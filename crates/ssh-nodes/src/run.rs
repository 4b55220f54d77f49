//! Runs the command on the chosen nodes.

use std::cell::RefCell;
use std::future::ready;

use emr_cli::signal::Endings;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::id::JobFlowId;
use emr_core::model::instance::Node;
use emr_ssh::Session;
use futures_util::{StreamExt, stream};

use crate::args::Args;
use crate::output::Outputs;

/// Runs `script` on `nodes`, and returns the largest exit code.
pub(crate) async fn run(
    args: &Args,
    job_flow: &JobFlowId,
    session: &Session,
    nodes: &[Node],
    script: &str,
) -> Result<Outcome> {
    let outputs = RefCell::new(Outputs::new(args, job_flow)?);
    let (worst, signal) = or_end(session, run_on_all(args, session, nodes, script, &outputs)).await?;
    let closed = outputs.into_inner().finish()?;
    Ok(match signal {
        Some(number) => Outcome::Signal(number),
        // The reader closed the pipe: that is success.
        None if closed => Outcome::Done,
        None => worst,
    })
}

/// Does `work`. A first signal ends the commands on their nodes and waits for that; a second one does not wait.
async fn or_end<T>(session: &Session, work: impl Future<Output = T>) -> Result<(T, Option<u8>)> {
    let mut work = std::pin::pin!(work);
    let mut endings = Endings::catch();
    let number = tokio::select! {
        done = &mut work => return Ok((done, None)),
        number = endings.next() => number,
    };
    emr_cli::warn(&format!("signal {number}: ending the commands; a second signal stops the wait"));
    session.end_commands();
    tokio::select! {
        done = &mut work => Ok((done, Some(number))),
        number = endings.next() => Err(Error::new(Outcome::Signal(number), "interrupted")),
    }
}

async fn run_on_all(
    args: &Args,
    session: &Session,
    nodes: &[Node],
    script: &str,
    outputs: &RefCell<Outputs>,
) -> Outcome {
    stream::iter(nodes)
        .take_while(|_| ready(!session.is_ending()))
        .map(|node| run_on(args, session, node, script, outputs))
        .buffer_unordered(args.fan_out.into())
        .fold(Outcome::Done, |worst, outcome| ready(worst.larger(outcome)))
        .await
}

async fn run_on(args: &Args, session: &Session, node: &Node, script: &str, outputs: &RefCell<Outputs>) -> Outcome {
    let mut place = match outputs.borrow().place(node) {
        Ok(place) => place,
        Err(error) => return said(&error),
    };
    let each = |stream, bytes: &[u8]| {
        if !outputs.borrow_mut().take(&mut place, stream, bytes) {
            session.end_commands();
        }
    };
    let ran = session.run_each(node, script, args.timeout, each).await;
    if session.is_ending() && outputs.borrow().is_closed() {
        return Outcome::Done;
    }
    let outcome = match &ran {
        Ok(0) => Outcome::Done,
        Ok(code) => Outcome::Code(*code),
        Err(error) => said(error),
    };
    match outputs.borrow_mut().end(place, ran) {
        Ok(()) => outcome,
        Err(error) => said(&error),
    }
}

fn said(error: &Error) -> Outcome {
    emr_cli::report(error);
    error.outcome
}
