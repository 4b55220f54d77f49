//! Acquires the lock, immediately or after waiting for its holder.

use std::time::{Duration, Instant};

use emr_aws::{Aws, Hold};
use emr_cli::{owner, random, signal};
use emr_core::claim::lease::{Lease, Sighting};
use emr_core::claim::pause;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::lock::Holder;
use emr_core::model::s3_uri::S3Uri;

use crate::args::{Acquire, Taking};

/// The longest pause between two attempts. Each costs a request to S3.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Acquires the lock and prints its record, or reports who holds it.
pub(crate) async fn acquire(args: Acquire) -> Result<Outcome> {
    let aws = args.store.connect().await?;
    match take(&aws, &args.lock, &args.taking).await? {
        Ok(lease) => {
            let mut printer = args.output.printer();
            let handed_on = printer.print(&crate::held(args.lock.clone(), &lease)).and_then(|()| printer.finish());
            if handed_on.is_err() || printer.is_closed() {
                // Nobody knows the token, so nobody could release the lock later.
                let _ = aws.s3.lock(&args.lock).release(&lease).await;
            }
            handed_on.map(|()| Outcome::Done)
        }
        Err(busy) => Ok(busy),
    }
}

/// The lease, or the outcome of a run that finds the lock held by somebody else.
pub(crate) async fn take(aws: &Aws, uri: &S3Uri, taking: &Taking) -> Result<std::result::Result<Lease, Outcome>> {
    let token = taking.token.clone().unwrap_or_else(random::token);
    let holder = Holder { token, owner: owner::owner(), ttl: taking.ttl };
    let lock = aws.s3.lock(uri);
    let began = Instant::now();
    let mut pauses = pause::pauses(LONGEST_PAUSE);
    loop {
        let held = signal::hold(Box::pin(lock.hold(holder.clone())), || {}, "the lock may stay held until it expires");
        let (tried, signal) = held.await?;
        let busy = match (signal::ended_by(tried, signal)?, signal) {
            (Hold::Held(lease), None) => return Ok(Ok(lease)),
            (Hold::Held(lease), Some(number)) => {
                lock.release(&lease).await?;
                return Err(Error::new(Outcome::Signal(number), "interrupted"));
            }
            (Hold::Busy(_), Some(number)) => return Err(Error::new(Outcome::Signal(number), "interrupted")),
            (Hold::Busy(sighting), None) => sighting,
        };
        let left = taking.wait.unwrap_or_default().saturating_sub(began.elapsed());
        if left.is_zero() {
            emr_cli::say(&who_has(uri, &busy));
            return Ok(Err(taking.conflict_exit_code.map_or(Outcome::No, Outcome::Code)));
        }
        emr_cli::detail(&who_has(uri, &busy));
        let wait = pauses.next().unwrap_or(LONGEST_PAUSE).mul_f64(random::share()).min(left);
        signal::or_interrupted(tokio::time::sleep(wait)).await?;
    }
}

fn who_has(uri: &S3Uri, sighting: &Sighting) -> String {
    let holder = sighting.lock.holder.as_ref();
    let owner = holder.map_or("somebody", |holder| holder.owner.as_str());
    let left = holder.map_or(Duration::ZERO, |holder| holder.ttl.saturating_sub(sighting.age));
    format!("{uri} is held by {owner}, for {} s more unless it is renewed", left.as_secs())
}
