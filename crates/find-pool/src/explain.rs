//! `--explain`: for each job flow of the pool, why the job would or would not join it.

use emr_cli::Output;
use emr_core::claim::lease::{Sighting, is_held};
use emr_core::error::{Outcome, Result};
use emr_core::model::cluster::Cluster;
use emr_core::model::job_flow::JobFlow;
use emr_core::model::pool::Marker;
use emr_core::pool::{self, CopiedNames, Explanation, Reason, locks};
use futures_util::{StreamExt, stream};

use crate::search::Search;

/// Job flows looked at together. Each takes three calls, and EMR answers about ten at once.
const LOOKS_AT_ONCE: usize = 4;

/// Explains each job flow of the pool. Claims nothing.
pub(crate) async fn explain(search: &Search<'_>, job_flow: &JobFlow, output: &Output) -> Result<Outcome> {
    let mut pool = search.alive().await?;
    let copied = CopiedNames::of(&pool);
    let is_ours = |cluster: &Cluster| {
        Marker::read(&cluster.name).is_some_and(|marker| marker.pool_name == search.request.pool_name)
    };
    pool.retain(is_ours);
    if pool.is_empty() {
        emr_cli::say(&format!("no job flow is in the pool '{}'", search.request.pool_name));
    }
    if pool.len() > 10 {
        emr_cli::foretell(&format!(
            "asking EMR about {} job flows, which takes about {} s",
            pool.len(),
            2 * (pool.len() - 10)
        ));
    }
    pool.sort_by(|a, b| a.id.cmp(&b.id));
    let mut explanations = stream::iter(&pool)
        .map(|cluster| one(search, job_flow, (cluster, copied.has(cluster))))
        .buffered(LOOKS_AT_ONCE);
    let mut printer = output.printer();
    let mut outcome = Outcome::No;
    while let Some(explanation) = explanations.next().await {
        let explanation = explanation?;
        if explanation.matches {
            outcome = Outcome::Done;
        }
        printer.print(&explanation)?;
        if printer.is_closed() {
            break;
        }
    }
    printer.finish()?;
    Ok(outcome)
}

async fn one(search: &Search<'_>, job_flow: &JobFlow, (cluster, is_copied): (&Cluster, bool)) -> Result<Explanation> {
    let uri = locks::of_job_flow(search.locks, &cluster.id);
    let lock = search.aws.s3.lock(&uri);
    let job_flow_now = search.looking.at(&cluster.id, None, !is_copied);
    let (seen, held) = tokio::try_join!(job_flow_now.take(), lock.look())?;
    let mut reasons = pool::differences(job_flow, &search.request.hash, search.locks, &seen.detail);
    reasons.extend(seen.occupied);
    reasons.extend(held.filter(is_held).as_ref().map(claim));
    for misfit in seen.misfits {
        if !reasons.contains(&misfit) {
            reasons.push(misfit);
        }
    }
    Ok(Explanation {
        job_flow_id: cluster.id.clone(),
        name: cluster.name.clone(),
        state: seen.detail.cluster.state,
        matches: reasons.is_empty(),
        reasons,
    })
}

fn claim(sighting: &Sighting) -> Reason {
    let holder = sighting.lock.holder.as_ref();
    let left = holder.map(|holder| holder.ttl.saturating_sub(sighting.age).as_secs()).unwrap_or_default();
    let owner = holder.map_or("somebody", |holder| holder.owner.as_str());
    let found = format!("claimed by {owner} for at most {left} s more");
    Reason { check: "claim", wanted: "no claim".to_owned(), found }
}
