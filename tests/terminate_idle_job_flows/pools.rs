//! Pools, and the claims of jobs on their job flows.

use std::process::{Command, Stdio};

use harness::{Ran, Sandbox, Tools};
use serde_json::json;

use crate::account::{idle, now, tagged, with};
use crate::{SWEEP, TOOL, doomed, ids, loaded, set, state};

#[test]
fn pools_and_tags_select_whoever_made_the_pool() {
    let hash = "0123456789abcdef0123456789abcdef";
    let named = |id: &str, name: &str| with(idle(id), "Name", json!(name));
    let mut early = idle("j-EARLY");
    early["BootstrapActions"] =
        json!([{"Name": "master", "ScriptPath": "s3://b/x", "Args": ["pool-0a", "reflecting"]}]);
    let sandbox = loaded(
        &[
            tagged(idle("j-PLAIN"), "keep", ""),
            tagged(idle("j-TEAM"), "team", "data"),
            named("j-LATER", &format!("job.1 pooling:0.7.4,a,b,{hash}")),
            tagged(idle("j-TAGGED"), "__mrjob_pool_name", "reflecting"),
            early,
        ],
        &[],
    );
    assert_eq!(doomed(&sandbox, &["--pooled-only"]), set(&["j-LATER", "j-TAGGED", "j-EARLY"]));
    assert_eq!(doomed(&sandbox, &["--unpooled-only"]), set(&["j-PLAIN", "j-TEAM"]));
    assert_eq!(doomed(&sandbox, &["--pool-name", "reflecting"]), set(&["j-TAGGED", "j-EARLY"]));
    assert_eq!(doomed(&sandbox, &["--pool-name", "a,b"]), set(&["j-LATER"]));
    assert_eq!(doomed(&sandbox, &["--tag", "team=data"]), set(&["j-TEAM"]));
    assert_eq!(doomed(&sandbox, &["--tag", "team=web"]), set(&[]));
    assert_eq!(doomed(&sandbox, &["--unpooled-only", "--exclude-tag", "keep"]), set(&["j-TEAM"]));
    let record = sandbox.run(SWEEP, &["--pool-name", "a,b"]).ok().record();
    assert_eq!(record["pool_name"], "a,b");
}

#[test]
fn locks_of_mrjob_s_jobs_are_heeded_until_they_run_out() {
    let lock = |id: &str, until: f64| tagged(idle(id), "__mrjob_pool_lock", &format!("a job {:.6}", now() + until));
    let early = |id: &str| {
        let mut cluster = idle(id);
        cluster["BootstrapActions"] = json!([{"Name": "master", "ScriptPath": "s3://b/x", "Args": ["pool-0a", "etl"]}]);
        cluster
    };
    let clusters = [lock("j-HELD", 60.0), lock("j-OVER", -1.0), early("j-EARLY1"), early("j-EARLY2")];
    let sandbox = loaded(&clusters, &[]);
    let url = format!("{}/bucket/tmp/locks/j-EARLY1/1", sandbox.endpoint());
    let put = Command::new("curl").args(["-fsS", "-X", "PUT", "-d", "not_you", &url]).output().unwrap();
    assert!(put.status.success(), "{put:?}");
    let scratch = ["--s3-scratch-uri", "s3://bucket/tmp/"];
    assert_eq!(doomed(&sandbox, &scratch), set(&["j-OVER", "j-EARLY2"]));
    let ran = sandbox.run(SWEEP, &scratch).ok();
    assert_eq!(ids(&ran), set(&["j-OVER", "j-EARLY2"]));
}

/// A sandbox with a claimed pooled job flow and one that is free, both without work.
fn pool() -> (Sandbox, String, String) {
    let sandbox = Sandbox::start(&Tools::beside(TOOL), &[]);
    let both = [(); 2].map(|()| sandbox.job_flow(&["--pool-emr-job-flows", "--pool-name", "etl"]));
    let found = sandbox.run("find-pool", &["--pool-name", "etl", "--s3-scratch-uri", "s3://bucket/scratch/"]).ok();
    let claimed = found.record()["job_flow_id"].as_str().unwrap().to_owned();
    let free = both.into_iter().find(|id| *id != claimed).unwrap();
    (sandbox, claimed, free)
}

/// Waits until job flows that have just been made are idle for more than no time at all.
fn until_idle(sandbox: &Sandbox, ids: &[&str]) {
    loop {
        let records = sandbox.run("list-job-flows", &["--idle"]).ok().records();
        let is_idle =
            |id: &str| records.iter().any(|record| record["job_flow_id"] == id && record["idle_s"].as_u64() >= Some(2));
        if ids.iter().all(|id| is_idle(id)) {
            return;
        }
    }
}

#[test]
fn a_claimed_job_flow_is_not_idle_and_a_dry_run_knows_it() {
    let (sandbox, claimed, free) = pool();
    until_idle(&sandbox, &[&claimed, &free]);
    let puts = sandbox.requests("PutObject").len();
    assert_eq!(doomed(&sandbox, &["--max-hours-idle", "0"]), set(&[&free]));
    assert_eq!(sandbox.requests("PutObject").len(), puts, "a dry run takes no lock");
    let explained = sandbox.run(SWEEP, &["--explain", "--max-hours-idle", "0"]).ok().records();
    let claim = explained.iter().find(|record| record["job_flow_id"] == claimed.as_str()).unwrap();
    assert!(claim["reason"].as_str().unwrap().starts_with("tester@"), "{claim}");
    let ran = sandbox.run(SWEEP, &["--max-hours-idle", "0"]).ok();
    assert_eq!((ids(&ran), ran.stderr.as_str()), (set(&[&free]), ""));
    assert_eq!(ran.record()["pool_name"], "etl");
    assert_eq!(state(&sandbox, &claimed), "WAITING");
    let key = format!("scratch/locks/job-flows/{free}");
    assert!(sandbox.object(&key).unwrap().contains("\"free\""), "the lock is given back");
}

#[test]
fn one_that_may_still_be_ended_stays_locked_whatever_the_last_answer_proves() {
    let lost_then_throttled =
        ["--fault", "TerminateJobFlows:drop-request:1", "--fault", "TerminateJobFlows:throttle:1"];
    for (faults, stays_locked) in [(&lost_then_throttled[..], true), (&lost_then_throttled[2..], false)] {
        let sandbox = Sandbox::start(&Tools::beside(TOOL), faults);
        let id = sandbox.job_flow(&["--pool-emr-job-flows", "--pool-name", "etl"]);
        until_idle(&sandbox, &[&id]);
        let attempts = (faults.len() / 2).to_string();
        let ran = Ran::of(sandbox.tool(SWEEP).args(["--max-hours-idle", "0"]).env("AWS_MAX_ATTEMPTS", attempts));
        ran.fails(75, "AWS throttles TerminateJobFlows");
        let lock = sandbox.object(&format!("scratch/locks/job-flows/{id}")).unwrap();
        assert_eq!(!lock.contains("\"free\""), stays_locked, "{lock}");
    }
}

#[test]
fn one_whose_lock_cannot_be_found_is_left_alone_and_said() {
    let name = "night pool:etl,0123456789abcdef run:0123456789ab";
    let sandbox = loaded(&[with(idle("j-LOST"), "Name", json!(name)), idle("j-OTHER")], &[]);
    let ran = sandbox.run(SWEEP, &[]);
    assert_eq!((ran.code, ids(&ran)), (Some(1), set(&["j-OTHER"])));
    assert!(ran.stderr.contains("j-LOST has lost the tag"), "{ran:?}");
}

#[test]
fn a_step_that_comes_between_look_and_end_saves_its_job_flow() {
    let sandbox = Sandbox::start(&Tools::beside(TOOL), &["--fault", "ListBootstrapActions:delay:1:2000"]);
    let id = sandbox.job_flow(&[]);
    until_idle(&sandbox, &[&id]);
    let before = sandbox.requests("ListSteps").len();
    let sweep = sandbox.tool(SWEEP).args(["--max-hours-idle", "0"]).stdout(Stdio::piped()).spawn().unwrap();
    while sandbox.requests("ListSteps").len() == before {}
    let _ = sandbox.shell_step(&id, "sleep 5");
    let ran = Ran::from(sweep.wait_with_output().unwrap()).ok();
    assert_eq!(ran.stdout, "");
    assert_eq!(state(&sandbox, &id), "RUNNING");
}
