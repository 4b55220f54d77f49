//! create-job-flow against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use harness::{Ran, Sandbox, Tools};
use serde_json::Value;

const TOOL: &str = env!("CARGO_BIN_EXE_create-job-flow");

fn tools() -> Tools {
    Tools::beside(TOOL)
}

/// What a dry run with `args` would send.
fn request(args: &[&str]) -> Value {
    Ran::of(tools().command("create-job-flow").arg("--dry-run").args(args)).ok().record()
}

fn groups(request: &Value) -> Vec<(String, String, i64)> {
    let text = |group: &Value, key: &str| group[key].as_str().unwrap().to_owned();
    let groups = request["Instances"]["InstanceGroups"].as_array().unwrap().iter();
    groups.map(|g| (text(g, "InstanceRole"), text(g, "InstanceType"), g["InstanceCount"].as_i64().unwrap())).collect()
}

#[test]
fn twelve_instances_are_one_master_and_eleven_core() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let ran = sandbox.run("create-job-flow", &["--num-ec2-instances=12", "--name", "etl"]).ok();
    let record = ran.record();
    let id = record["job_flow_id"].as_str().unwrap();
    let unending = "create-job-flow: the job flow stays, and costs money, until it is terminated; --max-hours-idle 1 ends it after an hour";
    assert!(ran.stderr.starts_with(&format!("Job flow created with ID: {id}\n{unending}")), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 2, "{ran:?}");
    assert_eq!(record["state"], "STARTING");
    assert!(record["name"].as_str().unwrap().starts_with("etl run:"), "{record}");
    assert!(record["created_at"].as_str().unwrap().ends_with('Z'), "{record}");
    let expected = [("MASTER", 1), ("CORE", 11)].map(|(role, n)| (role.to_owned(), "m5.xlarge".to_owned(), n));
    assert_eq!(groups(&request(&["--num-ec2-instances=12"])), expected);
}

#[test]
fn a_dry_run_prints_the_request_in_the_api_s_shape_and_sends_nothing() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let ran = sandbox.run("create-job-flow", &["--dry-run", "--tag", "team=etl", "--max-concurrent-steps", "4"]).ok();
    let request = ran.record();
    assert!(ran.stderr.contains(": the job flow would stay, and cost money, until it is terminated;"), "{ran:?}");
    assert_eq!(request["Instances"]["KeepJobFlowAliveWhenNoSteps"], true);
    assert_eq!(request["StepConcurrencyLevel"], 4);
    assert_eq!(request["Tags"], serde_json::json!([{"Key": "team", "Value": "etl"}]));
    assert_eq!(request["LogUri"], "s3://bucket/scratch/logs/");
    assert_eq!(sandbox.requests("RunJobFlow").len(), 0);
}

#[test]
fn the_options_of_the_specification_and_of_today_reach_the_request() {
    let sent = request(&[
        "--ec2-task-instance-bid-price",
        "0.42",
        "--num-ec2-core-instances",
        "2",
        "--num-ec2-task-instances",
        "3",
        "--ec2-slave-instance-type",
        "r5.xlarge",
        "--release-label",
        "emr-6.15.0",
        "--application",
        "Spark",
        "--applications",
        "Hive,Presto",
        "--ec2-key-pair",
        "key",
        "--subnet",
        "subnet-1",
        "--auto-terminate",
        "--termination-protected",
        "--no-visible-to-all-users",
        "--iam-service-role",
        "role",
        "--iam-instance-profile",
        "profile",
        "--s3-log-uri",
        "s3://logs/",
        "--additional-emr-info",
        "{\"a\":1}",
    ]);
    let expected = [("MASTER", "m5.xlarge", 1), ("CORE", "r5.xlarge", 2), ("TASK", "r5.xlarge", 3)];
    assert_eq!(groups(&sent), expected.map(|(role, kind, n)| (role.to_owned(), kind.to_owned(), n)));
    let task = &sent["Instances"]["InstanceGroups"][2];
    assert_eq!((task["Market"].as_str(), task["BidPrice"].as_str()), (Some("SPOT"), Some("0.42")));
    let applications: Vec<_> = sent["Applications"].as_array().unwrap().iter().map(|a| &a["Name"]).collect();
    assert_eq!(applications, ["Spark", "Hive", "Presto", "Hadoop"]);
    assert_eq!(sent["ReleaseLabel"], "emr-6.15.0");
    assert_eq!(sent["Instances"]["Ec2KeyName"], "key");
    assert_eq!(sent["Instances"]["Ec2SubnetId"], "subnet-1");
    assert_eq!(sent["Instances"]["KeepJobFlowAliveWhenNoSteps"], false);
    assert_eq!(sent["Instances"]["TerminationProtected"], true);
    assert_eq!(sent["VisibleToAllUsers"], false);
    assert_eq!((sent["ServiceRole"].as_str(), sent["JobFlowRole"].as_str()), (Some("role"), Some("profile")));
    assert_eq!((sent["LogUri"].as_str(), sent["AdditionalInfo"].as_str()), (Some("s3://logs/"), Some("{\"a\":1}")));
}

#[test]
fn of_options_that_exclude_each_other_the_stronger_source_s_counts() {
    let folder = tempfile::tempdir().unwrap();
    let conf = folder.path().join("mrjob.conf");
    let text =
        "runners: {emr: {hadoop_version: 1.0.3, ami_version: 2.4.2, zone: us-east-1a, termination_protected: true}}";
    std::fs::write(&conf, text).unwrap();
    let with = |args: &[&str]| request(&[&["-c", conf.to_str().unwrap()], args].concat());
    let plain = with(&[]);
    assert_eq!(plain["Instances"]["HadoopVersion"], "1.0.3");
    assert_eq!(plain["Instances"]["Placement"]["AvailabilityZone"], "us-east-1a");
    assert_eq!(plain["Instances"]["TerminationProtected"], true);
    let typed = with(&["--release-label", "emr-6.15.0", "--subnet", "subnet-1", "--no-termination-protected"]);
    assert_eq!(typed["Instances"].get("HadoopVersion"), None);
    assert_eq!(typed["Instances"].get("Placement"), None);
    assert_eq!(typed["Instances"]["Ec2SubnetId"], "subnet-1");
    assert_eq!(typed["Instances"]["TerminationProtected"], false);
}

#[test]
fn lists_of_groups_and_fleets_reach_the_request_as_emr_takes_them() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let groups = r#"[{"InstanceRole":"MASTER","InstanceType":"m5.xlarge","InstanceCount":1},
        {"InstanceRole":"TASK","InstanceType":"c5.xlarge","InstanceCount":2,"BidPrice":"0.420","Name":"extra"},
        {"InstanceRole":"CORE","InstanceType":"r5.xlarge","InstanceCount":"3","Market":"SPOT","EbsConfiguration":
        {"EbsBlockDeviceConfigs":[{"VolumeSpecification":{"VolumeType":"gp3","SizeInGB":100},"VolumesPerInstance":1}]}}]"#;
    let sent = request(&["--instance-groups", groups]);
    let mut expected: Value = serde_json::from_str(groups).unwrap();
    expected[0]["Name"] = "master".into();
    expected[0]["Market"] = "ON_DEMAND".into();
    expected[1]["Market"] = "SPOT".into();
    expected[2]["Name"] = "core".into();
    expected[2]["InstanceCount"] = 3.into();
    assert_eq!(sent["Instances"]["InstanceGroups"], expected);
    sandbox.run("create-job-flow", &["--instance-groups", groups]).ok();

    let fleets = r#"[{"InstanceFleetType":"MASTER","TargetOnDemandCapacity":1,"TargetSpotCapacity":0,
        "InstanceTypeConfigs":[{"InstanceType":"m5.xlarge","WeightedCapacity":1}]},
        {"InstanceFleetType":"CORE","TargetOnDemandCapacity":2,"TargetSpotCapacity":8,"Name":"many","InstanceTypeConfigs":[
        {"InstanceType":"m5.xlarge","WeightedCapacity":1,"BidPriceAsPercentageOfOnDemandPrice":50.0,"Priority":1.0},
        {"InstanceType":"m5.2xlarge","WeightedCapacity":2,"BidPrice":"0.2"}],
        "LaunchSpecifications":{"OnDemandSpecification":{"AllocationStrategy":"lowest-price"},"SpotSpecification":
        {"TimeoutDurationMinutes":20,"TimeoutAction":"SWITCH_TO_ON_DEMAND","AllocationStrategy":"capacity-optimized"}}}]"#;
    let sent = request(&["--instance-fleets", fleets]);
    assert_eq!(sent["Instances"]["InstanceFleets"], serde_json::from_str::<Value>(fleets).unwrap());
    sandbox.run("create-job-flow", &["--instance-fleets", fleets]).ok();
    let placed = |option: &str| request(&["--instance-fleets", fleets, option])["Instances"].clone();
    assert_eq!(placed("--subnet=subnet-1")["Ec2SubnetIds"], serde_json::json!(["subnet-1"]));
    assert_eq!(placed("--zone=us-east-1b")["Placement"], serde_json::json!({"AvailabilityZones": ["us-east-1b"]}));
    assert_eq!(sandbox.requests("RunJobFlow").len(), 2);
}

#[test]
fn lists_in_mrjob_conf_are_weaker_than_any_option_for_instances_that_is_typed() {
    let folder = tempfile::tempdir().unwrap();
    let conf = folder.path().join("mrjob.conf");
    let text = "runners:\n  emr:\n    instance_groups:\n    - InstanceRole: MASTER\n      InstanceType: r5.xlarge\n      \
        InstanceCount: 1\n      BidPrice: 0.40\n";
    std::fs::write(&conf, text).unwrap();
    let with = |args: &[&str]| request(&[&["-c", conf.to_str().unwrap()], args].concat());
    let group = &with(&[])["Instances"]["InstanceGroups"][0];
    assert_eq!((&group["InstanceType"], &group["BidPrice"]), (&"r5.xlarge".into(), &"0.40".into()));
    assert_eq!(groups(&with(&["--num-ec2-instances=2"])).len(), 2);
    assert_eq!(groups(&with(&["--ec2-instance-type=c5.xlarge"]))[0].1, "c5.xlarge");
}

#[test]
fn a_profile_that_is_named_is_the_only_source_of_credentials() {
    let sandbox = Sandbox::start(&tools(), &[]);
    sandbox.run("create-job-flow", &["--profile", "missing"]).fails(77, "the AWS profile 'missing' is neither in ");
    assert_eq!(sandbox.requests("RunJobFlow").len(), 0);
}

#[test]
fn a_bug_of_a_library_is_one_line_and_exit_70() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let mut broken = sandbox.tool("create-job-flow");
    Ran::of(broken.env("AWS_ACCESS_KEY_ID", "AKIA\r")).fails(70, "a bug of this tool or a library of it");
}

#[test]
fn an_ami_version_goes_with_a_hadoop_version() {
    let sent = request(&["--ami-version", "3.11.0", "--hadoop-version", "2.4.0"]);
    assert_eq!(sent["AmiVersion"], "3.11.0");
    assert_eq!(sent["Instances"]["HadoopVersion"], "2.4.0");
    assert_eq!(sent.get("ReleaseLabel"), None);
}

#[test]
fn mrjob_conf_gives_what_the_command_line_leaves_open() {
    let folder = tempfile::tempdir().unwrap();
    let conf = folder.path().join("mrjob.conf");
    let text = "runners:\n  emr:\n    num_ec2_instances: 5\n    ec2_task_instance_bid_price: '0.10'\n    \
        ec2_key_par: x\n    emr_tags: {team: a, cost: b}\n    owner: ann\n";
    std::fs::write(&conf, text).unwrap();
    let mut command = tools().command("create-job-flow");
    let ran =
        Ran::of(command.arg("--dry-run").arg("-c").arg(&conf).args(["--num-ec2-instances", "3", "--tag", "team=z"]));
    assert!(ran.stderr.contains("unknown option ec2_key_par, did you mean ec2_key_pair?"), "{}", ran.stderr);
    let sent = ran.ok().record();
    assert_eq!(groups(&sent)[1].2, 2);
    let tags = serde_json::json!([{"Key": "cost", "Value": "b"}, {"Key": "team", "Value": "z"}]);
    assert_eq!(sent["Tags"], tags);
    assert!(sent["Name"].as_str().unwrap().starts_with("job-flow.ann run:"));
}

#[test]
fn bad_input_is_one_clear_line_and_creates_nothing() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let bad = sandbox.file("bad.conf", "runners: {emr: [1, 2\n");
    let cases: [(&[&str], i32, &str); 12] = [
        (&["--ec2-instance-type", "m5.xlarg"], 2, "did you mean m5.xlarge?"),
        (&["--ec2-instance-type", "huge"], 2, "'huge' is not an instance type"),
        (&["--num-ec2-instances", "0"], 2, "at least one instance"),
        (&["--num-ec2-task-instances", "2"], 2, "at least one core instance"),
        (&["--release-label", "emr-7.0.0", "--ami-version", "2.4"], 2, "exclude each other"),
        (&["--name", "a|b"], 2, "contains '|'"),
        (&["--ec2-core-instance-bid-price", "$1", "--num-ec2-instances", "2"], 2, "not a bid price"),
        (&["--instance-groups", "[]", "--instance-fleets", "[]"], 2, "exclude each other"),
        (&["--instance-groups", "[]", "--num-ec2-instances", "2"], 2, "exclude each other"),
        (&["--instance-fleets", "[{}]"], 2, "--instance-fleets is wrong in entry 1: missing field `InstanceFleetType`"),
        (&["-c", bad.to_str().unwrap()], 78, "bad.conf: line 2, column "),
        (&["-c", "/nowhere/x.conf"], 74, "cannot read /nowhere/x.conf: no such file or directory"),
    ];
    for (args, code, words) in cases {
        sandbox.run("create-job-flow", args).fails(code, words);
    }
    assert_eq!(sandbox.run("list-job-flows", &["--all"]).ok().stdout, "");
}

#[test]
fn what_is_missing_around_it_is_told_at_once() {
    let bare = || tools().command("create-job-flow");
    Ran::of(&mut bare()).fails(78, "no AWS region is set");
    Ran::of(bare().args(["--region", "us-east-1"])).fails(77, "no AWS credentials were found");
    let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_REGION", "us-east-1")];
    Ran::of(bare().envs(keys).args(["--endpoint-url", "http://127.0.0.1:1"])).fails(69, "cannot reach AWS");
    Ran::of(bare().envs(keys).env("AWS_ENDPOINT_URL", "")).fails(78, "AWS_ENDPOINT_URL is ''");
    Ran::of(bare().envs(keys).env("AWS_REGION", "us east")).fails(78, "'us east' is not an AWS region");
}

#[test]
fn a_pooled_job_flow_says_which_pool_in_name_tags_and_record() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let pooled = ["--pool-emr-job-flows", "--pool-name", "mein Käse, 50%", "--name", "nightly"];
    let sent = sandbox.run("create-job-flow", &[&pooled[..], &["--dry-run"]].concat()).ok().record();
    let record = sandbox.run("create-job-flow", &pooled).ok().record();
    let hash = record["pool_hash"].as_str().unwrap();
    let name = record["name"].as_str().unwrap();
    assert_eq!(record["pool_name"], "mein Käse, 50%");
    assert!(name.starts_with(&format!("nightly pool:mein=20Käse=2C=2050=25,{hash}")), "{name}");
    let tag = |key: &str, value: &str| serde_json::json!({"Key": key, "Value": value});
    let tags = [
        tag("emr-tools:locks", "s3://bucket/scratch/locks/"),
        tag("emr-tools:pool-hash", hash),
        tag("emr-tools:pool-name", "mein=20Käse=2C=2050=25"),
    ];
    assert_eq!(sent["Tags"], serde_json::json!(tags));
    assert_eq!(sent["Instances"]["KeepJobFlowAliveWhenNoSteps"], true);
}

#[test]
fn the_name_of_a_pooled_job_flow_fits_however_long_it_is_asked_for() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let (label, pool) = ("ä".repeat(300), "p".repeat(100));
    let args = ["--name", &label, "--pool-emr-job-flows", "--pool-name", &pool, "--step-concurrency", "256"];
    let id = sandbox.job_flow(&args);
    let listed = sandbox.run("list-job-flows", &["--no-idle", "--pool-name", &pool]).ok().record();
    assert_eq!((listed["job_flow_id"].as_str(), listed["pool_name"].as_str()), (Some(&*id), Some(&*pool)));
    assert_eq!(listed["name"].as_str().unwrap().chars().count(), 256);
}

#[test]
fn the_pool_may_stand_in_mrjob_conf() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let conf = sandbox.file("mrjob.conf", "runners: {emr: {pool_clusters: true, pool_name: etl}}");
    let with = |args: &[&str]| sandbox.run("create-job-flow", &[&["-c", conf.to_str().unwrap()], args].concat());
    assert_eq!(with(&[]).ok().record()["pool_name"], "etl");
    assert_eq!(with(&["--pool-name", "other"]).ok().record()["pool_name"], "other");
    assert_eq!(with(&["--no-pool-emr-job-flows"]).ok().record().get("pool_name"), None);
    with(&["--auto-terminate"]).fails(2, "a pooled job flow does not end with its last step");
}

#[test]
fn a_number_that_is_none_is_told_in_words() {
    let started = Ran::of(tools().command("create-job-flow").args(["--num-ec2-instances", "three"]));
    started.fails(2, "not a whole number");
}

#[test]
fn what_cannot_be_pooled_is_told_and_not_started() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let bare = |args: &[&str]| Ran::of(tools().command("create-job-flow").arg("--pool-emr-job-flows").args(args));
    bare(&["--dry-run"]).fails(78, "needs a scratch URI for its locks; give --s3-scratch-uri");
    bare(&["--s3-scratch-uri", "/tmp"]).fails(2, "the scratch URI: '/tmp' is not a place on S3");
    let long = "%".repeat(34);
    let cases: [(&[&str], &str); 5] = [
        (&["--auto-terminate"], "leave out --auto-terminate"),
        (&["--pool-name", ""], "the name of the pool is empty"),
        (&["--pool-name", &long], "takes 102 characters of 100"),
        (&["--tag", "emr-tools:locks=x"], "the tag emr-tools:locks is set by the tools"),
        (&["--name", "x pool:etl,0123456789abcdef"], "ends in the marker of a pool"),
    ];
    for (args, words) in cases {
        sandbox.run("create-job-flow", &[&["--pool-emr-job-flows"], args].concat()).fails(2, words);
    }
    let ran = sandbox.run("create-job-flow", &["--pool-name", "etl"]).ok();
    assert!(ran.stderr.contains("--pool-name has no effect without --pool-emr-job-flows"), "{}", ran.stderr);
    assert_eq!(sandbox.requests("RunJobFlow").len(), 1);
}

#[test]
fn a_denied_call_is_exit_77() {
    let sandbox = Sandbox::start(&tools(), &["--fault", "RunJobFlow:deny:1"]);
    sandbox.run("create-job-flow", &[]).fails(77, "AWS denies RunJobFlow");
}

#[test]
fn whoever_asks_is_told_what_an_error_came_from() {
    let sandbox = Sandbox::start(&tools(), &["--fault", "RunJobFlow:deny:2"]);
    let ran = sandbox.run("create-job-flow", &["-vv"]);
    assert_eq!(ran.code, Some(77));
    let causes: Vec<_> = ran.stderr.lines().filter_map(|line| line.split("caused by ").nth(1)).collect();
    assert!(causes.len() == 1 && causes[0].starts_with("RunJobFlow: User: arn:aws:iam:"), "{ran:?}");
    assert!(causes[0].contains("(AccessDeniedException), HTTP status 400, request "), "{ran:?}");
    assert!(!sandbox.run("create-job-flow", &["-v"]).stderr.contains("caused by"), "only where each call is told");
}

#[test]
fn the_records_have_the_form_that_is_asked_for() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let id = sandbox.run("create-job-flow", &["--output", "id", "-q"]).ok();
    assert!(id.stdout.starts_with("j-") && id.stdout.lines().count() == 1 && id.stderr.is_empty(), "{id:?}");
    let table = sandbox.run("create-job-flow", &["--output", "table"]).ok();
    assert!(table.stdout.starts_with("JOB FLOW  ") && table.stdout.lines().count() == 2, "{table:?}");
}

#[test]
fn no_secret_is_said_even_when_everything_is() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let ran = Ran::of(sandbox.tool("create-job-flow").env("AWS_SECRET_ACCESS_KEY", "TOPSECRET").arg("-vv")).ok();
    assert!(ran.stderr.contains("RunJobFlow: answered"), "{}", ran.stderr);
    assert!(!format!("{ran:?}").contains("TOPSECRET"));
}

#[test]
fn emr_is_told_how_long_an_idle_job_flow_may_stay() {
    let folder = tempfile::tempdir().unwrap();
    let conf = folder.path().join("mrjob.conf");
    std::fs::write(&conf, "runners: {emr: {max_mins_idle: 10, mins_to_end_of_hour: 5}}").unwrap();
    let with = |args: &[&str]| Ran::of(tools().command("create-job-flow").arg("--dry-run").args(args)).ok();
    let idle = |ran: &Ran| ran.record()["AutoTerminationPolicy"]["IdleTimeout"].clone();
    let conf = ["-c", conf.to_str().unwrap()];
    assert_eq!(idle(&with(&["--max-hours-idle", "1.5"])), 5400);
    let configured = with(&conf);
    assert_eq!((idle(&configured), configured.stderr.as_str()), (600.into(), ""));
    assert_eq!(idle(&with(&[&conf[..], &["--max-hours-idle=2"]].concat())), 7200);
    assert_eq!(idle(&with(&[&conf[..], &["--auto-terminate"]].concat())), Value::Null);
    let typed = with(&["--max-mins-idle=30", "--mins-to-end-of-hour=5"]);
    assert!(typed.stderr.contains("warning: --mins-to-end-of-hour has no effect"), "{}", typed.stderr);
    for wrong in ["0", "-1", "0.5", "10081", "NaN", "1e300"] {
        let args = ["--max-mins-idle", wrong, "--dry-run"];
        assert_eq!(Ran::of(tools().command("create-job-flow").args(args)).code, Some(2), "{wrong}");
    }
}

#[test]
fn a_release_that_cannot_end_itself_gets_a_script_that_is_uploaded_once() {
    let sandbox = Sandbox::start(&tools(), &["--run-bootstrap-actions"]);
    let idle = ["--release-label=emr-5.29.0", "--max-hours-idle=1", "--mins-to-end-of-hour=5"];
    let sent = sandbox.run("create-job-flow", &[&idle[..], &["--dry-run"]].concat()).ok().record();
    assert_eq!(sandbox.requests("PutObject").len(), 0);
    let action = &sent["BootstrapActions"][0];
    let path = action["ScriptBootstrapAction"]["Path"].as_str().unwrap();
    assert_eq!((&action["Name"], sent.get("AutoTerminationPolicy")), (&"idle timeout".into(), None));
    assert_eq!(action["ScriptBootstrapAction"]["Args"], serde_json::json!(["3600", "300"]));

    let flow = [(); 2].map(|()| sandbox.job_flow(&idle))[1].clone();
    assert_eq!(sandbox.requests("PutObject").len(), 1);
    let script = sandbox.object(path.strip_prefix("s3://bucket/").unwrap()).unwrap();
    assert!(script.starts_with("#!/bin/sh\n"), "{script}");
    // The bootstrap action has run: without it no step would.
    let step = sandbox.shell_step(&flow, "true");
    sandbox.run("wait-step", &["--emr-job-flow-id", &flow, &step]).ok();
    let denied = Sandbox::start(&tools(), &["--fault", "PutObject:deny:1"]);
    denied.run("create-job-flow", &idle).fails(77, path);
    assert_eq!(denied.requests("RunJobFlow").len(), 0);
    Ran::of(tools().command("create-job-flow").args(idle)).fails(78, "there is no place to upload it to");
}
