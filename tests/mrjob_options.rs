//! Configuration files mean to these tools what they mean to mrjob: its own loader is asked, option by option.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fastrand::Rng;
use harness::{Ran, Tools, client};
use serde_json::{Value, json};

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/clients/mrjob_options.py");
/// Files as users of mrjob 0.4 to 0.7 have them.
const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/mrjob_options");

/// Where the tools differ from mrjob and are meant to.
const MEANT: [(&str, &str); 3] = [
    ("aws_region", "without one mrjob goes to us-west-2; the tools ask for one"),
    ("label", "without one mrjob takes the name of the script; the tools take the owner's"),
    ("s3_log_uri", "without one mrjob and the tools take logs/ below the scratch URI; mrjob does so later on"),
];

/// Files to load, with what is typed beside them.
#[derive(Debug, Default)]
struct Case {
    paths: Vec<PathBuf>,
    typed: Vec<(&'static str, &'static str)>,
}

/// What an option came to here: its value, and whether any source says it.
type Ours = BTreeMap<String, (Value, bool)>;

fn ours(case: &Case, folder: &Path) -> (Ours, bool) {
    let mut command = Tools::beside(SANDBOX).command("create-job-flow");
    command.arg("--print-config").env("HOME", folder).env("TREE", folder);
    command.args(case.paths.iter().flat_map(|path| [Path::new("-c"), path]));
    for (option, value) in &case.typed {
        command.arg(format!("--{}={value}", option.replace('_', "-")));
    }
    let ran = Ran::of(&mut command);
    let options = ran.records().into_iter().map(|record| {
        let is_default = record["source"] == "default" || record["source"].as_str().unwrap().starts_with("environment");
        (record["option"].as_str().unwrap().to_owned(), (record["value"].clone(), !is_default))
    });
    let options: Ours = options.collect();
    assert!(!options.is_empty(), "{case:?}: {ran:?}");
    (options, ran.code == Some(0))
}

/// What mrjob makes of `cases`, those of no file first, and its later names of options.
fn mrjobs(cases: &[Case], folder: &Path) -> (Vec<Value>, Value) {
    let input: Vec<_> = cases
        .iter()
        .map(|case| json!({"paths": case.paths, "typed": case.typed.iter().copied().collect::<BTreeMap<_, _>>()}))
        .collect();
    let mut python = client("python");
    let ran = Ran::with_stdin(
        python.arg(PROGRAM).env("HOME", folder).env("TREE", folder).env("USER", "tester"),
        &Value::from(input).to_string(),
    );
    let answer: Value = serde_json::from_str(&ran.ok().stdout).unwrap();
    (answer["options"].as_array().unwrap().clone(), answer["later"].clone())
}

/// Compares each option of `cases` that both know, and returns the names of those that some file said.
fn compare(cases: &[Case], folder: &Path) -> BTreeSet<String> {
    let (mrjobs, later) = mrjobs(cases, folder);
    let mut compared = BTreeSet::new();
    let mut different = Vec::new();
    let mut sound = 0;
    for (case, theirs) in cases.iter().zip(&mrjobs[1..]) {
        let (ours, is_sound) = ours(case, folder);
        sound += usize::from(is_sound);
        for (option, (value, is_said)) in &ours {
            let name = later.get(option).and_then(Value::as_str).unwrap_or(option);
            let (Some(their), default) = (theirs.get(name), &mrjobs[0][name]) else { continue };
            let is_meant = MEANT.iter().any(|(meant, _)| meant == option) && !is_said;
            // What options come to together is known where they make a job flow.
            let is_open = !is_sound && (option.contains("instance") || option == "emr_configurations");
            if is_meant || is_open || is_of_no_instance(option, &ours) {
                continue;
            }
            let is_same = if *is_said { same(value, their) } else { their == default || their.is_null() };
            if !is_same {
                different.push(format!("{option} is {value} here and {their} to mrjob, in {case:?}"));
            }
            compared.extend(is_said.then(|| option.clone()));
        }
    }
    assert!(sound * 3 > cases.len(), "{sound} of {} make a job flow", cases.len());
    assert!(different.is_empty(), "{}", different.join("\n"));
    compared
}

/// Whether `option` says of which type, and at which bid, instances are that there are none of.
fn is_of_no_instance(option: &str, ours: &Ours) -> bool {
    let listed = ["instance_groups", "instance_fleets"].iter().any(|list| !ours[*list].0.is_null());
    let is_none = |count: &str| listed || ours[count].0 == 0;
    match option {
        "ec2_instance_type" => false,
        _ if option.starts_with("ec2_master_instance") || option.starts_with("num_ec2") => listed,
        _ if option.starts_with("ec2_core_instance") => is_none("num_ec2_core_instances"),
        _ if option.starts_with("ec2_task_instance") => is_none("num_ec2_task_instances"),
        _ => false,
    }
}

/// Whether both values say the same. Here scalars are as they were written, there they are what Python made of them.
fn same(ours: &Value, theirs: &Value) -> bool {
    let number = |value: &Value| value.as_f64().or_else(|| value.as_str()?.parse().ok());
    match (ours, theirs) {
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().all(|(key, ours)| theirs.get(key).is_some_and(|theirs| same(ours, theirs)))
        }
        // What is nested there, mrjob keeps as text.
        (Value::Object(_), Value::String(text)) => serde_json::from_str(text).is_ok_and(|theirs| same(ours, &theirs)),
        (Value::String(text), Value::Null) => text.is_empty(),
        (Value::String(text), Value::Bool(truth)) => text == if *truth { "true" } else { "false" },
        _ => ours == theirs || number(ours).is_some_and(|ours| number(theirs) == Some(ours)),
    }
}

#[test]
fn the_files_of_users_mean_what_they_mean_to_mrjob() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.tar.gz", "b.tar.gz", "key.pem"] {
        std::fs::write(folder.path().join(name), "").unwrap();
    }
    let files = std::fs::read_dir(EXAMPLES).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.is_file()).collect();
    files.sort();
    let alone = files.iter().map(|path| Case { paths: vec![path.clone()], ..Default::default() });
    let pairs = files.windows(2).map(|pair| Case { paths: pair.to_vec(), ..Default::default() });
    let typed = [
        vec![("instance_type", "r5.large")],
        vec![("num_core_instances", "4"), ("core_instance_type", "r5.large")],
        vec![("region", "eu-north-1"), ("iam_service_role", "typed"), ("s3_scratch_uri", "s3://$USER/x/")],
    ];
    let typed = files.iter().flat_map(|path| typed.clone().map(|typed| Case { paths: vec![path.clone()], typed }));
    let cases: Vec<_> = alone.chain(pairs).chain(typed).collect();
    let compared = compare(&cases, folder.path());
    assert!(compared.len() >= 30, "{compared:?}");
}

#[test]
fn files_that_include_clear_and_override_one_another_mean_what_they_mean_to_mrjob() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.gz", "b.gz"] {
        std::fs::write(folder.path().join(name), "").unwrap();
    }
    let mut rng = Rng::with_seed(20_261_123);
    let cases: Vec<_> = (0..150).map(|number| generated(&mut rng, &folder.path().join(number.to_string()))).collect();
    let compared = compare(&cases, folder.path());
    assert!(compared.len() >= GENERATED.len() * 3 / 4, "{compared:?}");
}

/// Options that are said without `!clear`: mrjob takes those of instances for weaker than they are then, and fails over
/// the others.
const UNCLEARED: [&str; 4] = ["instance_", "instances", "emr_configurations", "additional_emr_info"];

/// Options, each by its old and its new name, with values.
const GENERATED: [(&str, &str, &[&str]); 31] = [
    ("aws_region", "region", &["us-west-1", "eu-west-1"]),
    ("aws_availability_zone", "zone", &["us-west-1a", "eu-west-1b"]),
    ("ec2_key_pair", "ec2_key_pair", &["k1", "'k 2'"]),
    ("label", "label", &["etl", "'my job'", "\"täglich\""]),
    ("owner", "owner", &["ann", "bob"]),
    ("s3_scratch_uri", "cloud_tmp_dir", &["s3://b/tmp/", "s3://$USER/${TREE}/", "~/tmp", "s3://$NONE/x"]),
    ("s3_log_uri", "cloud_log_dir", &["s3://b/logs/", "s3://${USER}/l/"]),
    ("iam_instance_profile", "iam_instance_profile", &["p1", "p2"]),
    ("iam_service_role", "iam_service_role", &["r1", "r2"]),
    ("emr_tags", "tags", &["{a: x, b: y}", "{b: z, c: ''}", "{a: !clear null, d: w}", "{!clear b: v}"]),
    ("applications", "applications", &["[Hive, Spark]", "Ganglia", "[]", "[!clear Pig]"]),
    ("ec2_instance_type", "instance_type", &["c4.large", "c5.large"]),
    ("ec2_master_instance_type", "master_instance_type", &["m4.large", "c4.large"]),
    ("ec2_core_instance_type", "core_instance_type", &["r4.large", "c5.large"]),
    ("ec2_task_instance_type", "task_instance_type", &["i3.large", "c5.large"]),
    ("num_ec2_core_instances", "num_core_instances", &["0", "2", "0x10", "1_0"]),
    ("num_ec2_task_instances", "num_task_instances", &["0", "3", "010"]),
    ("ec2_core_instance_bid_price", "core_instance_bid_price", &["0.40", "'0.5'"]),
    ("ec2_task_instance_bid_price", "task_instance_bid_price", &["1", "0.10"]),
    ("pool_emr_job_flows", "pool_clusters", &["true", "no", "On", "FALSE"]),
    ("additional_emr_info", "additional_emr_info", &["'{}'", "{a: {b: 010, c: yes}, d: [1.5, 1e3]}"]),
    (
        "bootstrap",
        "bootstrap",
        &["[echo a, 'echo \"b c\"']", "echo d", "\n    - echo e\n    - |\n      two\n      lines"],
    ),
    ("bootstrap_actions", "bootstrap_actions", &["['s3://b/act \"x y\" z']", "s3://b/other"]),
    ("bootstrap_cmds", "bootstrap_cmds", &["[[echo, 'a b'], echo c]", "echo d"]),
    ("bootstrap_python_packages", "bootstrap_python_packages", &["$TREE/*.gz", "['~/b.gz', '${TREE}/?.gz']"]),
    ("emr_api_params", "emr_api_params", &["{A.b: c}", "{A.b: d, E: f}"]),
    ("emr_configurations", "emr_configurations", &["[{Classification: x, Properties: {a: b}}]", "[]"]),
    ("extra_cluster_params", "extra_cluster_params", &["{A: {B: c}}", "{A: d, !clear E: f}", "{E: g}"]),
    ("image_id", "image_id", &["ami-1", "ami-2"]),
    ("python_bin", "python_bin", &["python3 -v", "[python, 'a b']", "\"python 'x y'\""]),
    ("emr_job_flow_pool_name", "pool_name", &["etl", "'a, b'"]),
];

/// One to four files in `folder`, and some of them to load.
fn generated(rng: &mut Rng, folder: &Path) -> Case {
    std::fs::create_dir(folder).unwrap();
    let number = rng.usize(1..=4);
    let paths: Vec<_> = (0..number).map(|file| folder.join(format!("{file}.conf"))).collect();
    for path in &paths {
        let options: String = GENERATED.iter().filter_map(|option| line(rng, option)).collect();
        let text = include(rng, number) + "runners:\n  emr:\n    cleanup: [ALL]\n" + &options;
        std::fs::write(path, text).unwrap();
    }
    Case { paths: (0..rng.usize(1..=3)).map(|_| rng.choice(&paths).unwrap().clone()).collect(), ..Default::default() }
}

/// What makes a file include some of so many, itself perhaps.
fn include(rng: &mut Rng, number: usize) -> String {
    if rng.u8(0..10) >= 4 {
        return String::new();
    }
    let files: Vec<_> = (0..rng.usize(1..=2)).map(|_| format!("{}.conf", rng.usize(0..number))).collect();
    format!("include: [{}]\n", files.join(", "))
}

/// What a file says of an option, where it says something.
fn line(rng: &mut Rng, (old, new, values): &(&str, &str, &[&str])) -> Option<String> {
    if rng.u8(0..10) >= 2 {
        return None;
    }
    let name = if rng.bool() { old } else { new };
    let value = rng.choice(values.iter()).unwrap();
    let clears = UNCLEARED.iter().all(|part| !name.contains(part));
    Some(match rng.u8(0..20) {
        0 if clears => format!("    {name}: !clear null\n"),
        1 if clears => format!("    {name}: !clear {value}\n"),
        2 if clears => format!("    !clear {name}: {value}\n"),
        3 => format!("    {name}:\n"),
        _ => format!("    {name}: {value}\n"),
    })
}
