//! Who may share a job flow: the same pool, and all the same that has to be.

use crate::account::Account;

#[test]
fn only_job_flows_of_the_pool_are_joined() {
    let account = Account::new().has("j-A", "--pool-name other").has("j-B", "--pool-name etl2").open();
    account.asked("").joins_none(&[]);
    account.asked("--pool-name other").joins("j-A");
    account.asked("--pool-name ETL2").joins_none(&[]);
}

#[test]
fn a_pool_may_have_any_name() {
    let names =
        ["my etl", "a,b", "a, b", "täglich/今日", "it's \"quoted\"", "50%", "x=20y", " etl", "--etl", "$(etl)|<>`"];
    let args = |name: &str| [format!("--pool-name={name}"), "--s3-scratch-uri=s3://bucket/scratch".to_owned()];
    let id = |number: usize| format!("j-{number}");
    let account = names.iter().enumerate();
    let account = account.fold(Account::new(), |account, (number, name)| account.has_one(&id(number), &args(name)));
    let account = account.open();
    for (number, name) in names.iter().enumerate() {
        let args = args(name);
        let asked = account.asked_for(&[&args[0], &args[1]]);
        asked.joins(&id(number));
        let record = asked.find(&["--dry-run"]).ok().record();
        assert_eq!(record["pool_name"], *name);
    }
    account.asked("").joins_none(&[]);
}

#[test]
fn who_names_no_pool_is_in_the_pool_default() {
    let scratch = ["--s3-scratch-uri", "s3://bucket/scratch/"];
    let account = Account::new().has_one("j-A", &scratch).open();
    account.asked_for(&scratch).joins("j-A");
    account.asked("--pool-name default").joins("j-A");
}

#[test]
fn job_flows_that_are_in_no_pool_or_in_one_of_mrjob_s_are_left_alone() {
    for name in ["", "etl", "pool:etl", "job.ann pooling:0.7.4,etl,0123456789abcdef0123456789abcdef"] {
        let account = Account::new().has("j-A", "").but(|cluster| cluster["Cluster"]["Name"] = name.into());
        account.open().asked("").joins_none(&[]);
    }
}

#[test]
fn what_a_job_flow_is_called_does_not_matter() {
    let args =
        |name: &str| [&["--name", name], &crate::POOL[..]].concat().iter().map(ToString::to_string).collect::<Vec<_>>();
    for name in ["nightly, of ann", "pool:etl", "run:0123456789ab", &"long ".repeat(60), "täglich"] {
        let account = Account::new().has_one("j-A", &args(name)).open();
        account.asked("").joins("j-A");
    }
}

/// A job flow of `has` is not joined by who asks for `asks`, nor the other way round.
fn assert_apart(has: &str, asks: &str, checks: &[&str]) {
    for (has, asks) in [(has, asks), (asks, has)] {
        let account = Account::new().has("j-A", has).open();
        account.asked(has).joins("j-A");
        account.asked(asks).joins_none(&[("j-A", checks)]);
    }
}

#[test]
fn software_has_to_be_exactly_the_same() {
    assert_apart("--release-label emr-7.14.0", "--release-label emr-7.13.0", &["release_label"]);
    assert_apart("--release-label emr-7.14.0", "--release-label emr-spark-8.1.0", &["release_label", "applications"]);
    assert_apart("--release-label emr-spark-8.1.0", "--release-label emr-spark-8.0.0", &["release_label"]);
    assert_apart("--ami-version 2.4.2", "--ami-version 2.4.11", &["ami_version"]);
    assert_apart("--ami-version 3.11.0", "--ami-version 3.11.0 --hadoop-version 2.4.0", &["pool_hash"]);
    assert_apart("--application Spark", "", &["applications"]);
}

#[test]
fn roles_keys_and_places_have_to_be_the_same() {
    assert_apart("--ec2-key-pair mine", "--ec2-key-pair yours", &["key_pair"]);
    assert_apart("--subnet subnet-1", "--subnet subnet-2", &["subnet"]);
    assert_apart("--subnet subnet-1", "", &["subnet"]);
    assert_apart("--iam-instance-profile Mine", "", &["instance_profile"]);
    assert_apart("--iam-service-role Mine", "", &["service_role"]);
    assert_apart("--additional-emr-info {\"a\":1}", "", &["pool_hash"]);
    assert_apart("--s3-scratch-uri s3://bucket/mine/", "--s3-scratch-uri s3://bucket/yours/", &["locks"]);
}

#[test]
fn the_same_in_other_words_is_the_same() {
    let account = Account::new().has("j-A", "--ami-version 5.36.2 --applications Spark,Hive").open();
    account.asked("--release-label emr-5.36.2 --application hive --application spark").joins("j-A");
    account
        .asked("--release-label emr-5.36.2 --applications Hive,Spark --s3-scratch-uri s3://bucket/scratch")
        .joins("j-A");
    account.asked("--release-label emr-5.36.2 --applications Hive,Spark --name mine --tag a=b").joins("j-A");
}

#[test]
fn the_release_of_spark_alone_has_pools_too() {
    let spark = "--release-label emr-spark-8.1.0 --num-ec2-instances 3";
    let account = Account::new().has("j-A", spark).open();
    account.asked(spark).joins("j-A");
}

#[test]
fn a_copy_with_another_release_is_not_what_its_name_says() {
    let account = Account::new().has("j-A", "--release-label emr-7.14.0");
    let name = account.name();
    let account = account.has("j-B", "--release-label emr-7.14.0").but(|cluster| {
        cluster["Cluster"]["Name"] = name;
        cluster["Cluster"]["ReleaseLabel"] = "emr-7.13.0".into();
    });
    let account = account.open();
    let asked = account.asked("--release-label emr-7.14.0");
    asked.joins("j-A");
    let explained = [("j-A".to_owned(), vec![]), ("j-B".to_owned(), vec!["release_label".to_owned()])];
    assert_eq!(asked.explanation(), explained);
}
