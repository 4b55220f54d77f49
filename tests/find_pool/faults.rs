//! What a network that fails makes of a search: the right result or a clear error, and no claim that nobody has.

use std::thread;

use harness::Ran;

use crate::account::{Account, Open};

const CALLS: [&str; 6] =
    ["ListClusters", "DescribeCluster", "ListSteps", "ListInstanceGroups", "GetObject", "PutObject"];

/// An account with one job flow, where calls of `operation` fail.
fn failing(operation: &str, kind: &str, times: u32) -> Open {
    let fault = format!("{operation}:{kind}:{times}");
    Account::new().has("j-A", "").open_with(&["--fault", &fault])
}

/// Runs find-pool, which gives up soon, with `more`.
fn find(account: &Open, more: &[&str]) -> Ran {
    Ran::of(account.asked("").command(more).env("AWS_MAX_ATTEMPTS", "2"))
}

#[test]
fn a_call_that_fails_once_is_made_again_and_the_job_flow_is_claimed() {
    let try_again = |operation, kind| {
        let account = failing(operation, kind, 1);
        let ran = find(&account, &[]);
        assert_eq!(ran.code, Some(0), "{operation}:{kind}: {ran:?}");
        account.give_back(&ran.record());
    };
    thread::scope(|scope| {
        for kind in ["drop-request", "drop-response", "error-500", "throttle"] {
            scope.spawn(move || CALLS.map(|operation| try_again(operation, kind)));
        }
    });
}

#[test]
fn a_call_that_is_denied_is_a_clear_error_and_no_claim_stays() {
    for operation in CALLS {
        let account = failing(operation, "deny", 1);
        find(&account, &[]).fails(77, operation);
        assert!(!account.is_claimed("j-A"), "{operation}");
    }
}

#[test]
fn a_call_that_goes_on_failing_is_a_clear_error_and_no_claim_stays() {
    for operation in &CALLS[..4] {
        for (kind, code) in [("error-500", 69), ("throttle", 75), ("drop-response", 69)] {
            let account = failing(operation, kind, 99);
            let ran = find(&account, &[]);
            ran.fails(code, operation);
            assert!(!account.is_claimed("j-A"), "{operation}:{kind}");
        }
    }
}

#[test]
fn a_step_that_came_second_and_cannot_be_cancelled_is_named() {
    let account = Account::new().open_with(&["--fault", "CancelSteps:deny:1"]);
    let job_flow = account.sandbox.job_flow(&["--pool-emr-job-flows", "--pool-name", "etl"]);
    let claimed = find(&account, &[]).ok();
    let others = account.sandbox.shell_step(&job_flow, "sleep 5");
    let mut add = account.sandbox.tool("add-step");
    let ran = Ran::with_stdin(add.args(["--", "true"]), &claimed.stdout);
    ran.fails(77, "may wait behind another job's steps");
    let steps = account.sandbox.run("wait-step", &["-q", &job_flow]).ok().records();
    let ours = steps.iter().filter_map(|step| step["step_id"].as_str()).find(|id| *id != others).expect("it was added");
    assert!(ran.stderr.contains(ours), "{ran:?}");
}

#[test]
fn a_job_flow_whose_answer_was_lost_is_found_and_claimed() {
    let account = Account::new().open_with(&["--fault", "RunJobFlow:drop-response:1"]);
    let record = find(&account, &["--or-create"]).ok().record();
    let id = record["job_flow_id"].as_str().expect("it has an id");
    assert_eq!(account.sandbox.job_flows(), [id]);
    assert!(account.is_claimed(id) && !account.is_held("pools/etl"));
}

#[test]
fn where_no_job_flow_may_be_started_the_lock_of_the_pool_is_given_back() {
    for (kind, code) in [("deny", 77), ("throttle", 75)] {
        let account = Account::new().open_with(&["--fault", &format!("RunJobFlow:{kind}:99")]);
        find(&account, &["--or-create"]).fails(code, "RunJobFlow");
        assert!(!account.is_held("pools/etl"), "{kind}");
        assert_eq!(account.sandbox.job_flows(), [""; 0]);
    }
}

#[test]
fn a_step_whose_answer_was_lost_is_added_once_and_the_claim_is_given_back() {
    let account = Account::new().open_with(&["--fault", "AddJobFlowSteps:drop-response:1"]);
    let job_flow = account.sandbox.job_flow(&["--pool-emr-job-flows", "--pool-name", "etl"]);
    let ran = account.shell(&format!("find-pool {} | add-step -- true | wait-step", crate::OPTIONS)).ok();
    assert_eq!(ran.record()["state"], "COMPLETED");
    assert_eq!(account.sandbox.requests("AddJobFlowSteps").len(), 1);
    assert!(!account.is_claimed(&job_flow));
}

#[test]
fn a_step_that_may_not_be_added_gives_the_claim_back() {
    let account = Account::new().open_with(&["--fault", "AddJobFlowSteps:deny:1"]);
    let job_flow = account.sandbox.job_flow(&["--pool-emr-job-flows", "--pool-name", "etl"]);
    let ran = account.shell(&format!("find-pool {} | add-step -- true", crate::OPTIONS));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(77), ""), "{ran:?}");
    assert!(!account.is_claimed(&job_flow));
}
