//! Refusals that prove that nothing happened: a stale signature is made again, and a wrong clock is named.

use harness::{Endpoint, Ran, Sandbox, Store, StoreAnswer, StoreRequest, Tools};

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

fn tools() -> Tools {
    Tools::beside(SANDBOX)
}

fn against(store: &Store, tool: &str, args: &[&str]) -> Ran {
    let mut command = tools().command(tool);
    Ran::of(store.point(&mut command).args(args).arg("--no-conf"))
}

#[test]
fn a_stale_signature_is_made_again_by_every_call() {
    let faults = [
        "RunJobFlow",
        "AddJobFlowSteps",
        "DescribeCluster",
        "ListSteps",
        "ListClusters",
        "ListInstanceGroups",
        "TerminateJobFlows",
        "GetObject",
        "PutObject",
        "HeadObject",
        "ListObjectsV2",
    ];
    let faults: Vec<_> = faults.iter().map(|api| format!("{api}:stale-signature:1")).collect();
    let faults: Vec<_> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
    let sandbox = Sandbox::start(&tools(), &faults);
    let pool = ["--pool-name", "etl", "--s3-scratch-uri", "s3://bucket/scratch/", "--no-conf"];
    let made = sandbox.run("find-pool", &[&pool[..], &["--or-create"]].concat()).ok();
    let script = sandbox.file("job.sh", "#!/bin/sh\necho done\n");
    let mut add = sandbox.tool("add-step");
    let added = Ran::with_stdin(add.arg("--script").arg(&script), &made.stdout).ok();
    let waited = Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout).ok();
    assert_eq!(waited.record()["state"], "COMPLETED");
    let flow = made.record()["job_flow_id"].as_str().expect("it has an id").to_owned();
    let _ = sandbox.run("fetch-logs", &["--list", "--no-ssh", &flow]);
    let _ = sandbox.run("terminate-job-flow", &[&flow]).ok();
    assert_eq!(sandbox.job_flows(), [flow]);
    for api in ["RunJobFlow", "AddJobFlowSteps"] {
        let statuses: Vec<_> = sandbox.requests(api).iter().map(|request| request["status"].clone()).collect();
        assert_eq!(statuses, [400, 200], "{api}");
    }
}

#[test]
fn a_lock_is_written_with_a_fresh_signature() {
    let faults = ["--fault", "GetObject:stale-signature:2", "--fault", "PutObject:stale-signature:2"];
    let sandbox = Sandbox::start(&tools(), &faults);
    let ran = sandbox.run("s3-lock", &["run", "--no-conf", "s3://bucket/locks/x", "--", "true"]).ok();
    assert_eq!(ran.stderr, "");
}

/// Whether a server whose clock is this far ahead takes the signature of `request`.
fn is_stale(request: &StoreRequest, ahead: i64) -> bool {
    let signed = chrono::NaiveDateTime::parse_from_str(request.header("x-amz-date"), "%Y%m%dT%H%M%SZ");
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).naive_utc();
    (signed.expect("a time").signed_duration_since(now).num_seconds() - ahead).abs() > 900
}

fn skewed() -> StoreAnswer {
    StoreAnswer::error(
        403,
        "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
    )
}

#[test]
fn a_clock_that_is_wrong_is_made_up_for() {
    let store = Store::start(|request, _| is_stale(request, 7200).then(|| skewed().ahead(7200)));
    let _ = against(&store, "s3-lock", &["acquire", "s3://bucket/locks/x"]).ok();
}

#[test]
fn a_clock_that_stays_wrong_is_named_with_how_wrong_it_is() {
    let store = Store::start(|_, _| Some(skewed().ahead(7380)));
    let ran = against(&store, "s3-lock", &["acquire", "s3://bucket/locks/x"]);
    ran.fails(77, "(RequestTimeTooSkewed); this machine's clock is 2h 3m behind AWS's; set it right");
    assert!(!ran.stderr.contains("ListBucket"), "{ran:?}");
    let endpoint = Endpoint::answering(|_, _| {
        "HTTP/1.1 400 Bad\r\nContent-Type: application/x-amz-json-1.1\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n\
         {\"__type\":\"InvalidSignatureException\",\"message\":\"Signature not yet current\"}"
            .to_owned()
    });
    let ran = endpoint.run(&tools(), "create-job-flow", &["--no-conf"]);
    ran.fails(77, "ahead of AWS's; set it right");
    assert_eq!(endpoint.asked("RunJobFlow"), 2, "AWS_MAX_ATTEMPTS is 2");
}

#[test]
fn a_wrong_secret_key_is_no_clock() {
    let store = Store::start(|_, _| {
        Some(StoreAnswer::error(403, "SignatureDoesNotMatch", "The request signature we calculated does not match."))
    });
    let ran = against(&store, "s3-lock", &["acquire", "s3://bucket/locks/x"]);
    ran.fails(77, "AWS denies GetObject: The request signature we calculated does not match. (SignatureDoesNotMatch)");
    assert!(!ran.stderr.contains("clock"), "{ran:?}");
    assert_eq!(store.requests("GET").len(), 1);
}

#[test]
fn throttling_without_end_is_75_of_every_call_to_s3() {
    let cases: [(&str, &str, &[&str]); 3] = [
        ("ListObjectsV2", "fetch-logs", &["--no-ssh", "--list"]),
        ("GetObject", "fetch-logs", &["--no-ssh"]),
        ("PutObject", "add-step", &["--script", "job.sh"]),
    ];
    for (api, tool, args) in cases {
        let sandbox = Sandbox::start(&tools(), &["--fault", &format!("{api}:throttle:99")]);
        sandbox.file("job.sh", "echo done");
        let flow = sandbox.job_flow(&["--s3-log-uri", "s3://bucket/logs/"]);
        if tool == "fetch-logs" {
            let step = sandbox.shell_step(&flow, "echo done");
            let _ = sandbox.run("wait-step", &["--emr-job-flow-id", &flow, &step]).ok();
        }
        let mut command = sandbox.tool(tool);
        let ran = Ran::of(command.env("AWS_MAX_ATTEMPTS", "2").arg(&flow).args(args));
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(75), ""), "{api}: {ran:?}");
        assert!(ran.stderr.contains(&format!("AWS throttles {api} again and again")), "{ran:?}");
    }
}
