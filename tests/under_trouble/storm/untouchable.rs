//! Job flows that nobody may end or join, whatever happens: those that are protected, locked by mrjob, or at work for
//! somebody who takes no locks.

use std::fs;

use harness::Sandbox;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::pooled;

/// Long before the round, and long after it.
const HOURS_AGO: u64 = 1_700_000_000;
const LATER: u64 = 4_000_000_000;

/// A folder with the file `account.json`, which a sandbox loads.
pub(super) fn account() -> TempDir {
    let mut protected = idle("j-PROTECTED");
    protected["Cluster"]["TerminationProtected"] = json!(true);
    let mut locked = idle("j-LOCKEDBYMRJOB");
    locked["Cluster"]["Tags"] = json!([{"Key": "__mrjob_pool_lock", "Value": format!("a job {LATER}.5")}]);
    let mut early = idle("j-LOCKEDEARLY");
    early["BootstrapActions"] =
        json!([{"Name": "master", "ScriptPath": "s3://b/x", "Args": ["pool-0a", "reflecting"]}]);
    let mut works = idle("j-WORKS");
    works["Cluster"]["Status"]["State"] = json!("RUNNING");
    works["Steps"] = json!([{
        "Id": "s-WORKS",
        "Name": "somebody's",
        "Status": {
            "State": "RUNNING",
            "Timeline": {"CreationDateTime": HOURS_AGO, "StartDateTime": HOURS_AGO},
        },
    }]);
    let folder = tempfile::tempdir().unwrap();
    let account = json!({"clusters": [protected, locked, early, works]});
    fs::write(folder.path().join("account.json"), account.to_string()).unwrap();
    folder
}

fn idle(id: &str) -> Value {
    let timeline = json!({"CreationDateTime": HOURS_AGO, "ReadyDateTime": HOURS_AGO});
    json!({"Cluster": {"Id": id, "Name": id, "Status": {"State": "WAITING", "Timeline": timeline}}})
}

/// Adds what can only be made in the sandbox: the lock of early mrjob's, and a pooled job flow on which a step runs that
/// was added without a claim. Returns the ids of all.
pub(super) fn furnish(sandbox: &Sandbox) -> Vec<String> {
    let lock = sandbox.file("lock-of-mrjob", "not_you");
    sandbox.put("scratch/locks/j-LOCKEDEARLY/1", &lock);
    let stranger = pooled(sandbox, "adhoc");
    let _ = sandbox.shell_step(&stranger, "sleep 600");
    ["j-PROTECTED", "j-LOCKEDBYMRJOB", "j-LOCKEDEARLY", "j-WORKS"]
        .map(str::to_owned)
        .into_iter()
        .chain([stranger])
        .collect()
}
