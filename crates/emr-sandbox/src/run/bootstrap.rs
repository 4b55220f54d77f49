//! Bootstrap actions, with `--run-bootstrap-actions`: they run on this machine, as if on the master.

use std::path::Path;

use super::failure::Failure;
use super::machine::Machine;
use super::processes::Processes;
use super::workplace::Workplace;
use super::{archive, script};

/// The bootstrap actions of a cluster.
pub(crate) struct BootstrapActions {
    pub(crate) cluster_id: String,
    /// The master's EC2 instance id, for logs and failures.
    pub(crate) instance_id: Option<String>,
    /// The script URI and arguments of each action.
    pub(crate) commands: Vec<Vec<String>>,
    /// The cluster's `LogUri`.
    pub(crate) log_uri: Option<String>,
}

/// Runs the actions in order, until one fails.
pub(crate) fn run(machine: &Machine, actions: &BootstrapActions, processes: &Processes) -> Result<(), Failure> {
    let instance = actions.instance_id.as_deref().unwrap_or("i-unknown");
    for (number, command) in (1..).zip(&actions.commands) {
        run_action(machine, actions, processes, number, command).map_err(|failure| {
            let message = format!(
                "On the master instance ({instance}), bootstrap action {number} failed: {} {}",
                failure.reason, failure.message
            );
            Failure { message, ..failure }
        })?;
    }
    Ok(())
}

fn run_action(
    machine: &Machine,
    actions: &BootstrapActions,
    processes: &Processes,
    number: u32,
    command: &[String],
) -> Result<(), Failure> {
    let place = Path::new("bootstrap-actions").join(number.to_string());
    let workplace = Workplace::prepare(machine, processes, &actions.cluster_id, &place)?;
    let result = script::run(&workplace, command);
    archive(&workplace, actions, number);
    result
}

fn archive(workplace: &Workplace<'_>, actions: &BootstrapActions, number: u32) {
    let root = actions.log_uri.as_deref().map(|uri| workplace.location(uri));
    if let (Some(Ok(root)), Some(instance)) = (root, &actions.instance_id) {
        let node = root.join(&actions.cluster_id).join("node").join(instance);
        let to = node.join("bootstrap-actions").join(&number.to_string());
        archive::copy(workplace.logs.dir(), workplace.store(), &to);
    }
}
