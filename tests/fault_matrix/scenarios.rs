//! What each tool is asked, which calls it makes for it, and how to tell whether it did it.

use crate::check::{
    is_added, is_addition_told, is_end_told, is_ended, is_start_told, is_started, of_state, prints, prints_nothing,
    runs,
};
use crate::scenario::{Before, LOCK, Scenario};

const CLAIMED: &str = "scratch/locks/job-flows/j-A";

pub(crate) static SCENARIOS: [Scenario; 33] = [
    Scenario {
        name: "create-job-flow",
        tool: "create-job-flow",
        args: &["--no-conf"],
        before: Before::Nothing,
        calls: &["RunJobFlow"],
        done: 0,
        is_done: is_started,
        is_told: is_start_told,
    },
    Scenario {
        name: "find-pool",
        tool: "find-pool",
        args: &[],
        before: Before::Account,
        calls: &["ListClusters", "DescribeCluster", "ListSteps", "ListInstanceGroups", "GetObject", "PutObject"],
        done: 0,
        is_done: |after| {
            let record = after.record()?;
            let is_ours = record["job_flow_id"] == "j-A" && after.holds(CLAIMED, &record["claim"]);
            if is_ours { Ok(()) } else { Err("it is not claimed".to_owned()) }
        },
        is_told: prints_nothing,
    },
    Scenario {
        name: "find-pool --or-create",
        tool: "find-pool",
        args: &["--or-create"],
        before: Before::Nothing,
        calls: &["ListClusters", "RunJobFlow", "GetObject", "PutObject"],
        done: 0,
        is_done: is_started,
        is_told: is_start_told,
    },
    Scenario {
        name: "fill-pool",
        tool: "fill-pool",
        args: &["--min-idle", "1"],
        before: Before::Nothing,
        calls: &["ListClusters", "RunJobFlow", "GetObject", "PutObject"],
        done: 0,
        is_done: is_started,
        is_told: is_start_told,
    },
    Scenario {
        name: "fill-pool of a pool that has enough",
        tool: "fill-pool",
        args: &["--min-idle", "1"],
        before: Before::Account,
        calls: &["ListClusters", "DescribeCluster", "ListSteps", "ListInstanceGroups", "GetObject", "PutObject"],
        done: 0,
        is_done: |after| {
            prints_nothing(after)?;
            let is_written = after.ran.stderr.contains("writing the minimum");
            if is_written { Ok(()) } else { Err("the minimum is not written".to_owned()) }
        },
        is_told: prints_nothing,
    },
    Scenario {
        name: "add-step",
        tool: "add-step",
        args: &["j-A", "--no-conf", "--", "true"],
        before: Before::Account,
        calls: &["DescribeCluster", "AddJobFlowSteps"],
        done: 0,
        is_done: is_added,
        is_told: is_addition_told,
    },
    Scenario {
        name: "add-step with a file",
        tool: "add-step",
        args: &["j-A", "--no-conf", "--script", "job.sh"],
        before: Before::Account,
        calls: &["PutObject", "HeadObject"],
        done: 0,
        is_done: is_added,
        is_told: is_addition_told,
    },
    Scenario {
        name: "add-step with a claim",
        tool: "add-step",
        args: &["--no-conf", "--", "true"],
        before: Before::Claim,
        calls: &["DescribeCluster", "ListSteps", "AddJobFlowSteps", "GetObject", "PutObject"],
        done: 0,
        is_done: |after| {
            is_added(after)?;
            let is_free = after.lock(CLAIMED)["state"] == "free" || after.ran.stderr.contains("lock");
            if is_free { Ok(()) } else { Err("the claim is not given back".to_owned()) }
        },
        is_told: is_addition_told,
    },
    Scenario {
        name: "wait-step of one that is done",
        tool: "wait-step",
        args: &["--no-conf", "--check-emr-status-every", "0.05", "--emr-job-flow-id", "j-A", "s-DONE"],
        before: Before::Account,
        calls: &["ListSteps"],
        done: 0,
        is_done: |after| of_state(after, "COMPLETED"),
        is_told: prints_nothing,
    },
    Scenario {
        name: "wait-step of one that failed",
        tool: "wait-step",
        args: &["--no-conf", "--check-emr-status-every", "0.05", "--emr-job-flow-id", "j-A", "s-FAILED"],
        before: Before::Account,
        calls: &["ListSteps"],
        done: 1,
        is_done: |after| of_state(after, "FAILED"),
        is_told: prints_nothing,
    },
    Scenario {
        name: "cancel-step",
        tool: "cancel-step",
        args: &["--no-conf", "--check-emr-status-every", "0.05", "j-C", "s-C"],
        before: Before::Account,
        calls: &["ListSteps", "CancelSteps"],
        done: 0,
        is_done: |after| of_state(after, "CANCELLED"),
        is_told: |after| {
            let is_lie = after.records().iter().any(|record| record["state"] == "CANCELLED");
            if is_lie { Err("it is cancelled".to_owned()) } else { Ok(()) }
        },
    },
    Scenario {
        name: "describe-job-flow",
        tool: "describe-job-flow",
        args: &["--no-conf", "j-A"],
        before: Before::Account,
        calls: &[
            "DescribeCluster",
            "ListInstanceGroups",
            "ListBootstrapActions",
            "GetAutoTerminationPolicy",
            "GetManagedScalingPolicy",
        ],
        done: 0,
        is_done: |after| of_state(after, "WAITING"),
        is_told: prints_nothing,
    },
    Scenario {
        name: "list-steps",
        tool: "list-steps",
        args: &["--no-conf", "--failed", "j-A"],
        before: Before::Account,
        calls: &["ListSteps"],
        done: 0,
        is_done: |after| of_state(after, "FAILED"),
        is_told: prints_nothing,
    },
    Scenario {
        name: "wait-job-flow",
        tool: "wait-job-flow",
        args: &["--no-conf", "--check-emr-status-every", "0.05", "j-A"],
        before: Before::Account,
        calls: &["DescribeCluster"],
        done: 0,
        is_done: |after| of_state(after, "WAITING"),
        is_told: prints_nothing,
    },
    Scenario {
        name: "list-job-flows",
        tool: "list-job-flows",
        args: &["--no-conf"],
        before: Before::Account,
        calls: &["ListClusters"],
        done: 0,
        is_done: |after| prints(after, 2),
        is_told: prints_nothing,
    },
    Scenario {
        name: "list-job-flows --idle",
        tool: "list-job-flows",
        args: &["--no-conf", "--idle"],
        before: Before::Account,
        calls: &["ListClusters", "ListSteps"],
        done: 0,
        is_done: |after| {
            prints(after, 2)?;
            let is_known =
                after.records().iter().any(|record| record["job_flow_id"] == "j-A" && record["idle_s"].is_u64());
            if is_known { Ok(()) } else { Err("the idle time is not told".to_owned()) }
        },
        is_told: |_| Ok(()),
    },
    Scenario {
        name: "terminate-job-flow",
        tool: "terminate-job-flow",
        args: &["--no-conf", "j-A"],
        before: Before::Account,
        calls: &["DescribeCluster", "TerminateJobFlows"],
        done: 0,
        is_done: is_ended,
        is_told: is_end_told,
    },
    Scenario {
        name: "terminate-idle-job-flows",
        tool: "terminate-idle-job-flows",
        args: &["--no-conf", "--max-hours-idle", "1", "--s3-scratch-uri", "s3://bucket/scratch/"],
        before: Before::Account,
        calls: &["ListClusters", "ListSteps", "DescribeCluster", "TerminateJobFlows", "GetObject", "PutObject"],
        done: 0,
        is_done: is_ended,
        is_told: is_end_told,
    },
    Scenario {
        name: "s3-lock acquire",
        tool: "s3-lock",
        args: &["acquire", LOCK, "--no-conf"],
        before: Before::Nothing,
        calls: &["GetObject", "PutObject"],
        done: 0,
        is_done: |after| {
            let record = after.record()?;
            if after.holds("locks/x", &record) { Ok(()) } else { Err("it is not held".to_owned()) }
        },
        is_told: |after| {
            prints_nothing(after)?;
            let is_held = after.lock("locks/x")["state"] == "held";
            if !is_held || after.is_uncertain() { Ok(()) } else { Err("it is held, and nobody says so".to_owned()) }
        },
    },
    Scenario {
        name: "s3-lock release",
        tool: "s3-lock",
        args: &["release", "--no-conf"],
        before: Before::Lock,
        calls: &["GetObject", "PutObject"],
        done: 0,
        is_done: |after| {
            if after.lock("locks/x")["state"] == "free" { Ok(()) } else { Err("it is not free".to_owned()) }
        },
        is_told: |_| Ok(()),
    },
    Scenario {
        name: "s3-lock run",
        tool: "s3-lock",
        args: &["run", LOCK, "--no-conf", "--", "sh", "-c", "echo ran >> ran"],
        before: Before::Nothing,
        calls: &["GetObject", "PutObject"],
        done: 0,
        is_done: |after| match runs(after) {
            1 => Ok(()),
            times => Err(format!("the command ran {times} times")),
        },
        is_told: |after| match runs(after) {
            0 => Ok(()),
            times => Err(format!("the command ran {times} times")),
        },
    },
    Scenario {
        name: "fetch-logs",
        tool: "fetch-logs",
        args: &["--no-conf", "--no-ssh", "--emr-job-flow-id", "j-A", "s-FAILED"],
        before: Before::Logs,
        calls: &["DescribeCluster", "ListObjectsV2", "GetObject"],
        done: 0,
        is_done: |after| {
            if after.ran.stdout == "java.lang.Error: a log\n" { Ok(()) } else { Err("the log is not whole".to_owned()) }
        },
        is_told: |_| Ok(()),
    },
    Scenario {
        name: "audit-usage",
        tool: "audit-usage",
        args: &["--no-conf", "--group-by", "job_flow"],
        before: Before::Account,
        calls: &["ListClusters", "DescribeCluster", "ListInstanceGroups", "ListSteps"],
        done: 0,
        is_done: |after| {
            let records = after.records();
            let is_known = !records.is_empty() && records.iter().all(|record| record.get("unknown_s").is_none());
            if is_known { Ok(()) } else { Err("what was used is not known".to_owned()) }
        },
        is_told: |_| Ok(()),
    },
    Scenario {
        name: "s3-tmpwatch",
        tool: "s3-tmpwatch",
        args: &["--no-conf", "30d", "s3://bucket/old/"],
        before: Before::Account,
        calls: &["ListObjectsV2", "ListClusters", "ListSteps", "DeleteObjects"],
        done: 0,
        is_done: |after| {
            let is_told = after.record()?["kind"] == "output";
            if is_told && after.sandbox.keys("old/").is_empty() { Ok(()) } else { Err("it is not deleted".to_owned()) }
        },
        is_told: prints_nothing,
    },
    Scenario {
        name: "report-long-jobs",
        tool: "report-long-jobs",
        args: &["--no-conf"],
        before: Before::Account,
        calls: &["ListClusters", "ListSteps"],
        done: 0,
        is_done: |after| {
            let is_told = after.records().iter().any(|record| record["step_id"] == "s-C");
            if is_told { Ok(()) } else { Err("the long job is not told".to_owned()) }
        },
        is_told: |_| Ok(()),
    },
    Scenario {
        name: "create-job-flow with a file",
        tool: "create-job-flow",
        args: &["--no-conf", "--bootstrap-action", "job.sh"],
        before: Before::Nothing,
        calls: &["HeadObject", "PutObject", "RunJobFlow"],
        done: 0,
        is_done: is_started,
        is_told: is_start_told,
    },
    Scenario {
        name: "find-pool --explain",
        tool: "find-pool",
        args: &["--explain"],
        before: Before::Account,
        calls: &["ListClusters", "DescribeCluster", "ListSteps", "ListInstanceGroups", "GetObject"],
        done: 0,
        is_done: |after| {
            let is_told = after.record()?["matches"] == true;
            if is_told { Ok(()) } else { Err("it does not match".to_owned()) }
        },
        is_told: |after| {
            let is_lie = after.records().iter().any(|record| record["matches"] == false);
            if is_lie { Err("it does match".to_owned()) } else { Ok(()) }
        },
    },
    Scenario {
        name: "wait-step of a job flow",
        tool: "wait-step",
        args: &["--no-conf", "--check-emr-status-every", "0.05", "j-A"],
        before: Before::Account,
        calls: &["ListSteps"],
        done: 0,
        is_done: |after| of_state(after, "COMPLETED"),
        is_told: prints_nothing,
    },
    Scenario {
        name: "terminate-idle-job-flows --dry-run",
        tool: "terminate-idle-job-flows",
        args: &["--no-conf", "--dry-run", "--max-hours-idle", "1", "--s3-scratch-uri", "s3://bucket/scratch/"],
        before: Before::Account,
        calls: &["ListClusters", "ListSteps", "DescribeCluster", "GetObject"],
        done: 0,
        is_done: |after| {
            let is_told = after.record()?["job_flow_id"] == "j-A";
            if is_told && !after.is_ended() { Ok(()) } else { Err("it was to be told alone".to_owned()) }
        },
        is_told: |after| if after.is_ended() { Err("it is ended".to_owned()) } else { Ok(()) },
    },
    Scenario {
        name: "terminate-idle-job-flows of a claimed one",
        tool: "terminate-idle-job-flows",
        args: &["--no-conf", "--max-hours-idle", "1", "--s3-scratch-uri", "s3://bucket/scratch/"],
        before: Before::Claim,
        calls: &["ListClusters", "ListSteps", "DescribeCluster", "GetObject"],
        done: 0,
        is_done: |after| {
            prints_nothing(after)?;
            if after.is_ended() { Err("it is claimed, and ended".to_owned()) } else { Ok(()) }
        },
        is_told: |after| {
            prints_nothing(after)?;
            if after.is_ended() { Err("it is claimed, and ended".to_owned()) } else { Ok(()) }
        },
    },
    Scenario {
        name: "s3-lock renew",
        tool: "s3-lock",
        args: &["renew", "--no-conf"],
        before: Before::Lock,
        calls: &["GetObject", "PutObject"],
        done: 0,
        is_done: |after| {
            let record = after.record()?;
            if after.holds("locks/x", &record) { Ok(()) } else { Err("it is not held".to_owned()) }
        },
        is_told: prints_nothing,
    },
    Scenario {
        name: "s3-lock acquire of another's",
        tool: "s3-lock",
        args: &["acquire", LOCK, "--no-conf"],
        before: Before::Lock,
        calls: &["GetObject"],
        done: 1,
        is_done: prints_nothing,
        is_told: prints_nothing,
    },
    Scenario {
        name: "fetch-logs --cause",
        tool: "fetch-logs",
        args: &["--no-conf", "--no-ssh", "--cause", "--emr-job-flow-id", "j-A", "s-FAILED"],
        before: Before::Logs,
        calls: &["DescribeCluster", "ListSteps", "ListObjectsV2", "GetObject"],
        done: 0,
        is_done: |after| {
            let is_told = after.record()?["cause"]["message"].is_string() || after.record()?["message"].is_string();
            if is_told { Ok(()) } else { Err("no cause is told".to_owned()) }
        },
        is_told: |_| Ok(()),
    },
];
