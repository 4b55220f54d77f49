//! `RunJobFlow`: validates the request and makes its cluster.

mod describe;
mod instances;
mod request;
mod validate;

use serde_json::{Value, json};

use self::request::{BootstrapActionConfig, RunJobFlow};
use crate::emr::account::{Account, Settings};
use crate::emr::error::Error;
use crate::emr::model::cluster::{BootstrapState, Cluster, Start};
use crate::emr::model::timestamp::Timestamp;
use crate::emr::provision;

/// Seconds that a transient cluster without steps waits for its first one.
const FIRST_STEP_S: u64 = 60;

pub(super) fn answer(account: &mut Account, request: RunJobFlow, now: Timestamp) -> Result<Value, Error> {
    validate::validate(&request)?;
    let mut cluster = create(request, &account.settings, now);
    if let Some(fault) = account.start_fault.take() {
        let failure = fault.failure(&cluster);
        cluster.start.iter_mut().for_each(|start| start.failure = Some(failure.clone()));
    }
    let answer = json!({
        "JobFlowId": cluster.description.id,
        "ClusterArn": cluster.description.cluster_arn,
    });
    account.add(cluster)?;
    Ok(answer)
}

fn create(mut request: RunJobFlow, settings: &Settings, now: Timestamp) -> Cluster {
    let ready_at = now.after(settings.provision_s);
    let must_bootstrap = settings.run_bootstrap_actions && !request.bootstrap_actions.is_empty();
    let start = Start {
        ready_at,
        first_step_by: now.after(FIRST_STEP_S.max(settings.provision_s)),
        bootstrap: if must_bootstrap { BootstrapState::Due } else { BootstrapState::Done },
        failure: None,
    };
    let steps = std::mem::take(&mut request.steps);
    let actions = std::mem::take(&mut request.bootstrap_actions);
    let mut cluster = Cluster {
        instance_groups: instances::groups(&request.instances, now),
        instance_fleets: instances::fleets(&request.instances, now),
        instances: Vec::new(),
        sessions: Vec::new(),
        bootstrap_actions: actions.into_iter().map(describe_bootstrap_action).collect(),
        steps: steps.into_iter().map(|step| step.into_step(now)).collect::<Vec<_>>().into(),
        auto_termination_policy: request.auto_termination_policy,
        managed_scaling_policy: request.managed_scaling_policy.take(),
        start: Some(start),
        description: describe::describe(request, settings, now),
    };
    provision::provision(&mut cluster, false, now);
    cluster
}

/// A bootstrap action in the shape of `ListBootstrapActions`.
fn describe_bootstrap_action(action: BootstrapActionConfig) -> Value {
    let script = action.script_bootstrap_action;
    json!({ "Name": action.name, "ScriptPath": script.path, "Args": script.args })
}
