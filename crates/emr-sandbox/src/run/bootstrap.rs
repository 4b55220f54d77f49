//! Bootstrap actions, where the sandbox was asked to run them: on this machine, as the master.

use serde_json::Value;

use super::filesystem::location::Location;
use super::logs::{self, Logs};
use super::processes::Processes;
use super::runner::Machine;
use super::script;
use super::step::Workplace;

/// The bootstrap actions of a cluster.
pub(crate) struct Bootstrapping {
    pub(crate) cluster_id: String,
    /// The EC2 instance that they run on, as far as EMR tells.
    pub(crate) instance_id: Option<String>,
    /// In the shape of `ListBootstrapActions`.
    pub(crate) actions: Vec<Value>,
    pub(crate) log_uri: Option<String>,
}

/// Runs the actions in order; the error says which failed and how.
pub(crate) fn run(machine: &Machine, bootstrapping: &Bootstrapping, processes: &Processes) -> Result<(), String> {
    let instance = bootstrapping.instance_id.as_deref().unwrap_or("i-unknown");
    for (number, action) in (1..).zip(&bootstrapping.actions) {
        run_action(machine, bootstrapping, processes, number, action).map_err(|reason| {
            format!("On the master instance ({instance}), bootstrap action {number} failed: {reason}")
        })?;
    }
    Ok(())
}

fn run_action(
    machine: &Machine,
    bootstrapping: &Bootstrapping,
    processes: &Processes,
    number: u32,
    action: &Value,
) -> Result<(), String> {
    let cluster = machine.cluster_dir(&bootstrapping.cluster_id);
    let action_dir = cluster.join("bootstrap-actions").join(number.to_string());
    let workplace = Workplace {
        machine,
        processes,
        logs: Logs::create(&action_dir.join("logs"), &logs::STEP).map_err(|error| error.to_string())?,
        dir: action_dir.join("work"),
        hdfs: cluster.join("hdfs"),
        containers: action_dir.join("containers"),
    };
    std::fs::create_dir_all(&workplace.dir).map_err(|error| error.to_string())?;
    let result = script::run(&workplace, &arguments(action));
    archive(&workplace, bootstrapping, number);
    result.map_err(|failed| format!("{} {}", failed.reason, failed.message))
}

/// The script and its arguments.
fn arguments(action: &Value) -> Vec<String> {
    let args = action["Args"].as_array().into_iter().flatten();
    let words = std::iter::once(&action["ScriptPath"]).chain(args);
    words.filter_map(|word| word.as_str().map(str::to_owned)).collect()
}

fn archive(workplace: &Workplace<'_>, bootstrapping: &Bootstrapping, number: u32) {
    let root = bootstrapping.log_uri.as_deref().map(|uri| Location::parse(uri, &workplace.hdfs));
    if let (Some(Ok(root)), Some(instance)) = (root, &bootstrapping.instance_id) {
        let node = root.join(&bootstrapping.cluster_id).join("node").join(instance);
        let to = node.join("bootstrap-actions").join(&number.to_string());
        logs::archive(workplace.logs.dir(), workplace.store(), &to);
    }
}
