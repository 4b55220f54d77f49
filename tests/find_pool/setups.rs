//! What clusters are set up with: configurations, images, volumes, and parameters that have no option of their own.

use serde_json::json;

use crate::account::Account;

/// A configuration of `classification`, with no blank in it.
fn configuration(classification: &str, value: &str) -> String {
    let configuration = json!({"Classification": classification, "Properties": {"a": value}});
    format!("--emr-configuration {configuration}")
}

#[test]
fn clusters_are_shared_with_the_same_configurations_in_any_order() {
    let (x, y) = (configuration("x", "1"), configuration("y", "1"));
    let account = Account::new().has("j-A", &format!("{x} {y}")).open();
    account.asked(&format!("{y} {x}")).joins("j-A");
    account.asked(&format!("{} {y} {x}", configuration("x", "9"))).joins("j-A");
    account.asked(&x).joins_none(&[("j-A", &["configurations"])]);
    account.asked(&format!("{x} {}", configuration("y", "2"))).joins_none(&[("j-A", &["configurations"])]);
    account.asked("").joins_none(&[("j-A", &["configurations"])]);
}

#[test]
fn clusters_are_shared_with_the_same_image_volume_and_security_configuration() {
    let options = ["--image-id ami-1", "--ebs-root-volume-gb 30", "--security-configuration s"];
    let checks = ["custom_image", "root_volume", "security_configuration"];
    for (option, check) in options.iter().zip(checks) {
        let account = Account::new().has("j-A", option).open();
        account.asked(option).joins("j-A");
        account.asked("").joins_none(&[("j-A", &[check])]);
        account.asked(&format!("{option}0")).joins_none(&[("j-A", &[check])]);
    }
}

/// Groups with one of core instances, of which `more` is said.
fn core(count: u32, more: &str) -> String {
    let master = r#"{"InstanceRole":"MASTER","InstanceType":"m5.xlarge","InstanceCount":1}"#;
    let core = format!(r#"{{"InstanceRole":"CORE","InstanceType":"m5.xlarge","InstanceCount":{count}{more}}}"#);
    format!("--instance-groups [{master},{core}]")
}

#[test]
fn groups_are_shared_with_the_same_image_and_configurations_of_their_own() {
    let (image, other) = (r#","CustomAmiId":"ami-1""#, r#","CustomAmiId":"ami-2""#);
    let site = r#","Configurations":[{"Classification":"x","Properties":{"a":"1"}}]"#;
    for own in [image, site] {
        let account = Account::new().has("j-A", &core(4, own)).open();
        account.asked(&core(2, own)).joins("j-A");
        account.asked(&core(5, own)).joins_none(&[("j-A", &["cpu"])]);
        for asked in [core(2, ""), core(2, other), "--num-ec2-instances 3".to_owned()] {
            account.asked(&asked).joins_none(&[("j-A", &["pool_hash"])]);
        }
    }
}

#[test]
fn extra_parameters_are_part_of_what_must_be_the_same() {
    let (own, other) =
        ("--extra-cluster-param LogEncryptionKmsKeyId=k", "--extra-cluster-param LogEncryptionKmsKeyId=l");
    let account = Account::new().has("j-A", own).open();
    account.asked(own).joins("j-A");
    account
        .asked("--extra-cluster-param LogEncryptionKmsKeyId=l --emr-api-param LogEncryptionKmsKeyId=k")
        .joins_none(&[("j-A", &["pool_hash"])]);
    account.asked(other).joins_none(&[("j-A", &["pool_hash"])]);
    account.asked("").joins_none(&[("j-A", &["pool_hash"])]);
}

#[test]
fn an_old_bootstrap_action_is_the_same_as_what_takes_its_place() {
    let ganglia =
        "--release-label emr-6.15.0 --bootstrap-action s3://elasticmapreduce/bootstrap-actions/install-ganglia";
    let account = Account::new().has("j-A", ganglia).open();
    account.asked(ganglia).joins("j-A");
    account.asked("--release-label emr-6.15.0 --application Ganglia").joins("j-A");
    account.asked("--release-label emr-6.15.0").joins_none(&[("j-A", &["applications"])]);
}

#[test]
fn the_subnets_of_fleets_are_the_same_in_any_order() {
    let fleets = r#"--instance-fleets [{"InstanceFleetType":"MASTER","TargetOnDemandCapacity":1,"InstanceTypeConfigs":[{"InstanceType":"m5.xlarge"}]}]"#;
    let account = Account::new().has("j-A", &format!("{fleets} --subnet subnet-1,subnet-2")).open();
    account.asked(&format!("{fleets} --subnet subnet-2,subnet-1")).joins("j-A");
    account.asked(&format!("{fleets} --subnet subnet-1")).joins_none(&[("j-A", &["subnet"])]);
}
