//! What terminate-idle-job-flows measures.

use std::process::{Command, Stdio};

use harness::Ran;
use serde_json::json;

use crate::{cluster, gauges, has, in_region, left, loaded, pooled, samples};

const TOOL: &str = "terminate-idle-job-flows";
const OK: &str = r#"emr_tools_last_run_success{region="us-east-1",tool="terminate-idle-job-flows"}"#;

/// The sample of a sweep's gauge, of `pool` or of no pool.
fn of(name: &str, pool: Option<&str>) -> String {
    let pool = pool.map_or_else(String::new, |pool| format!("pool=\"{pool}\","));
    format!("emr_sweep_{name}_job_flows{{{pool}region=\"us-east-1\"}}")
}

#[test]
fn what_was_ended_what_could_not_be_and_what_was_kept_is_counted_by_pool() {
    let mut pending = cluster("j-PENDING", "night", "RUNNING");
    let timeline = json!({"CreationDateTime": crate::now() - 2.0 * crate::HOUR});
    pending["Steps"] = json!([{"Id": "s-1", "Name": "x", "Status": {"State": "PENDING", "Timeline": timeline}}]);
    let mut protected = cluster("j-PROTECTED", "night", "WAITING");
    protected["Cluster"]["TerminationProtected"] = true.into();
    let mut young = cluster("j-YOUNG", "night", "WAITING");
    young["Cluster"]["Status"]["Timeline"]["ReadyDateTime"] = json!(crate::now());
    let idle = cluster("j-IDLE", "night", "WAITING");
    // It has lost the tag that says where its claims are.
    let lost = cluster("j-LOST", &pooled("etl"), "WAITING");
    let sandbox = loaded(&[idle, protected, young, lost, pending], &[]);
    let (ran, samples) = gauges(&sandbox, TOOL, &[]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    has(
        &samples,
        &[
            (&of("ended", None), 2.0),
            (&of("ended_pending", None), 1.0),
            (&of("kept", None), 2.0),
            (&of("failed", None), 0.0),
            (&of("failed", Some("etl")), 1.0),
            (&of("ended", Some("etl")), 0.0),
            (OK, 0.0),
        ],
    );
    let (ran, samples) = gauges(&sandbox, TOOL, &["--pool-name", "none such"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let none = Some("none such");
    has(&samples, &[(&of("ended", none), 0.0), (&of("kept", none), 0.0), (OK, 1.0)]);
    assert!(!samples.contains_key(&of("kept", None)), "what is not swept is not kept: {samples:?}");
}

#[test]
fn runs_that_change_nothing_have_no_gauges() {
    let sandbox = loaded(&[cluster("j-IDLE", "night", "WAITING")], &[]);
    for option in ["--dry-run", "--explain"] {
        sandbox.run(TOOL, &["--output", "prometheus", option]).fails(2, &format!("cannot be used with {option}"));
    }
    sandbox.run(TOOL, &["--output-label", "a=b"]).fails(2, "--output-label is for --output prometheus");
    assert!(sandbox.all_requests().is_empty());
}

#[test]
fn a_file_that_cannot_be_written_shows_before_anything_is_ended() {
    let sandbox = loaded(&[cluster("j-IDLE", "night", "WAITING")], &[]);
    for form in ["prometheus", "json"] {
        for path in ["/nowhere/emr.prom", "/dev/null", "/proc/emr.prom"] {
            sandbox.run(TOOL, &["--output", form, "--output-file", path]).fails(74, &format!("cannot write {path}"));
        }
    }
    assert!(sandbox.all_requests().is_empty());
}

#[test]
fn a_sweep_that_is_stopped_tells_what_it_ended_and_that_it_was_stopped() {
    let clusters: Vec<_> = (0..12).map(|number| cluster(&format!("j-{number:02}"), "night", "WAITING")).collect();
    for form in ["prometheus", "json"] {
        let sandbox = loaded(&clusters, &["--fault", "TerminateJobFlows:delay:12:400"]);
        let path = sandbox.file("told", "old");
        let args = ["--output", form, "--output-file", "told"];
        let sweep = sandbox.tool(TOOL).args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while sandbox.requests("TerminateJobFlows").is_empty() {}
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        assert!(Command::new("kill").arg(sweep.id().to_string()).status().unwrap().success());
        let ran = Ran::from(sweep.wait_with_output().unwrap());
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(128 + 15), ""), "{ran:?}");
        let ended = sandbox.requests("TerminateJobFlows").len();
        let told = std::fs::read_to_string(&path).unwrap();
        if form == "json" {
            assert_eq!(told.lines().count(), ended, "{told}");
        } else {
            let (code, ended) = (OK.replace("success", "exit_code"), u32::try_from(ended).unwrap());
            has(&samples(&told), &[(&of("ended", None), f64::from(ended)), (OK, 0.0), (&code, 143.0)]);
        }
        assert_eq!(left(sandbox.folder()), [""; 0]);
    }
}

#[test]
fn of_several_regions_each_has_gauges_of_its_own_and_one_that_does_not_answer_has_none() {
    let there = in_region("eu-west-1", cluster("j-THERE", "night", "WAITING"));
    let fault = ["--fault", "ListClusters@eu-west-1:deny:1"];
    let sandbox = loaded(&[cluster("j-HERE", "night", "WAITING"), there], &fault);
    let both = ["--region", "us-east-1", "--region", "eu-west-1"];
    let ended = |region: &str| format!(r#"emr_sweep_ended_job_flows{{region="{region}"}}"#);
    let run = |name: &str| format!(r#"emr_tools_last_run_{name}{{tool="{TOOL}"}}"#);
    let (ran, partly) = gauges(&sandbox, TOOL, &both);
    assert_eq!(ran.code, Some(77), "{ran:?}");
    has(&partly, &[(&ended("us-east-1"), 1.0), (&run("success"), 0.0), (&run("exit_code"), 77.0)]);
    assert!(!partly.keys().any(|sample| sample.contains("eu-west-1")), "{partly:#?}");
    let (ran, whole) = gauges(&sandbox, TOOL, &both);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    has(&whole, &[(&ended("us-east-1"), 0.0), (&ended("eu-west-1"), 1.0), (&run("success"), 1.0)]);
}
