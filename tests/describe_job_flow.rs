//! describe-job-flow against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};

const TOOL: &str = env!("CARGO_BIN_EXE_describe-job-flow");

const GROUPS: &str = r#"[{"InstanceRole":"MASTER","InstanceType":"m5.xlarge","InstanceCount":1,"CustomAmiId":"ami-1"},
    {"InstanceRole":"CORE","InstanceType":"r5.xlarge","InstanceCount":2,"BidPrice":"0.420",
    "Configurations":[{"Classification":"hadoop-env","Configurations":[{"Classification":"export","Properties":{"A":"1"}}]}],
    "EbsConfiguration":{"EbsOptimized":true,"EbsBlockDeviceConfigs":[{"VolumesPerInstance":2,
    "VolumeSpecification":{"VolumeType":"gp3","SizeInGB":100,"Iops":3000,"Throughput":125}}]},
    "AutoScalingPolicy":{"Constraints":{"MinCapacity":1,"MaxCapacity":4},"Rules":[{"Name":"more",
    "Action":{"SimpleScalingPolicyConfiguration":{"ScalingAdjustment":1,"CoolDown":300}},
    "Trigger":{"CloudWatchAlarmDefinition":{"ComparisonOperator":"LESS_THAN","EvaluationPeriods":1,
    "MetricName":"YARNMemoryAvailablePercentage","Period":300,"Threshold":15.5,"Statistic":"AVERAGE","Unit":"PERCENT"}}}]}},
    {"InstanceRole":"TASK","InstanceType":"r5.xlarge","InstanceCount":2,"Market":"SPOT","Name":"cheap"},
    {"InstanceRole":"TASK","InstanceType":"r5.2xlarge","InstanceCount":1}]"#;

const FLEETS: &str = r#"[{"InstanceFleetType":"MASTER","TargetOnDemandCapacity":1,"InstanceTypeConfigs":[
    {"InstanceType":"m5.xlarge","Priority":1,"BidPriceAsPercentageOfOnDemandPrice":50}],
    "LaunchSpecifications":{"OnDemandSpecification":{"AllocationStrategy":"prioritized"}}},
    {"InstanceFleetType":"CORE","TargetSpotCapacity":8,"Name":"cores","InstanceTypeConfigs":[
    {"InstanceType":"m5.xlarge","WeightedCapacity":4},{"InstanceType":"m5.2xlarge","WeightedCapacity":8,"BidPrice":"0.30"}],
    "LaunchSpecifications":{"SpotSpecification":{"TimeoutDurationMinutes":60,"TimeoutAction":"SWITCH_TO_ON_DEMAND",
    "AllocationStrategy":"diversified"}},"ResizeSpecifications":{"SpotResizeSpecification":{"TimeoutDurationMinutes":5}}}]"#;

const SITE: &str = r#"[{"Classification":"mapred-site","Properties":{"a":"1","b":"on","c: d":"\u00e4 # \"x\"\n"}},
    {"Classification":"hadoop-env","Configurations":[{"Classification":"export","Properties":{"HEAP":"0x10"}}]}]"#;

const LIMITS: &str = "--extra-cluster-param=ManagedScalingPolicy.ComputeLimits={\"UnitType\": \"VCPU\", \
    \"MinimumCapacityUnits\": 1, \"MaximumCapacityUnits\": 9}";

fn sandbox(args: &[&str]) -> Sandbox {
    Sandbox::start(&Tools::beside(TOOL), args)
}

/// Command lines that start job flows of every kind, as far as EMR tells of it.
fn command_lines() -> Vec<Vec<&'static str>> {
    let pool = ["--pool-emr-job-flows", "--pool-name=mein Käse, 100%", "--num-ec2-core-instances=2"];
    let roles = ["--iam-instance-profile=profile", "--iam-service-role=role", "--ec2-key-pair=key"];
    vec![
        vec![],
        "--num-ec2-instances 12 --ec2-instance-type c5.xlarge".split(' ').collect(),
        "--num-ec2-core-instances 1 --num-ec2-task-instances 2 --ec2-task-instance-bid-price 0.420"
            .split(' ')
            .collect(),
        vec!["--instance-groups", GROUPS, "--subnet=subnet-1"],
        vec!["--instance-fleets", FLEETS, "--subnet=subnet-1,subnet-2", "--max-concurrent-steps=4"],
        vec!["--instance-fleets", FLEETS, "--zone=us-east-1b"],
        vec!["--emr-configuration", SITE, "--image-id=ami-1", "--ebs-root-volume-gb=30", "--ebs-root-volume-iops=3000"],
        vec!["--security-configuration=s", "--ebs-root-volume-throughput=125", "--release-label=emr-6.15.0"],
        vec![
            "--applications=Spark,Hive",
            "--release-label=5.36.2",
            "--s3-log-uri=s3://bucket/my logs/",
            "--auto-terminate",
        ],
        vec!["--termination-protected", "--no-visible-to-all-users", "--max-hours-idle=90m"],
        vec!["--name=\"tab, \"quotes\": ä #1", "--tag=k=yes", "--tag=n=0.40", "--tag=off=null", "--tag=empty="],
        vec!["--release-label=emr-5.20.0", "--max-hours-idle=2", "--mins-to-end-of-hour=5", "--core-dumps"],
        vec!["--ami-version=3.11.0", "--bootstrap-action=s3://bucket/old.sh -m 'a b'"],
        [&pool[..], &roles, &["--bootstrap-action=s3://bucket/x.sh 'a b' \"c\" $d", "--max-hours-idle=1"]].concat(),
        [&pool[..], &[LIMITS, "--emr-configuration", SITE, "--core-dumps", "--max-concurrent-steps=2"]].concat(),
        [&pool[..2], &["--instance-groups", GROUPS, "--subnet=subnet-1", "--extra-cluster-param=LogUri=null"]].concat(),
        vec![
            LIMITS,
            "--extra-cluster-param=Instances.AdditionalMasterSecurityGroups=[\"sg-1\"]",
            "--extra-cluster-param=Instances.UnhealthyNodeReplacement=true",
            "--extra-cluster-param=ScaleDownBehavior=TERMINATE_AT_INSTANCE_HOUR",
            "--extra-cluster-param=LogEncryptionKmsKeyId=k",
        ],
    ]
}

/// The request, but for what differs each time and what EMR spells in another way.
fn comparable(mut request: Value) -> Value {
    let name = request["Name"].as_str().unwrap().rsplit_once(" run:").unwrap().0.to_owned();
    request["Name"] = json!(name);
    if let Some(uri) = request["LogUri"].as_str().map(|uri| uri.trim_end_matches('/').to_owned()) {
        request["LogUri"] = json!(uri);
    }
    request
}

/// The request that create-job-flow makes of the file `conf` and of `args` alone.
fn request_of(sandbox: &Sandbox, conf: &str, args: &[&str]) -> Value {
    sandbox.file("like-it.conf", conf);
    let mut command = Tools::beside(TOOL).command("create-job-flow");
    sandbox.point(&mut command).args(["--conf-path", "like-it.conf", "--dry-run"]).args(args);
    let ran = Ran::of(&mut command).ok();
    assert!(!ran.stderr.contains("warning"), "{conf}\n{}", ran.stderr);
    ran.record()
}

#[test]
fn the_configuration_of_a_job_flow_makes_the_same_request() {
    let sandbox = sandbox(&[]);
    for args in command_lines() {
        let request = sandbox.run("create-job-flow", &[&args[..], &["--dry-run", "-q"]].concat()).ok().record();
        let flow = sandbox.job_flow(&[&args[..], &["-q"]].concat());
        let ran = sandbox.run("describe-job-flow", &["--as", "conf", &flow]).ok();
        let is_transient = args.contains(&"--auto-terminate");
        assert_eq!(ran.stderr.contains("--auto-terminate"), is_transient, "{args:?}: {ran:?}");
        assert_eq!(ran.stderr.is_empty(), !is_transient, "{args:?}: {ran:?}");
        let typed: &[&str] = if is_transient { &["--auto-terminate"] } else { &[] };
        let again = request_of(&sandbox, &ran.stdout, typed);
        assert_eq!(comparable(again), comparable(request), "{args:?}\n{}", ran.stdout);
    }
}

#[test]
fn what_emr_hides_or_a_file_cannot_say_is_said() {
    let sandbox = sandbox(&[]);
    sandbox.file("job.sh", "true\n");
    let args = ["-q", "--bootstrap-action", "job.sh", "--bootstrap", "echo hello", "--additional-emr-info", "{}"];
    let flow = sandbox.job_flow(&args);
    let ran = sandbox.run("describe-job-flow", &["--as", "conf", &flow]).ok();
    let header: String = ran.stdout.lines().take_while(|line| line.starts_with('#')).collect();
    for words in
        ["bootstrap scripts contain", "AdditionalInfo", "Steps are left out", "EMR creates these security groups"]
    {
        assert!(header.contains(words), "{words}: {header}");
    }
    for name in ["'action 0'", "'master'"] {
        let said = |line: &str| line.contains(name) && line.contains("names the upload of a local file");
        assert!(ran.stderr.lines().any(said) && header.contains(name), "{ran:?}");
    }
    let again = request_of(&sandbox, &ran.stdout, &[]);
    let paths = |request: &Value| {
        let actions = request["BootstrapActions"].as_array().unwrap().clone();
        actions.into_iter().map(|action| action["ScriptBootstrapAction"]["Path"].clone()).collect::<Vec<_>>()
    };
    let told = sandbox.answer("ListBootstrapActions", &json!({"ClusterId": flow}));
    let scripts: Vec<_> =
        told["BootstrapActions"].as_array().unwrap().iter().map(|one| one["ScriptPath"].clone()).collect();
    assert_eq!(paths(&again), scripts, "the scripts are where they were uploaded to");
}

#[test]
fn the_record_has_all_that_emr_tells() {
    let sandbox = sandbox(&[]);
    let args = [
        "-q",
        "--pool-emr-job-flows",
        "--pool-name=etl",
        LIMITS,
        "--emr-configuration",
        SITE,
        "--max-hours-idle=1",
        "--bootstrap-action=s3://bucket/x.sh a",
        "--tag=team=etl",
        "--num-ec2-instances=3",
    ];
    let flow = sandbox.job_flow(&args);
    let record = sandbox.run("describe-job-flow", &[&flow]).ok().record();
    for (key, value) in [
        ("job_flow_id", json!(flow)),
        ("state", json!("WAITING")),
        ("pool_name", json!("etl")),
        ("instances", json!(3)),
        ("release_label", json!("emr-7.14.0")),
        ("auto_terminate", json!(false)),
        ("step_concurrency_level", json!(1)),
        ("iam_instance_profile", json!("EMR_EC2_DefaultRole")),
        ("master_public_dns_name", json!("localhost")),
        ("auto_termination_policy", json!({"idle_timeout": 3600})),
        ("bootstrap_actions", json!([{"name": "action 0", "script_path": "s3://bucket/x.sh", "args": ["a"]}])),
    ] {
        assert_eq!(record[key], value, "{key}");
    }
    let site: Value = serde_json::from_str(SITE).unwrap();
    assert_eq!(record["configurations"][0], site[0]);
    assert_eq!(record["tags"]["team"], json!("etl"));
    assert_eq!(record["managed_scaling_policy"]["compute_limits"]["maximum_capacity_units"], json!(9));
    let core = &record["instance_groups"][1];
    assert_eq!((&core["instance_group_type"], &core["requested_instance_count"]), (&json!("CORE"), &json!(2)));
    let table = sandbox.run("describe-job-flow", &["--output", "table", &flow]).ok().stdout;
    assert!(table.starts_with("KEY ") && table.contains(&flow), "{table}");
    assert!(table.lines().any(|line| line.starts_with("instance_groups") && line.contains("m5.xlarge")), "{table}");
    assert_eq!(sandbox.run("describe-job-flow", &["--output", "id", &flow]).ok().stdout, format!("{flow}\n"));
}

#[test]
fn fleets_old_releases_and_ended_job_flows_are_described_too() {
    let sandbox = sandbox(&[]);
    let fleets = sandbox.job_flow(&["-q", "--instance-fleets", FLEETS]);
    let old = sandbox.job_flow(&["-q", "--ami-version=2.4.2"]);
    sandbox.run("terminate-job-flow", &["-q", &old]).ok();
    let records = sandbox.run("describe-job-flow", &[&fleets, &old, &fleets]).ok().records();
    assert_eq!(records.len(), 2);
    assert_eq!(records[0]["instance_fleets"][1]["target_spot_capacity"], json!(8));
    assert_eq!(records[1]["requested_ami_version"], json!("2.4.2"));
    assert!(records[1]["state"].as_str().unwrap().starts_with("TERMINAT"));
    assert_eq!(sandbox.requests("GetManagedScalingPolicy").len(), 1, "an AMI version has none");
}

#[test]
fn stdin_names_job_flows_and_an_error_about_one_does_not_keep_the_others() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&["-q"]);
    let stdin = format!("{{\"Clusters\": [{{\"Id\": \"j-UNKNOWN\"}}, {{\"Id\": \"{flow}\"}}]}}");
    let ran = Ran::with_stdin(&mut sandbox.tool("describe-job-flow"), &stdin);
    assert_eq!((ran.code, &ran.record()["job_flow_id"]), (Some(2), &json!(flow)), "{ran:?}");
    assert!(ran.stderr.contains("j-UNKNOWN: AWS refuses DescribeCluster"), "{ran:?}");
    assert_eq!(sandbox.run("describe-job-flow", &[]).ok().stdout, "");
    sandbox.run("describe-job-flow", &["--as", "conf", &flow, "j-B"]).fails(2, "several are named");
    sandbox
        .run("describe-job-flow", &["--as", "conf", "--output", "id", &flow])
        .fails(2, "--output cannot be used with --as conf");
    sandbox.run("describe-job-flow", &["s-1"]).fails(2, "a step without its job flow");
}

#[test]
fn faults_that_pass_are_waited_out_and_others_are_told() {
    let calls = ["DescribeCluster", "ListInstanceGroups", "ListBootstrapActions", "GetManagedScalingPolicy"];
    for call in calls {
        for (fault, code) in [("throttle:1", 0), ("drop-response:1", 0), ("deny:1", 77), ("throttle:99", 75)] {
            let sandbox = sandbox(&["--fault", &format!("{call}:{fault}")]);
            let flow = sandbox.job_flow(&["-q"]);
            let mut command = sandbox.tool("describe-job-flow");
            let ran = Ran::of(command.env("AWS_MAX_ATTEMPTS", "2").args(["--as", "conf", &flow]));
            assert_eq!((ran.code, ran.stdout.is_empty()), (Some(code), code != 0), "{call}:{fault}: {ran:?}");
        }
    }
}
