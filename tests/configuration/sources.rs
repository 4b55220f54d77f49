//! Where options come from, and what `--print-config` says of them.

use std::fs;
use std::os::unix::fs::symlink;

use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};

use crate::{TOOL, home, of_text, options, print_config};

#[test]
fn each_value_is_told_with_where_it_came_from() {
    let text = "runners: {emr: {aws_region: us-west-1, ec2_key_pair: k, tags: {a: x}, num_ec2_instances: 3}}";
    let home = home(&[(".mrjob.conf", text)]);
    let file = home.path().join(".mrjob.conf").to_str().unwrap().to_owned();
    let mut command = print_config(home.path());
    let ran =
        Ran::of(command.env("AWS_REGION", "eu-west-1").args(["--tag", "b=y", "--ec2-instance-type", "r5.large"])).ok();
    let options = options(&ran);
    let is =
        |option: &str, value: Value, source: &str| assert_eq!(options[option], (value, source.to_owned()), "{option}");
    is("aws_region", json!("eu-west-1"), "environment AWS_REGION");
    is("ec2_key_pair", json!("k"), &file);
    is("emr_tags", json!({"a": "x", "b": "y"}), &format!("{file}, command line"));
    is("ec2_core_instance_type", json!("r5.large"), "command line");
    is("num_ec2_core_instances", json!(2), &file);
    is("iam_service_role", json!("EMR_DefaultRole"), "default");
    is("owner", json!("tester"), "environment USER");
    is("subnet", Value::Null, "default");
    let subnet = ran.records().into_iter().find(|record| record["option"] == "subnet").unwrap();
    assert_eq!(subnet.get("value"), None, "an absent value is an absent key");
}

/// A value for an option whose help shows `form` for it.
fn value(form: &str) -> &'static str {
    match form {
        "N" | "GIB" | "HOURS" => "2",
        "MINUTES" => "9",
        "TYPE" => "r5.large",
        "USD" => "0.42",
        "JSON" => "[]",
        "LABEL" => "emr-6.15.0",
        "VERSION" => "3.11.0",
        "AMI" => "ami-1",
        "ID" => "subnet-1",
        "ZONE" => "us-east-1a",
        "S3_URI" => "s3://bucket/x/",
        "KEY=VALUE" | "NAME=VALUE" | "NAME=JSON" => "a=1",
        "NAME" | "COMMAND" | "A,B" | "PATH" | "PATH[#NAME]" | "GLOB" | "SCRIPT" => "x",
        other => panic!("give options of the form {other} a value here"),
    }
}

/// Each option that is about the job flow or the account, with a value.
fn arguments() -> Vec<String> {
    let help = Ran::of(Tools::beside(TOOL).command("create-job-flow").arg("--help")).ok().stdout;
    let (_, own) = help.split_once("\nInstances:\n").unwrap();
    let (own, _) = own.split_once("\nExamples:").unwrap();
    let lines = own.lines().filter_map(|line| line.strip_prefix("      --"));
    let argument = |line: &str| match line.split_once(' ') {
        Some((name, form)) => format!("--{name}={}", value(form.trim_matches(['<', '>', '.']))),
        None => format!("--{line}"),
    };
    // These stand in emr-options(7).
    let of_all_tools = ["--region=x", "--profile=x", "--endpoint-url=http://localhost"].map(str::to_owned);
    lines.map(argument).chain(of_all_tools).collect()
}

#[test]
fn no_option_is_forgotten() {
    let home = home(&[("x", "")]);
    let with = |argument: &str| {
        // The name of a pool counts where there is one.
        let pool = ["--pool-emr-job-flows"].into_iter().filter(|_| argument.starts_with("--pool-name"));
        options(&Ran::of(print_config(home.path()).args(pool).arg(argument)))
    };
    let arguments = arguments();
    assert!(arguments.len() > 50, "{arguments:?}");
    for argument in arguments {
        let name = argument.split('=').next().unwrap();
        let typed = with(&argument).into_values().filter(|(_, source)| source == "command line").count();
        let expected = if name == "--pool-name" { 2 } else { 1 };
        assert!(typed >= expected, "{argument} is not printed");
    }
}

#[test]
fn what_is_printed_needs_no_region_and_no_credentials_and_says_no_secret() {
    let text = "runners: {emr: {aws_access_key_id: AKIDSECRET, aws_secret_access_key: hush, owner: ann}}";
    let ran = of_text(text).ok();
    assert!(!ran.stdout.contains("AKIDSECRET") && !ran.stdout.contains("hush"), "{}", ran.stdout);
    assert!(!ran.stderr.contains("AKIDSECRET") && !ran.stderr.contains("hush"), "{}", ran.stderr);
    assert!(ran.stderr.contains("conf: line 1, column 36: aws_access_key_id is not used"), "{}", ran.stderr);
}

#[test]
fn what_is_empty_in_a_file_is_not_sent() {
    let home = home(&[("conf", "runners: {emr: {ec2_key_pair: '', zone: '', release_label: '', instance_type: ''}}")]);
    let mut create = Tools::beside(TOOL).command("create-job-flow");
    let ran = Ran::of(create.current_dir(home.path()).args(["--dry-run", "-c", "conf"])).ok();
    let request = ran.record();
    assert!(request["Instances"]["Placement"].is_null() && request["Instances"]["Ec2KeyName"].is_null(), "{request}");
    assert_eq!(request["ReleaseLabel"], "emr-7.14.0");
}

#[test]
fn a_pipe_is_a_file_too() {
    let text = "runners: {emr: {owner: ann}}";
    let home = home(&[]);
    let ran = Ran::with_stdin(print_config(home.path()).args(["-c", "/dev/stdin"]), text).ok();
    assert_eq!(options(&ran)["owner"], (json!("ann"), "/dev/stdin".to_owned()));
}

#[test]
fn a_file_with_a_mark_of_its_encoding_or_without_any_content_is_read() {
    assert_eq!(options(&of_text("\u{feff}runners: {emr: {owner: ann}}\r\n").ok())["owner"].0, "ann");
    for text in ["", "\n\n", "# nothing\n", "runners:\n", "runners:\n  emr:\n", "runners: {local: {}}"] {
        assert_eq!(options(&of_text(text).ok())["owner"].1, "environment USER", "{text:?}");
    }
}

#[test]
fn included_files_are_found_beside_the_real_file_and_in_the_home() {
    let home = home(&[
        ("mine.conf", "runners: {emr: {owner: mine, label: mine}}"),
        ("base.conf", "runners: {emr: {owner: base, label: base, ec2_key_pair: base}}"),
    ]);
    fs::create_dir(home.path().join("real")).unwrap();
    let text = "include: [base.conf, ~/mine.conf]\nrunners: {emr: {owner: real}}";
    fs::write(home.path().join("real/main.conf"), text).unwrap();
    fs::rename(home.path().join("base.conf"), home.path().join("real/base.conf")).unwrap();
    symlink("real/main.conf", home.path().join(".mrjob.conf")).unwrap();
    let options = options(&Ran::of(&mut print_config(home.path())).ok());
    assert_eq!(["owner", "label", "ec2_key_pair"].map(|option| options[option].0.clone()), ["real", "mine", "base"]);
}

#[test]
fn later_files_are_stronger_and_can_clear_what_earlier_ones_say() {
    let home = home(&[
        (
            "a",
            "runners: {emr: {applications: [Hive, Pig], tags: {a: '1', b: '2'}, owner: a, bootstrap_cmds: [x], s3_scratch_uri: 's3://b/'}}",
        ),
        (
            "b",
            "runners: {emr: {applications: !clear [Spark], tags: {a: !clear null}, owner: !clear null, bootstrap_cmds: [y]}}",
        ),
    ]);
    let options = options(&Ran::of(print_config(home.path()).args(["-c", "a", "-c", "b"])).ok());
    assert_eq!(options["applications"], (json!(["Spark"]), "b".to_owned()));
    assert_eq!(options["emr_tags"], (json!({"b": "2"}), "a, b".to_owned()));
    assert_eq!(options["owner"].1, "environment USER");
    assert_eq!(options["bootstrap_cmds"], (json!(["x", "y"]), "a, b".to_owned()));
}

#[test]
fn a_table_is_for_people() {
    let home = home(&[("conf", "runners: {emr: {label: \"a\\tb\\e[31m\\nc\"}}")]);
    let ran = Ran::of(print_config(home.path()).args(["-c", "conf", "--output", "table"]));
    let line = ran.stdout.lines().find(|line| line.starts_with("label ")).unwrap();
    assert_eq!(line.split_whitespace().collect::<Vec<_>>(), ["label", "a?b?[31m?c", "conf"]);
}

#[test]
fn endpoints_of_a_file_are_used_where_the_environment_names_none() {
    let sandbox = Sandbox::start(&Tools::beside(TOOL), &[]);
    let endpoint = sandbox.endpoint();
    let conf = |emr: &str| {
        format!("runners: {{emr: {{emr_endpoint: '{emr}', s3_endpoint: '{endpoint}', region: us-east-1}}}}")
    };
    let create = |conf: String| {
        let home = home(&[(".mrjob.conf", &conf)]);
        let mut command = sandbox.tool("create-job-flow");
        Ran::of(command.env("HOME", home.path()).env_remove("MRJOB_CONF").env_remove("AWS_ENDPOINT_URL"))
    };
    create(conf(endpoint)).ok();
    assert_eq!(sandbox.requests("RunJobFlow").len(), 1);
    create(conf("http://")).fails(78, "emr_endpoint is 'http://', which is not a URL");
    let home = home(&[(".mrjob.conf", &conf("http://127.0.0.1:1"))]);
    Ran::of(sandbox.tool("create-job-flow").env("HOME", home.path()).env_remove("MRJOB_CONF")).ok();
    assert_eq!(sandbox.requests("RunJobFlow").len(), 2);
}
