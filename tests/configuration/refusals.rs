//! What is wrong or doubtful in files and on the command line, and how it is said.

use std::fs;
use std::path::Path;

use harness::{Ran, Tools};
use serde_json::json;

use crate::{TOOL, home, of_text, options, print_config};

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
        "is not a configuration: unknown field `Property`",
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
        ("bomb", bomb.into(), 78, "anchors and aliases expand to too much"),
        ("words", "hello".into(), 78, "words: line 1, column 1: is not a mapping with runners: in it"),
    ] {
        fs::write(folder.join(name), content).unwrap();
        Ran::of(print_config(folder).args(["-c", name])).fails(code, words);
    }
    Ran::of(print_config(folder).args(["-c", "."])).fails(74, "cannot read .: is a directory");
    Ran::of(print_config(folder).args(["-c", "none"])).fails(74, "none: no such file or directory");
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
    let text = "runners:\n  emr:\n    owner: a\n    owner: b\n    region: r1\n    aws_region: r2\n    interpreter: ''\n    lable: x\n";
    let ran = of_text(text).ok();
    let expected = [
        "conf: line 4, column 5: owner is repeated",
        "conf: line 6, column 17: aws_region is ignored: region, its newer name, is set, too",
        "conf: line 8, column 12: unknown option lable, did you mean label?",
    ];
    assert_eq!(ran.stderr, expected.map(|line| format!("create-job-flow: warning: {line}\n")).concat());
    let options = options(&ran);
    assert_eq!(["owner", "aws_region"].map(|option| options[option].0.clone()), ["b", "r1"]);
    let home = home(&[("conf", text)]);
    let loud = Ran::of(print_config(home.path()).args(["-v", "-c", "conf"])).ok();
    assert!(loud.stderr.contains("conf: line 7, column 18: interpreter has no effect"), "{}", loud.stderr);
}
