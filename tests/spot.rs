//! Spot instances, groups and fleets, in the request that create-job-flow would send.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::Command;

use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};

const TOOL: &str = env!("CARGO_BIN_EXE_create-job-flow");

fn tools() -> Tools {
    Tools::beside(TOOL)
}

/// What a dry run with `args` would send.
fn request(args: &[&str]) -> Value {
    Ran::of(tools().command("create-job-flow").arg("--dry-run").args(args)).ok().record()
}

/// Runs `line` in a shell that finds the tools, in `folder`.
fn shell(folder: &Path, line: &str) -> Ran {
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).env_clear().env("HOME", folder).env("PATH", tools().path(&[])).current_dir(folder);
    Ran::of(&mut shell)
}

/// Each group of `request`: role, market and bid.
fn markets(request: &Value) -> Vec<[&str; 3]> {
    let groups = request["Instances"]["InstanceGroups"].as_array().unwrap().iter();
    groups
        .map(|group| ["InstanceRole", "Market", "BidPrice"].map(|key| group[key].as_str().unwrap_or_default()))
        .collect()
}

const TASKS: &str = "--num-ec2-core-instances 1 --num-ec2-task-instances 2";

#[test]
fn the_specification_s_bid_on_the_command_line_is_sent_as_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let line = format!("create-job-flow --dry-run {TASKS} --ec2-task-instance-bid-price 0.42");
    let expected = [["MASTER", "ON_DEMAND", ""], ["CORE", "ON_DEMAND", ""], ["TASK", "SPOT", "0.42"]];
    assert_eq!(markets(&shell(folder.path(), &line).ok().record()), expected);
}

#[test]
fn the_specification_s_bid_in_mrjob_conf_is_sent_as_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let text = "runners:\n  emr:\n    ec2_task_instance_bid_price: '0.42'\n";
    let without_quotes = text.replace('\'', "");
    for text in [text, &without_quotes] {
        std::fs::write(folder.path().join(".mrjob.conf"), text).unwrap();
        let sent = shell(folder.path(), &format!("create-job-flow --dry-run {TASKS}")).ok().record();
        assert_eq!(markets(&sent)[2], ["TASK", "SPOT", "0.42"], "{text}");
    }
}

#[test]
fn each_role_has_its_bid_and_nothing_and_zero_are_on_demand() {
    let roles = |bids: [&str; 3]| {
        let options = ["master", "core", "task"].map(|role| format!("--ec2-{role}-instance-bid-price"));
        let pairs = options.iter().zip(bids).flat_map(|(option, bid)| [option.as_str(), bid]);
        let sent = request(&TASKS.split(' ').chain(pairs).collect::<Vec<_>>());
        markets(&sent).iter().map(|market| (market[1].to_owned(), market[2].to_owned())).collect::<Vec<_>>()
    };
    let spot = |bid: &str| ("SPOT".to_owned(), bid.to_owned());
    let on_demand = || ("ON_DEMAND".to_owned(), String::new());
    assert_eq!(roles(["0.10", "00.2", ".3"]), [spot("0.10"), spot("00.2"), spot(".3")]);
    assert_eq!(roles(["0", "0.00", ""]), [on_demand(), on_demand(), on_demand()]);
    let sandbox = Sandbox::start(&tools(), &[]);
    for bad in ["-1", "1e3", "$1", "0,42", "inf", "0.4.2"] {
        let bid = format!("--ec2-core-instance-bid-price={bad}");
        sandbox.run("create-job-flow", &["--num-ec2-instances=2", &bid]).fails(2, "is not a bid price");
    }
    assert_eq!(sandbox.requests("RunJobFlow").len(), 0);
}

#[test]
fn groups_are_sent_with_their_own_settings_images_and_scaling() {
    let policy = json!({"Constraints": {"MinCapacity": 1, "MaxCapacity": 4}, "Rules": [{
        "Name": "more", "Action": {"SimpleScalingPolicyConfiguration": {"ScalingAdjustment": 1, "CoolDown": 300}},
        "Trigger": {"CloudWatchAlarmDefinition": {"ComparisonOperator": "LESS_THAN", "EvaluationPeriods": 1,
            "MetricName": "YARNMemoryAvailablePercentage", "Period": 300, "Threshold": 15.5}}}]});
    let groups = json!([
        {"Name": "master", "Market": "ON_DEMAND", "InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1,
            "CustomAmiId": "ami-1"},
        {"Name": "core", "Market": "SPOT", "BidPrice": "0.42", "InstanceRole": "CORE", "InstanceType": "r5.xlarge",
            "InstanceCount": 2, "Configurations": [{"Classification": "yarn-site", "Properties": {"a": "b"}}],
            "AutoScalingPolicy": policy},
    ]);
    let sent = request(&["--instance-groups", &groups.to_string()]);
    assert_eq!(sent["Instances"]["InstanceGroups"], groups);
    assert_eq!(sent["AutoScalingRole"], "EMR_AutoScaling_DefaultRole");
    assert_eq!(request(&["--num-ec2-instances=2"]).get("AutoScalingRole"), None);

    // Numbers may have quotes in a configuration file.
    let folder = tempfile::tempdir().unwrap();
    let conf = json!({"runners": {"emr": {"instance_groups": groups}}});
    let quoted = conf.to_string().replace("300", "'300'").replace(":15.5", ":'15.5'");
    for text in [conf.to_string(), quoted] {
        std::fs::write(folder.path().join(".mrjob.conf"), &text).unwrap();
        let sent = shell(folder.path(), "create-job-flow --dry-run").ok().record();
        assert_eq!(sent["Instances"]["InstanceGroups"], groups, "{text}");
    }
}

#[test]
fn fleets_are_sent_with_all_that_emr_takes() {
    let on_demand = json!({"AllocationStrategy": "prioritized", "CapacityReservationOptions": {
        "UsageStrategy": "use-capacity-reservations-first", "CapacityReservationPreference": "open",
        "CapacityReservationResourceGroupArn": "arn:aws:resource-groups:us-east-1:1:group/g"}});
    let mut resized = on_demand.clone();
    resized["TimeoutDurationMinutes"] = json!(10_080);
    let fleets = json!([{"Name": "all", "InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1, "TargetSpotCapacity": 0,
        "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge", "WeightedCapacity": 1, "CustomAmiId": "ami-1",
            "Priority": 0.0, "Configurations": [{"Classification": "yarn-site", "Properties": {"a": "b"}}]}],
        "LaunchSpecifications": {
            "SpotSpecification": {"TimeoutDurationMinutes": 1440, "TimeoutAction": "TERMINATE_CLUSTER",
                "AllocationStrategy": "capacity-optimized-prioritized"},
            "OnDemandSpecification": on_demand},
        "ResizeSpecifications": {
            "SpotResizeSpecification": {"TimeoutDurationMinutes": 5, "AllocationStrategy": "diversified"},
            "OnDemandResizeSpecification": resized},
        "Context": "c"}]);
    assert_eq!(request(&["--instance-fleets", &fleets.to_string()])["Instances"]["InstanceFleets"], fleets);
}

#[test]
fn what_aws_adds_tomorrow_is_sent_as_it_is_written_and_told() {
    let device =
        json!({"VolumesPerInstance": 2, "VolumeSpecification": {"VolumeType": "gp4", "SizeInGB": 100, "Tier": "x"}});
    let ebs = json!({"EbsBlockDeviceConfigs": [device], "EbsOptimized": true});
    let groups = json!([{"Name": "master", "Market": "ON_DEMAND", "InstanceRole": "MASTER", "InstanceType": "m5.xlarge",
        "InstanceCount": 1, "EbsConfiguration": ebs, "Tomorrow": {"Numbers": [1, 2.5], "Truth": true, "Text": "1"}}]);
    let create = |option: &str, list: &Value| {
        let ran = Ran::of(tools().command("create-job-flow").args(["--dry-run", option, &list.to_string()]));
        let warning = "unknown, and sent to EMR as written: ";
        assert!(ran.stderr.contains(warning) && ran.stderr.contains("Tomorrow"), "{}", ran.stderr);
        ran.ok().record()["Instances"].clone()
    };
    assert_eq!(create("--instance-groups", &groups)["InstanceGroups"], groups);
    let fleets = json!([{"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1, "TargetSpotCapacity": 0,
        "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge", "WeightedCapacity": 1, "Tomorrow": 1}],
        "LaunchSpecifications": {"SpotSpecification": {"TimeoutDurationMinutes": 5, "TimeoutAction": "WAIT",
            "AllocationStrategy": "newest"}, "OnDemandSpecification": {"AllocationStrategy": "newest", "Tomorrow": 1}},
        "Tomorrow": "x"}]);
    assert_eq!(create("--instance-fleets", &fleets)["InstanceFleets"], fleets);
}

#[test]
fn what_aws_adds_tomorrow_keeps_its_type_in_mrjob_conf() {
    let folder = tempfile::tempdir().unwrap();
    let group = "{InstanceRole: MASTER, InstanceType: m5.xlarge, InstanceCount: 1, BidPrice: 0.40, Name: 7, \
        Tomorrow: {Number: 5, Truth: true, Text: '5', Zero: 1.50}}";
    let text = format!("runners:\n  emr:\n    instance_groups:\n    - {group}\n");
    std::fs::write(folder.path().join(".mrjob.conf"), text).unwrap();
    let sent = shell(folder.path(), "create-job-flow --dry-run").ok().record();
    let expected = json!([{"Name": "7", "Market": "SPOT", "InstanceRole": "MASTER", "BidPrice": "0.40",
        "InstanceType": "m5.xlarge", "InstanceCount": 1,
        "Tomorrow": {"Number": 5, "Truth": true, "Text": "5", "Zero": "1.50"}}]);
    assert_eq!(sent["Instances"]["InstanceGroups"], expected);
}

#[test]
fn what_emr_would_refuse_of_a_list_is_told_with_its_place_and_nothing_is_asked() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let fleet = |more: &str| {
        format!(
            r#"[{{"InstanceFleetType":"MASTER","TargetSpotCapacity":1,"InstanceTypeConfigs":[{{"InstanceType":"m5.xlarge"}}]{more}}}]"#
        )
    };
    let spot = |more: &str| {
        fleet(&format!(
            r#","LaunchSpecifications":{{"SpotSpecification":{{"TimeoutAction":"TERMINATE_CLUSTER",{more}}}}}"#
        ))
    };
    let two = fleet("").replace("\"TargetSpotCapacity\":1", "\"TargetSpotCapacity\":2");
    let block = spot("\"TimeoutDurationMinutes\":5,\"BlockDurationMinutes\":60");
    for (list, words) in [
        (
            spot("\"TimeoutDurationMinutes\":1"),
            "--instance-fleets is wrong in entry 1: TimeoutDurationMinutes is 1: EMR takes 5 to 1440",
        ),
        (block, "BlockDurationMinutes: AWS has sold no spot blocks since 2022, leave it out"),
        (two, "--instance-fleets does not have exactly one master"),
        (fleet(",\"TargetOnDemandCapacity\":-1"), "the number '-1'"),
    ] {
        sandbox.run("create-job-flow", &["--instance-fleets", &list]).fails(2, words);
    }
    let on_old = ["--instance-fleets", &fleet(""), "--release-label=emr-4.7.0"];
    sandbox
        .run("create-job-flow", &on_old)
        .fails(2, "emr-4.7.0 does not have instance fleets; use release label emr-4.8.0");
    assert_eq!(sandbox.requests("RunJobFlow").len(), 0);
}
