//! Bootstrap commands and actions mean to these tools what they mean to mrjob, which is asked about many.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../crates/emr-core/tests/bootstrap_script/node.rs"]
mod node;

use emr_core::config::{self, Surroundings};
use emr_core::model::content::Content;
use emr_core::setup::{Command, Machine, NamedFile, Part, Source, packs_none};
use emr_core::shell;
use fastrand::Rng;
use harness::{Ran, Sandbox, Tools, client};
use serde_json::{Value, json};

use node::Node;

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/clients/mrjob_bootstrap.py");

/// Of mrjob's documentation, and of users.
const EXAMPLES: [&str; 16] = [
    "sudo apt-get install -y python-simplejson",
    "sudo dpkg -i fooify.deb#; fooify bar",
    "export PYTHONPATH=$PYTHONPATH:foo.egg#",
    "export PYTHONPATH=$PYTHONPATH:~/$V/src.tar.gz#src/",
    "sudo pip install -r path/to/requirements.txt#",
    "sudo yum install -y s3://bucket/path/rpm-1.0.rpm#",
    "s3://elasticmapreduce/bootstrap-actions/run-if instance.isMaster=true s3://b/x.sh a 'b c'",
    "cd foo-1.0/; make install",
    "cat data.json#d=1 > x",
    "sh script.sh#a.sh 'x#y' \"z#\\\"\"",
    "tar xzf src.tar.gz#src.tar.gz -C dir.tgz#/",
    "echo $# ${#x} `x#y`",
    "a\\ b\\#c#\\;d e\\",
    "x=http://h:80/p?q=1#f",
    "~/a#~ ~b#",
    "",
];

const PIECES: [&str; 22] = [
    "a", "b", ".gz", "/", "#", "#", "\\", "'", "\"", " ", "\n", "\t", "=", ":", ";", "|", "~", "$V", "s3://", "${V}",
    "é", "\u{a0}",
];

fn texts() -> Vec<String> {
    let mut rng = Rng::with_seed(5);
    let random = (0..20_000).map(|_| (0..rng.usize(1..12)).map(|_| PIECES[rng.usize(..PIECES.len())]).collect());
    let random: Vec<String> = random.collect();
    EXAMPLES.iter().map(|text| (*text).to_owned()).chain(random).collect()
}

/// The command in the shape of mrjob's; null where it is refused.
fn command(text: &str) -> Value {
    let variables = [("HOME", "/home/u"), ("V", "/v")].map(|(name, value)| (name.to_owned(), value.into()));
    let surroundings = Surroundings { variables: variables.into(), ..Surroundings::default() };
    let machine = Machine {
        expand: &|path| config::path(path, &surroundings),
        content: &|_| Ok(Content::from([0; 32])),
        pack: &packs_none,
    };
    match Command::read(text, &machine) {
        Ok(command) => command.parts.iter().map(part).collect(),
        Err(_) => Value::Null,
    }
}

fn part(part: &Part) -> Value {
    match part {
        Part::Text(text) => json!(text),
        Part::File(NamedFile { source, name, is_archive }) => {
            let path = match source {
                Source::Remote(uri) => uri.as_str(),
                Source::Local { path, .. } => path.to_str().unwrap(),
            };
            json!({"path": path, "name": name, "type": if *is_archive { "archive" } else { "file" }})
        }
    }
}

/// mrjob has texts that follow one another apart where a file was; nobody sees that in the script. It packs directories,
/// which here are refused.
fn joined(parts: Value) -> Value {
    let Value::Array(parts) = parts else { return parts };
    if parts.iter().any(|part| part["type"] == "dir") {
        return Value::Null;
    }
    let mut all: Vec<Value> = Vec::new();
    for part in parts {
        match (all.last_mut(), &part) {
            (Some(Value::String(last)), Value::String(next)) => last.push_str(next),
            _ => all.push(part),
        }
    }
    all.into()
}

#[test]
fn commands_and_actions_are_read_as_mrjob_reads_them() {
    let texts = texts();
    let mut python = client("python");
    python.arg(PROGRAM).env("HOME", "/home/u").env("V", "/v");
    let ran = Ran::with_stdin(&mut python, &json!(texts).to_string()).ok();
    let theirs: Vec<(Value, Value)> = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(theirs.len(), texts.len());
    let mut both_read = 0;
    for (text, (as_command, as_action)) in texts.iter().zip(theirs) {
        // A line that a backslash joins with the next, as in a shell, is not mrjob's.
        if text.contains("\\\n") {
            continue;
        }
        let ours = command(text);
        both_read += usize::from(!ours.is_null());
        assert_eq!(joined(ours), joined(as_command), "the command {text:?}");
        assert_eq!(json!(shell::split(text).ok()), as_action, "the action {text:?}");
    }
    assert!(both_read > 5000, "{both_read}");
}

/// The master bootstrap script that is at `uri`, and what it calls on a node, with no more of URIs than their ends.
fn calls_of(sandbox: &Sandbox, uri: &Value) -> Vec<Vec<String>> {
    let key = uri.as_str().unwrap().strip_prefix("s3://bucket/").unwrap();
    // mrjob's script does not quote the folder that it runs in.
    let node = Node::working_in("work");
    node.object("run.sh", "#!/bin/sh\nrecord run \"$@\"\n");
    let calls = node.calls_of(&sandbox.object(key).unwrap());
    let folder = node.file("");
    let plain = |word: String| match word.strip_prefix("s3://") {
        Some(uri) => uri.rsplit('/').next().unwrap().to_owned(),
        None => word.replace(&folder, ""),
    };
    calls.into_iter().map(|call| call.into_iter().map(plain).collect()).collect()
}

#[test]
fn a_node_is_prepared_as_mrjob_prepares_it() {
    let sandbox = Sandbox::start(&Tools::beside(SANDBOX), &[]);
    for name in ["it.txt", "run.sh"] {
        sandbox.file(name, name);
    }
    let options = json!({
        "region": "us-east-1",
        "cloud_tmp_dir": "s3://bucket/scratch/",
        "image_version": "6.0.0",
        "cloud_fs_sync_secs": 0,
        "iam_instance_profile": "EMR_EC2_DefaultRole",
        "iam_service_role": "EMR_DefaultRole",
        "bootstrap_actions": ["s3://b/x.sh a 'b c'"],
        "bootstrap": [
            "sudo yum install -y gdb",
            "record it.txt# 'x#y' \"$(cat it.txt#)\"",
            "export X=it.txt#named:s3://b/remote.tgz#; cd /tmp",
            "record \"$X\" $PWD",
            "false && record never",
            "run.sh# 'a  b' ~",
        ],
    });
    let conf = sandbox.file("mrjob.conf", json!({"runners": {"emr": options}}).to_string());
    let conf = ["-c", conf.to_str().unwrap()];
    let endpoint = ["--emr-endpoint", sandbox.endpoint(), "--s3-endpoint", sandbox.endpoint()];
    let mut mrjob = client("mrjob");
    sandbox.point(&mut mrjob).env_remove("AWS_ENDPOINT_URL").arg("create-cluster").args(conf).args(endpoint);
    let id = Ran::of(&mut mrjob).ok().stdout;
    let query = ["--query", "Cluster.BootstrapActions", "--output", "json"];
    let mut aws = client("aws");
    let aws = sandbox.point(&mut aws).args(["emr", "describe-cluster", "--cluster-id", id.trim()]).args(query);
    let theirs: Value = serde_json::from_str(&Ran::of(aws).ok().stdout).unwrap();

    sandbox.run("create-job-flow", &conf).ok();
    let ours = sandbox.run("create-job-flow", &[&conf[..], &["--dry-run"]].concat()).ok().record();
    let ours = &ours["BootstrapActions"];
    assert_eq!((&ours[0]["Name"], &ours[1]["Name"]), (&theirs[0]["Name"], &theirs[1]["Name"]));
    assert_eq!(ours[0]["ScriptBootstrapAction"]["Path"], theirs[0]["ScriptPath"]);
    assert_eq!(ours[0]["ScriptBootstrapAction"]["Args"], theirs[0]["Args"]);
    let ours = calls_of(&sandbox, &ours[1]["ScriptBootstrapAction"]["Path"]);
    assert_eq!(ours, calls_of(&sandbox, &theirs[1]["ScriptPath"]));
    assert_eq!(ours.len(), 4 + 2 + 3, "files, yum behind sudo, and the others: {ours:?}");
}
