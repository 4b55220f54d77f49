//! Memory per instance, CPU in total, and types that nobody knows.

use serde_json::json;

use crate::account::Account;

#[test]
fn memory_counts_by_instance_and_however_many_there_are() {
    let account = Account::new().has("j-A", "--num-ec2-instances 20 --ec2-core-instance-type c5.xlarge").open();
    account.asked("--num-ec2-instances 2 --ec2-core-instance-type m4.large").joins("j-A");
    account.asked("--num-ec2-instances 2 --ec2-core-instance-type m5.xlarge").joins_none(&[("j-A", &["memory"])]);
}

#[test]
fn cpu_counts_in_total_and_fewer_of_a_bigger_type_stand_in() {
    let account = Account::new().has("j-A", "--num-ec2-instances 4 --ec2-core-instance-type m5.4xlarge").open();
    account.asked("--num-ec2-instances 13").joins("j-A");
    account.asked("--num-ec2-instances 14").joins_none(&[("j-A", &["cpu"])]);
}

#[test]
fn the_master_has_to_do_as_well() {
    let account = Account::new().has("j-A", "--num-ec2-instances 9").open();
    account.asked("--num-ec2-instances 2 --ec2-master-instance-type r5.xlarge").joins_none(&[("j-A", &["memory"])]);
    account
        .asked("--num-ec2-instances 2 --ec2-master-instance-type c4.2xlarge --ec2-core-instance-type m5.xlarge")
        .joins_none(&[("j-A", &["cpu"])]);
    account.asked("--num-ec2-instances 2 --ec2-master-instance-type m5.large").joins("j-A");
}

#[test]
fn a_type_that_nobody_knows_will_do_for_itself_alone() {
    let account = Account::new()
        .has("j-KNOWN", "--num-ec2-instances 9 --ec2-core-instance-type m5.24xlarge")
        .has("j-NEW", "--num-ec2-instances 3 --ec2-core-instance-type m99.huge")
        .open();
    account.asked("--num-ec2-instances 3 --ec2-core-instance-type m99.huge").joins("j-NEW");
    account
        .asked("--num-ec2-instances 4 --ec2-core-instance-type m99.huge")
        .joins_none(&[("j-KNOWN", &["instance_type"]), ("j-NEW", &["cpu"])]);
    account
        .asked("--num-ec2-instances 3 --ec2-core-instance-type m99.bigger")
        .joins_none(&[("j-KNOWN", &["instance_type"]), ("j-NEW", &["instance_type"])]);
    account.asked("--num-ec2-instances 2").joins("j-KNOWN");
}

#[test]
fn types_of_old_are_known() {
    let account = Account::new().has("j-A", "--num-ec2-instances 2 --ec2-core-instance-type cc2.8xlarge").open();
    account.asked("--num-ec2-instances 3 --ec2-core-instance-type cc1.4xlarge").joins("j-A");
    account.asked("--num-ec2-instances 3 --ec2-core-instance-type m1.small").joins("j-A");
}

#[test]
fn x86_and_arm_do_not_stand_in_for_one_another() {
    let account = Account::new()
        .has("j-ARM", "--num-ec2-instances 9 --ec2-instance-type m6g.4xlarge --ec2-master-instance-type m6g.xlarge")
        .has("j-X86", "--num-ec2-instances 3")
        .open();
    account.asked("--num-ec2-instances 2").joins("j-X86");
    account
        .asked("--num-ec2-instances 2 --ec2-instance-type m6g.xlarge --ec2-master-instance-type m6g.xlarge")
        .joins("j-ARM");
    account
        .asked("--num-ec2-instances 4")
        .joins_none(&[("j-ARM", &["architecture", "architecture"]), ("j-X86", &["cpu"])]);
}

#[test]
fn a_job_for_one_instance_joins_more_of_them_that_are_as_good() {
    let account = Account::new()
        .has("j-ONE", "")
        .has("j-MORE", "--num-ec2-instances 4")
        .has("j-POOR", "--num-ec2-instances 9 --ec2-core-instance-type m5.large")
        .open();
    account.asked("").joins("j-MORE");
    account.asked("--ec2-instance-type m5.large").joins("j-POOR");
    account.asked("--num-ec2-instances 2 --ec2-core-instance-type m5.4xlarge").joins_none(&[
        ("j-MORE", &["memory"]),
        ("j-ONE", &["instances"]),
        ("j-POOR", &["memory"]),
    ]);
}

#[test]
fn task_groups_that_nobody_asked_for_have_to_be_as_good_as_core_instances() {
    let tasks =
        |kind: &str| format!("--num-ec2-core-instances 2 --num-ec2-task-instances 2 --ec2-task-instance-type {kind}");
    let account = Account::new().has("j-A", &tasks("r5.xlarge")).has("j-B", &tasks("m5.large")).open();
    account.asked("--num-ec2-core-instances 2").joins("j-A");
    account.asked("--num-ec2-core-instances 3").joins_none(&[("j-A", &["cpu"]), ("j-B", &["cpu", "memory"])]);
    account
        .asked("--num-ec2-core-instances 2 --num-ec2-task-instances 3")
        .joins_none(&[("j-A", &["cpu"]), ("j-B", &["memory"])]);
}

#[test]
fn several_task_groups_count_together() {
    let group = |role: &str, kind: &str, count: u32| json!({"InstanceRole": role, "InstanceType": kind, "InstanceCount": count});
    let wanted = |tasks: &[(&str, u32)]| {
        let mut groups = vec![group("MASTER", "m5.xlarge", 1), group("CORE", "m5.xlarge", 1)];
        groups.extend(tasks.iter().map(|(kind, count)| group("TASK", kind, *count)));
        format!("--instance-groups {}", json!(groups))
    };
    let account = Account::new().has("j-A", &wanted(&[("m5.xlarge", 2), ("r5.2xlarge", 1)])).open();
    account.asked("--num-ec2-core-instances 1 --num-ec2-task-instances 4").joins("j-A");
    account.asked(&wanted(&[("m5.xlarge", 2), ("m5.2xlarge", 1)])).joins("j-A");
    account.asked(&wanted(&[("m5.xlarge", 2), ("m5.2xlarge", 2)])).joins_none(&[("j-A", &["cpu"])]);
}

#[test]
fn instances_that_did_not_come_do_not_count_and_those_that_came_later_do() {
    let account = Account::new()
        .has("j-GROWN", "--num-ec2-instances 3")
        .running(&[1, 8])
        .has("j-SHRUNK", "--num-ec2-instances 12")
        .running(&[1, 4])
        .open();
    account.asked("--num-ec2-instances 9").joins("j-GROWN");
    account.asked("--num-ec2-instances 5").joins("j-SHRUNK");
    account.asked("--num-ec2-instances 12").joins_none(&[("j-GROWN", &["cpu"]), ("j-SHRUNK", &["cpu"])]);
}

#[test]
fn a_copied_name_says_nothing_of_instances() {
    let account = Account::new().has("j-A", "--num-ec2-instances 9").has("j-B", "--num-ec2-instances 3");
    let name = account.name();
    let account = account.but(|cluster| cluster["Cluster"]["Name"] = name).has("j-C", "--num-ec2-instances 2").open();
    account.asked("--num-ec2-instances 9").joins("j-A");
    account.asked("--num-ec2-instances 10").joins_none(&[("j-A", &["cpu"]), ("j-B", &["cpu"]), ("j-C", &["cpu"])]);
}

#[test]
fn volumes_have_to_be_there_too() {
    let groups = |volume: &str, size: u32| {
        let ebs = json!({"EbsBlockDeviceConfigs": [{"VolumeSpecification": {"VolumeType": volume, "SizeInGB": size}}]});
        let one = |role: &str| json!({"InstanceRole": role, "InstanceType": "m5.xlarge", "InstanceCount": 1});
        let mut core = one("CORE");
        core["EbsConfiguration"] = ebs;
        format!("--instance-groups {}", json!([one("MASTER"), core]))
    };
    let account = Account::new().has("j-A", &groups("gp3", 100)).but(|cluster| {
        let volume = json!([{"VolumeSpecification": {"VolumeType": "gp3", "SizeInGB": 100}}]);
        cluster["InstanceGroups"][1]["EbsBlockDevices"] = volume;
    });
    let account = account.open();
    account.asked(&groups("gp2", 100)).joins("j-A");
    account.asked(&groups("gp3", 200)).joins_none(&[("j-A", &["ebs"])]);
    account.asked("--num-ec2-instances 2").joins("j-A");
}
