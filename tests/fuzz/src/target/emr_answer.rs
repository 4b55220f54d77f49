//! EMR's answers. The first byte chooses the call, the rest is the body.

use emr_aws::emr::ClusterFilter;
use emr_aws::{Emr, untrusted};
use emr_core::error::Result;
use emr_core::model::cluster::{Cluster, ClusterState, example};
use emr_core::model::id::{JobFlowId, StepId};
use emr_core::pool::{Power, Size};

use crate::input::{choice, wait};

/// The calls, each of which has an answer that must not be empty.
const CALLS: usize = 11;

/// Runs the target.
pub fn run(input: &[u8]) {
    let (number, body) = choice(input);
    // The answer to a request that fails is an error's.
    let status = if number < 128 { 200 } else { 400 };
    let made = wait(call(&untrusted::emr(status, body), number % CALLS));
    assert!(status == 200 || made.is_err(), "it was refused");
    if body.iter().all(u8::is_ascii_whitespace) {
        assert!(made.is_err(), "an empty answer is no list of nothing");
    }
}

async fn call(emr: &Emr, number: usize) -> Result<()> {
    let (job_flow, step): (JobFlowId, StepId) = ("j-A".parse().unwrap(), "s-A".parse().unwrap());
    let detail = example::detail(cluster());
    match number {
        0 => {
            let mut pages = emr.clusters(ClusterFilter::default());
            while pages.next().await?.is_some() {}
            Ok(())
        }
        1 => Box::pin(emr.describe_cluster(&job_flow)).await.map(drop),
        2 => Box::pin(emr.all_steps(&job_flow)).await.map(drop),
        3 => Box::pin(emr.each_step_by_id(&job_flow, &[step])).await.map(drop),
        4 | 5 => {
            let offer = Box::pin(emr.offer(&job_flow, number == 5)).await?;
            let _ = (Power::of(&offer), Size::of(&offer));
            Ok(())
        }
        6 => Box::pin(emr.nodes(&detail)).await.map(drop),
        7 => Box::pin(emr.instance_types(&job_flow, None)).await.map(drop),
        8 => Box::pin(emr.bootstrap_actions(&job_flow)).await.map(drop),
        9 => Box::pin(emr.has_active_session(&job_flow)).await.map(drop),
        _ => Box::pin(emr.cancel_steps(&job_flow, &[step])).await,
    }
}

fn cluster() -> Cluster {
    example::cluster("j-A", ClusterState::Waiting)
}
