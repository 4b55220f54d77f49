//! Where create-job-flow takes its options from, what it says of them, and what it makes of files of every kind.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};
use tempfile::TempDir;

const TOOL: &str = env!("CARGO_BIN_EXE_create-job-flow");

/// A folder that is the home of whoever runs the tool, with files of these names and contents.
fn home(files: &[(&str, &str)]) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(home.path().join(name), text).unwrap();
    }
    home
}

fn print_config(home: &Path) -> Command {
    let mut command = Tools::beside(TOOL).command("create-job-flow");
    command.current_dir(home).env("HOME", home).arg("--print-config");
    command
}

/// Each option's value and source.
fn options(ran: &Ran) -> BTreeMap<String, (Value, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let option = |record: Value| (text(&record["option"]), (record["value"].clone(), text(&record["source"])));
    ran.records().into_iter().map(option).collect()
}

/// What the tool makes of a single file with `text`.
fn of_text(text: &str) -> Ran {
    let home = home(&[("conf", text)]);
    Ran::of(print_config(home.path()).args(["-c", "conf"]))
}

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
        "NAME" | "COMMAND" | "A,B" | "PATH" | "PATH[#NAME]" | "GLOB" | "'PATH ARGUMENT…'" | "REGION" => "x",
        "URL" => "http://localhost",
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
    lines.filter(|line| *line != "no-conf").map(argument).collect()
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
fn what_is_wrong_in_a_file_is_wrong_configuration_and_what_is_typed_is_wrong_usage() {
    let dry_run = |home: &Path, arg: String| {
        let mut create = Tools::beside(TOOL).command("create-job-flow");
        Ran::of(create.current_dir(home).args(["--dry-run", &arg]))
    };
    for (option, typed, value, words) in [
        (
            "ec2_master_instance_bid_price",
            "ec2-master-instance-bid-price",
            "abc",
            "the master: 'abc' is not a bid price",
        ),
        ("ec2_instance_type", "ec2-instance-type", "a b", "'a b' is not an instance type"),
        ("additional_emr_info", "additional-emr-info", "x", "is not JSON"),
        ("label", "name", "<x>", "the name '<x>'"),
    ] {
        let home = home(&[("conf", &format!("runners: {{emr: {{{option}: '{value}'}}}}"))]);
        dry_run(home.path(), "--conf-path=conf".to_owned()).fails(78, words);
        dry_run(home.path(), format!("--{typed}={value}")).fails(2, words);
    }
}

/// What the rules refuse: the value of an option in a file, where it is wrong there (behind the name of the file), the same
/// on the command line, and what is said of it.
const REFUSED: [(&str, &str, &str, &str); 12] = [
    (
        "master_instance_bid_price: abc",
        "3, column 32: ec2_master_instance_bid_price: ",
        "--ec2-master-instance-bid-price=abc",
        "'abc' is not a bid price",
    ),
    (
        "tags:\n      a: x\n      aws:b: y",
        "5, column 14: emr_tags: ",
        "--tag=aws:b=y",
        "the tag 'aws:b=y' has the prefix aws:",
    ),
    (
        "emr_configurations:\n    - Classification: x\n    - {Classification: x, Property: {}}",
        "5, column 7: emr_configurations ",
        r#"--emr-configuration={"Classification":"x","Property":{}}"#,
        "is no configuration: unknown field `Property`",
    ),
    (
        "bootstrap:\n    - echo a\n    - echo 'b",
        "5, column 7: bootstrap: ",
        "--bootstrap=echo 'b",
        "a quotation that begins with ' does not end",
    ),
    ("bootstrap_actions: [\"x 'y\"]", "3, column 25: bootstrap_actions: ", "--bootstrap-action=x 'y", "does not end"),
    ("instance_groups: [{}]", "3, column 22: instance_groups ", "--instance-groups=[{}]", "is wrong in entry 1"),
    (
        "max_hours_idle: 0.001",
        "3, column 21: max_hours_idle: ",
        "--max-hours-idle=0.001",
        "cannot end itself after 4 s",
    ),
    (
        "max_concurrent_steps: 300",
        "3, column 27: max_concurrent_steps: ",
        "--max-concurrent-steps=300",
        "300 steps at once",
    ),
    ("image_version: x", "3, column 20: ami_version: ", "--ami-version=x", "'x' is not an AMI version"),
    (
        "extra_cluster_params: {Instances: 1}",
        "3, column 39: extra_cluster_params: ",
        "--extra-cluster-param=Instances=1",
        "Instances is not a mapping",
    ),
    ("s3_tmp_dir: /tmp", "3, column 17: s3_scratch_uri: ", "--s3-scratch-uri=/tmp", "'/tmp' is not a place on S3"),
    ("bootstrap_files: [none]", "3, column 23: bootstrap_files: ", "--bootstrap-file=none", "cannot read none"),
];

#[test]
fn what_the_rules_refuse_is_told_with_its_place_in_the_file_or_with_the_option_that_was_typed() {
    let refused = |home: &Path, args: &[&str]| {
        let mut create = Tools::beside(TOOL).command("create-job-flow");
        let ran = Ran::of(create.current_dir(home).arg("--dry-run").args(args));
        assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
        ran
    };
    for (text, place, typed, words) in REFUSED {
        let home = home(&[("conf", &format!("runners:\n  emr:\n    {text}\n"))]);
        let is_missing = words.starts_with("cannot read");
        let in_file = refused(home.path(), &["-c", "conf"]);
        in_file.fails(if is_missing { 74 } else { 78 }, &format!("conf: line {place}"));
        assert!(in_file.stderr.contains(words), "{in_file:?}");
        let option = typed.split('=').next().unwrap();
        let on_command_line = refused(home.path(), &[typed]);
        on_command_line.fails(if is_missing { 74 } else { 2 }, words);
        let begins = format!("create-job-flow: {option}");
        assert!(on_command_line.stderr.starts_with(&begins), "{on_command_line:?}");
    }
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
fn options_that_make_no_job_flow_are_printed_and_then_complained_of() {
    let ran = of_text("runners: {emr: {num_ec2_task_instances: 3, num_ec2_core_instances: 0}}");
    assert_eq!(ran.code, Some(78), "{ran:?}");
    assert_eq!(options(&ran)["num_ec2_task_instances"].0, 3);
    assert!(ran.stderr.contains("task instances need at least one core instance"), "{}", ran.stderr);
}

#[test]
fn a_file_that_is_missing_keeps_no_option_from_being_printed() {
    let ran = of_text("runners: {emr: {bootstrap_files: none.txt, python_bin: python3}}");
    assert_eq!(ran.code, Some(74), "{ran:?}");
    let options = options(&ran);
    assert_eq!(
        (&options["bootstrap_files"].0[0], &options["python_bin"].0[0]),
        (&"none.txt".into(), &"python3".into())
    );
    assert!(options.contains_key("ec2_instance_type") && ran.stderr.contains("none.txt"), "{}", ran.stderr);
}

#[test]
fn what_is_wrong_in_a_file_is_told_with_file_line_and_column() {
    for (text, code, words) in [
        (
            "runners:\n  emr:\n    num_ec2_instances: x\n",
            78,
            "conf: line 3, column 24: num_ec2_instances is 'x', which is not a whole number",
        ),
        (
            "runners:\n  emr:\n    max_hours_idle: [1]\n",
            78,
            "conf: line 3, column 21: max_hours_idle is not a single value",
        ),
        ("runners:\n  emr:\n    tags: [1]\n", 78, "conf: line 3, column 11: emr_tags is not a mapping"),
        (
            "runners:\n  emr:\n    tags:\n      a: [1]\n",
            78,
            "conf: line 4, column 10: emr_tags has no single value for a",
        ),
        (
            "runners:\n  emr:\n    python_bin: a 'b\n",
            78,
            "conf: line 3, column 17: python_bin has a quote that is not closed",
        ),
        (
            "runners:\n  emr:\n    pool_clusters: perhaps\n",
            78,
            "conf: line 3, column 20: pool_emr_job_flows is 'perhaps', which is neither",
        ),
        ("runners:\n  emr: 5\n", 78, "conf: line 2, column 8: runners: emr: is not a mapping of options"),
        ("runners:\n\temr: {}\n", 78, "conf: line 2, column "),
        ("runners: {emr: {a: [b}}\n", 78, "conf: line 1, column "),
        ("include: [[a]]\n", 78, "conf: line 1, column 11: include: is neither a path nor a list of paths"),
        ("include: none\n", 74, "none: no such file or directory"),
    ] {
        of_text(text).fails(code, words);
    }
}

#[test]
fn files_of_every_other_kind_are_refused_in_one_line() {
    let home = home(&[]);
    let folder = home.path();
    let bomb = (1..40).fold("a0: &a0 [x, x]\n".to_owned(), |text, n| {
        format!("{text}a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(","))
    });
    for (name, content, code, words) in [
        ("latin", b"runners:\n  emr: {label: t\xe4glich}".to_vec(), 78, "latin: line 2: is not text in UTF-8"),
        ("zero", vec![0; 100], 78, "zero: "),
        ("large", vec![b'#'; 5 << 20], 78, "large: is too large"),
        ("deep", "[".repeat(1 << 20).into(), 78, "deep: line 1, column "),
        ("blocks", "- ".repeat(1 << 20).into(), 78, "blocks: line 1, column "),
        ("bomb", bomb.into(), 78, "anchors and aliases make too much of the file"),
        ("words", "hello".into(), 78, "words: line 1, column 1: is not a mapping with runners: in it"),
    ] {
        fs::write(folder.join(name), content).unwrap();
        Ran::of(print_config(folder).args(["-c", name])).fails(code, words);
    }
    Ran::of(print_config(folder).args(["-c", "."])).fails(74, "cannot read .: is a directory");
    Ran::of(print_config(folder).args(["-c", "none"])).fails(74, "none: no such file or directory");
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
fn a_file_that_the_environment_names_and_that_is_not_there_is_an_error() {
    let home = home(&[(".mrjob.conf", "runners: {emr: {owner: home}}"), ("other", "runners: {emr: {owner: other}}")]);
    let run = |path: &str, args: &[&str]| Ran::of(print_config(home.path()).env("MRJOB_CONF", path).args(args));
    for (path, owner) in [("~/other", "other"), ("", "home")] {
        let ran = run(path, &[]).ok();
        assert_eq!((options(&ran)["owner"].0.clone(), ran.stderr.as_str()), (json!(owner), ""));
    }
    run("/none", &[]).fails(78, "MRJOB_CONF names /none, which does not exist");
    for args in [["-c", "~/other"].as_slice(), &["--no-conf"]] {
        run("/none", args).ok();
    }
}

#[test]
fn what_is_doubtful_in_a_file_is_told_and_what_means_nothing_here_is_not() {
    let text = "runners:\n  emr:\n    owner: a\n    owner: b\n    region: r1\n    aws_region: r2\n    jobconf: {}\n    lable: x\n";
    let ran = of_text(text).ok();
    let expected = [
        "conf: line 4, column 5: owner stands twice",
        "conf: line 6, column 17: aws_region is ignored beside region, which is the newer name of it",
        "conf: line 8, column 12: unknown option lable, did you mean label?",
    ];
    assert_eq!(ran.stderr, expected.map(|line| format!("create-job-flow: warning: {line}\n")).concat());
    let options = options(&ran);
    assert_eq!(["owner", "aws_region"].map(|option| options[option].0.clone()), ["b", "r1"]);
    let home = home(&[("conf", text)]);
    let loud = Ran::of(print_config(home.path()).args(["-v", "-c", "conf"])).ok();
    assert!(loud.stderr.contains("conf: line 7, column 14: jobconf means nothing to these tools"), "{}", loud.stderr);
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
