//! What create-job-flow and add-step send is what AWS's own model of EMR describes: each member is known, and of its type.

use std::fmt::Write;
use std::path::Path;

use harness::{Ran, Sandbox, Tools, client};

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");
const TOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

const GROUPS: &str = r#"[{"InstanceRole":"MASTER","InstanceType":"m5.xlarge","InstanceCount":1,"CustomAmiId":"ami-1"},
    {"InstanceRole":"CORE","InstanceType":"r5.xlarge","InstanceCount":2,"BidPrice":"0.42",
    "Configurations":[{"Classification":"hadoop-env","Configurations":[{"Classification":"export","Properties":{"A":1}}]}],
    "EbsConfiguration":{"EbsOptimized":true,"EbsBlockDeviceConfigs":[{"VolumesPerInstance":2,
    "VolumeSpecification":{"VolumeType":"gp3","SizeInGB":100,"Iops":3000,"Throughput":125}}]},
    "AutoScalingPolicy":{"Constraints":{"MinCapacity":1,"MaxCapacity":4},"Rules":[{"Name":"more",
    "Action":{"SimpleScalingPolicyConfiguration":{"ScalingAdjustment":1,"CoolDown":300}},
    "Trigger":{"CloudWatchAlarmDefinition":{"ComparisonOperator":"LESS_THAN","EvaluationPeriods":1,
    "MetricName":"YARNMemoryAvailablePercentage","Period":300,"Threshold":"15.5","Statistic":"AVERAGE","Unit":"PERCENT"}}}]}}]"#;

const FLEETS: &str = r#"[{"InstanceFleetType":"MASTER","TargetOnDemandCapacity":1,"InstanceTypeConfigs":[
    {"InstanceType":"m5.xlarge","CustomAmiId":"ami-1","Priority":1,"BidPriceAsPercentageOfOnDemandPrice":"50"}],
    "LaunchSpecifications":{"OnDemandSpecification":{"AllocationStrategy":"prioritized","CapacityReservationOptions":
    {"UsageStrategy":"use-capacity-reservations-first","CapacityReservationPreference":"open"}},
    "SpotSpecification":{"TimeoutDurationMinutes":60,"TimeoutAction":"SWITCH_TO_ON_DEMAND","AllocationStrategy":"diversified"}},
    "ResizeSpecifications":{"SpotResizeSpecification":{"TimeoutDurationMinutes":5,"AllocationStrategy":"lowest-price"},
    "OnDemandResizeSpecification":{"TimeoutDurationMinutes":"5","AllocationStrategy":"lowest-price"}},"Context":"c"}]"#;

const SITE: &str = r#"{"Classification":"mapred-site","Properties":{"a":1,"b":true}}"#;

/// Command lines that make requests of every kind.
fn command_lines() -> Vec<Vec<&'static str>> {
    let pooled = ["--pool-emr-job-flows", "--pool-name=mein Käse", "--s3-scratch-uri=s3://b/tmp", "--max-hours-idle=1"];
    let spot = "--num-ec2-core-instances 1 --num-ec2-task-instances 2 --ec2-task-instance-bid-price 0.42 --tag a=b";
    let ganglia = "--bootstrap-action=s3://elasticmapreduce/bootstrap-actions/install-ganglia";
    let hadoop = "--bootstrap-action=s3://elasticmapreduce/bootstrap-actions/configure-hadoop -m a=b -c c=d";
    let limits = "--extra-cluster-param=ManagedScalingPolicy.ComputeLimits={\"UnitType\": \"VCPU\", \
        \"MinimumCapacityUnits\": \"1\", \"MaximumCapacityUnits\": 9}";
    vec![
        vec![],
        pooled.to_vec(),
        spot.split(' ').collect(),
        vec!["--instance-groups", GROUPS, "--zone=us-east-1a", "--ec2-key-pair=key", "--auto-terminate"],
        vec!["--instance-fleets", FLEETS, "--subnet=subnet-1,subnet-2", "--max-concurrent-steps=4"],
        vec!["--emr-configuration", SITE, "--image-id=ami-1", "--ebs-root-volume-gb=30", "--ebs-root-volume-iops=3000"],
        vec!["--security-configuration=s", "--ebs-root-volume-throughput=125", "--additional-emr-info={}"],
        vec!["--release-label=emr-5.20.0", "--enable-emr-debugging", ganglia, hadoop],
        vec!["--ami-version=3.11.0", "--hadoop-version=2.4.0", ganglia, hadoop, "--no-visible-to-all-users"],
        vec![limits, "--emr-api-param=VisibleToAllUsers=true", "--emr-api-param=Instances.Ec2SubnetId=subnet-1"],
        vec![
            "--emr-api-param=Instances.AdditionalSlaveSecurityGroups.member.1=sg-1",
            "--extra-cluster-param=LogUri=null",
        ],
    ]
}

#[test]
fn every_request_is_what_aws_s_model_of_emr_describes() {
    let lines = command_lines();
    let mut requests = String::new();
    for args in &lines {
        let mut create = Tools::beside(SANDBOX).command("create-job-flow");
        let ran = Ran::of(create.arg("--dry-run").args(args)).ok();
        writeln!(requests, "{}", ran.record()).unwrap();
    }
    assert_described(&requests, lines.len());
}

#[test]
fn every_request_for_steps_is_what_aws_s_model_of_emr_describes() {
    let sandbox = Sandbox::start(&Tools::beside(SANDBOX), &[]);
    let flow = sandbox.job_flow(&[]);
    for (name, text) in [("job.py", "1"), ("in.txt", "2"), ("x.jar", "3")] {
        sandbox.file(name, text);
    }
    let streaming =
        "--streaming --mapper cat --input in.txt --setup make --file job.py -D a=1 --cmdenv A=b --libjars x.jar";
    let json = r#"[{"Type":"HIVE","Args":["-f","job.py"]},{"Jar":"x.jar","Properties":"a=b,c","MainClass":"M"}]"#;
    let lines: [Vec<&str>; 7] = [
        streaming.split(' ').collect(),
        "--spark job.py --py-files s3://b/x.zip --conf a=b -- 1".split(' ').collect(),
        "--spark x.jar --class M".split(' ').collect(),
        "--jar x.jar --main-class M -- 1".split(' ').collect(),
        "--script job.py -- 1".split(' ').collect(),
        "-- spark-submit job.py".split(' ').collect(),
        vec!["--steps", json],
    ];
    let dry = ["--dry-run", flow.as_str()];
    let requests: Vec<_> = lines.iter().map(|args| sandbox.run("add-step", &[&dry[..], args].concat()).ok()).collect();
    let requests = requests.iter().fold(String::new(), |all, ran| all + &ran.record().to_string() + "\n");
    assert_described(&requests, lines.len());
}

/// Asks AWS's model about `requests`, one a line, of which there are `count`.
fn assert_described(requests: &str, count: usize) {
    let mut python = client("python");
    python.arg(Path::new(TOP).join("tests/clients/requests.py"));
    python.arg(Path::new(TOP).join("crates/emr-core/src/launch/request_types.rs"));
    let ran = Ran::with_stdin(&mut python, requests).ok();
    assert_eq!(ran.stdout, format!("{count}\n"));
}
