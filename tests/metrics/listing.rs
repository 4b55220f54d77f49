//! What list-job-flows measures.

use harness::{Ran, Sandbox, Tools};

use crate::{HOSTILE, LABEL, SANDBOX, cluster, gauges, has, in_region, loaded, lockable, pooled, samples};

const TOOL: &str = "list-job-flows";
const OK: &str = r#"emr_tools_last_run_success{region="us-east-1",tool="list-job-flows"}"#;

#[test]
fn free_claimed_starting_and_idle_job_flows_are_counted_by_pool() {
    let mut protected = cluster("j-KEPT", "night", "WAITING");
    protected["Cluster"]["TerminationProtected"] = true.into();
    let clusters = [
        cluster("j-OLD", "night", "WAITING"),
        protected,
        cluster("j-COMING", &pooled("etl"), "STARTING"),
        // It has lost the tag that says where its claims are kept.
        cluster("j-LOST", &pooled("lost"), "WAITING"),
    ];
    let sandbox = loaded(&clusters, &[]);
    let pool = ["--pool-emr-job-flows", "--pool-name", HOSTILE];
    for protection in ["--no-termination-protected", "--termination-protected"] {
        let _ = sandbox.job_flow(&[&pool[..], &[protection]].concat());
    }
    let found = ["--pool-name", HOSTILE, "--s3-scratch-uri", "s3://bucket/scratch/"];
    sandbox.run("find-pool", &found).ok();
    let (ran, samples) = gauges(&sandbox, TOOL, &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let of = |name: &str, more: &str| format!("{name}{{{LABEL}{more}}}");
    has(
        &samples,
        &[
            (&of("emr_pool_free_job_flows", ""), 1.0),
            (&of("emr_pool_claimed_job_flows", ""), 1.0),
            (&of("emr_pool_starting_job_flows", ""), 0.0),
            (&of("emr_job_flows", ",state=\"WAITING\""), 2.0),
            (&of("emr_job_flows", ",state=\"RUNNING\""), 0.0),
            (&of("emr_instances", ""), 2.0),
            (&of("emr_unsized_job_flows", ""), 0.0),
            (r#"emr_pool_starting_job_flows{pool="etl",region="us-east-1"}"#, 1.0),
            (r#"emr_pool_free_job_flows{pool="etl",region="us-east-1"}"#, 0.0),
            (r#"emr_pool_free_job_flows{pool="lost",region="us-east-1"}"#, 0.0),
            (r#"emr_unknown_job_flows{pool="lost",region="us-east-1"}"#, 1.0),
            (r#"emr_pool_free_job_flows{region="us-east-1"}"#, 0.0),
            (r#"emr_job_flows{region="us-east-1",state="WAITING"}"#, 2.0),
            (r#"emr_idle_job_flows{region="us-east-1"}"#, 1.0),
            (r#"emr_unsized_job_flows{region="us-east-1"}"#, 2.0),
            (OK, 1.0),
        ],
    );
    let idle = |name: &str| samples[&format!("{name}{{region=\"us-east-1\"}}")];
    let (sum, longest) = (idle("emr_idle_seconds"), idle("emr_longest_idle_seconds"));
    assert!((sum - 7200.0).abs() < 60.0 && (sum - longest).abs() < 1e-6, "{sum} {longest}");
    let records = sandbox.run(TOOL, &["--idle", "--pool-name", HOSTILE]).ok().records();
    let mut free: Vec<_> = records.iter().map(|record| record["free"].as_bool().unwrap()).collect();
    free.sort_unstable();
    assert_eq!(free, [false, true], "the records say so, too");
}

#[test]
fn an_account_with_nothing_in_it_has_zeros_and_so_has_a_pool_that_is_asked_for() {
    let sandbox = Sandbox::start(&Tools::beside(SANDBOX), &[]);
    let (_, samples) = gauges(&sandbox, TOOL, &[]);
    has(
        &samples,
        &[
            (r#"emr_job_flows{region="us-east-1",state="WAITING"}"#, 0.0),
            (r#"emr_idle_job_flows{region="us-east-1"}"#, 0.0),
            (r#"emr_pool_free_job_flows{region="us-east-1"}"#, 0.0),
            (OK, 1.0),
        ],
    );
    let (_, samples) =
        gauges(&sandbox, TOOL, &["--pool-name", "etl", "--state", "WAITING", "--output-label", "team=a"]);
    let free = r#"emr_pool_free_job_flows{pool="etl",region="us-east-1",team="a"}"#;
    let states = |state: &str| format!(r#"emr_job_flows{{pool="etl",region="us-east-1",state="{state}",team="a"}}"#);
    has(&samples, &[(free, 0.0), (&states("WAITING"), 0.0)]);
    assert!(!samples.contains_key(&states("RUNNING")), "of a state that was not asked for nothing is known");
    assert!(samples.keys().all(|sample| sample.contains("team=\"a\"")), "{samples:?}");
}

#[test]
fn one_that_cannot_be_looked_at_is_unknown_and_the_run_no_success() {
    let clusters = ["j-A", "j-B", "j-C"].map(|id| lockable(cluster(id, &pooled("etl"), "WAITING")));
    let sandbox = loaded(&clusters, &["--fault", "ListSteps:deny:1"]);
    let (ran, samples) = gauges(&sandbox, TOOL, &[]);
    assert_eq!(ran.code, Some(77), "{ran:?}");
    has(
        &samples,
        &[
            (r#"emr_job_flows{pool="etl",region="us-east-1",state="WAITING"}"#, 3.0),
            (r#"emr_unknown_job_flows{pool="etl",region="us-east-1"}"#, 1.0),
            (r#"emr_pool_free_job_flows{pool="etl",region="us-east-1"}"#, 2.0),
            (r#"emr_idle_job_flows{pool="etl",region="us-east-1"}"#, 2.0),
            (OK, 0.0),
        ],
    );
}

#[test]
fn a_run_that_breaks_off_leaves_no_number_that_was_true_before() {
    let clusters: Vec<_> = (0..60).map(|number| cluster(&format!("j-{number}"), "night", "STARTING")).collect();
    let sandbox = loaded(&clusters, &[]);
    let path = sandbox.folder().join("emr.prom");
    let args = ["--output", "prometheus", "--output-file", path.to_str().unwrap()];
    let ran = sandbox.run(TOOL, &args).ok();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""), "a line of cron sends no mail");
    let good = samples(&std::fs::read_to_string(&path).unwrap());
    let when = r#"emr_tools_last_success_timestamp_seconds{region="us-east-1",tool="list-job-flows"}"#;
    let bad = |ran: &Ran, code: i32, region: &str| {
        assert_eq!(ran.code, Some(code), "{ran:?}");
        let bad = samples(&std::fs::read_to_string(&path).unwrap());
        let of = |name: &str| format!("emr_tools_last_{name}{{{region}tool=\"list-job-flows\"}}");
        assert_eq!(bad.len(), 4, "{bad:#?}");
        has(
            &bad,
            &[
                (&of("run_success"), 0.0),
                (&of("run_exit_code"), f64::from(code)),
                (&of("success_timestamp_seconds"), good[when]),
            ],
        );
        assert!(bad[&of("run_timestamp_seconds")] >= good[when]);
    };
    // The second page is refused.
    let sandbox = loaded(&clusters, &["--fault", "ListClusters:delay:1:0", "--fault", "ListClusters:deny:9"]);
    let here = "region=\"us-east-1\",";
    bad(&sandbox.run(TOOL, &args), 77, here);
    let mut tool = sandbox.tool(TOOL);
    let unreached = tool.args(args).args(["--endpoint-url", "http://127.0.0.1:1"]).env("AWS_MAX_ATTEMPTS", "1");
    bad(&Ran::of(unreached), 69, here);
    let mut tool = sandbox.tool(TOOL);
    bad(&Ran::of(tool.args(args).env_remove("AWS_REGION").env_remove("AWS_DEFAULT_REGION")), 78, "");
    let times = ["--created-after", "1h", "--created-before", "2h"];
    bad(&sandbox.run(TOOL, &[&args[..], &times].concat()), 2, "");
}

#[test]
fn of_several_regions_each_has_gauges_of_its_own_and_one_that_fails_has_none() {
    let fault = ["--fault", "ListClusters@eu-west-1:deny:1"];
    let there = in_region("eu-west-1", cluster("j-THERE", &pooled("etl"), "STARTING"));
    let sandbox = loaded(&[cluster("j-HERE", &pooled("etl"), "STARTING"), there], &fault);
    let both = ["--region", "us-east-1", "--region", "eu-west-1"];
    let starting = |region: &str| format!(r#"emr_pool_starting_job_flows{{pool="etl",region="{region}"}}"#);
    let run = |name: &str| format!(r#"emr_tools_last_run_{name}{{tool="{TOOL}"}}"#);
    let (ran, partly) = gauges(&sandbox, TOOL, &both);
    assert_eq!(ran.code, Some(77), "{ran:?}");
    has(&partly, &[(&starting("us-east-1"), 1.0), (&run("success"), 0.0), (&run("exit_code"), 77.0)]);
    assert!(!partly.keys().any(|sample| sample.contains("eu-west-1")), "{partly:#?}");
    let (ran, whole) = gauges(&sandbox, TOOL, &both);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    has(&whole, &[(&starting("us-east-1"), 1.0), (&starting("eu-west-1"), 1.0), (&run("success"), 1.0)]);
}
