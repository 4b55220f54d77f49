//! Looks up what a call created whose answer was lost, and adopts it.
//!
//! `RunJobFlow` and `AddJobFlowSteps` may have succeeded, and EMR's API has no client token, so a blind retry could pay
//! twice. The run id at the end of each Name shows in a list whether the call succeeded.

use std::future::Future;
use std::time::Duration;

use emr_core::error::{CallError, Error, Result};
use emr_core::model::run_id::RunId;
use tokio::time::{Instant, timeout_at};

/// The wait before each look-up, 15 s in all. EMR lists what it creates within seconds.
const LOOKS: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// The time limit of all look-ups together.
const DEADLINE: Duration = Duration::from_mins(1);

/// Retries `look` until it finds what `run` created. The error says what is still unknown and how to find out.
pub(super) async fn adopt<T, F>(failure: CallError, run: &RunId, look: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<Option<T>>>,
{
    log::warn!("the answer to {} was lost ({}); looking for what it did", failure.operation, failure.message);
    let began = Instant::now();
    let mut blind = Some("no answer".to_owned());
    for wait in LOOKS {
        let looked = timeout_at(began + DEADLINE, async {
            tokio::time::sleep(wait).await;
            look().await
        });
        match looked.await {
            Ok(Ok(Some(found))) => return Ok(found),
            Ok(Ok(None)) => blind = None,
            Ok(Err(error)) => blind = Some(error.to_string()),
            Err(_) => break,
        }
    }
    let api = failure.operation;
    let error = Error::from(failure);
    Err(match blind {
        Some(cause) => error
            .on(format!("{api} may or may not have happened, and looking failed, too ({cause})"))
            .advise(format!("look for a name that ends in '{run}' before you try again")),
        None => error
            .on(format!("nothing named '{run}' appeared within {} s", began.elapsed().as_secs()))
            .advise("what was lost may still arrive: look for the name once more before you try again"),
    })
}
