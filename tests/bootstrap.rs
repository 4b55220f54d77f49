//! `create-job-flow` and what prepares the nodes of a job flow, against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;

use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};

fn tools() -> Tools {
    Tools::beside(env!("CARGO_BIN_EXE_create-job-flow"))
}

fn sandbox() -> Sandbox {
    Sandbox::start(&tools(), &[])
}

/// The bootstrap actions that `args` make, in the shape of `RunJobFlow`. Nothing is sent.
fn actions(sandbox: &Sandbox, args: &[&str]) -> Vec<Value> {
    let sent = sandbox.run("create-job-flow", &[&["--dry-run"], args].concat()).ok().record();
    let actions = sent["BootstrapActions"].as_array().cloned().unwrap_or_default();
    actions.into_iter().map(|action| action["ScriptBootstrapAction"].clone()).collect()
}

/// What stands at `uri`.
fn text_at(sandbox: &Sandbox, uri: &Value) -> String {
    let key = uri.as_str().unwrap().strip_prefix("s3://bucket/").unwrap();
    sandbox.object(key).unwrap_or_else(|| panic!("there is no {key}"))
}

/// The master bootstrap script of a job flow that is started with `args`.
fn script(sandbox: &Sandbox, args: &[&str]) -> String {
    sandbox.run("create-job-flow", args).ok();
    text_at(sandbox, &actions(sandbox, args).last().unwrap()["Path"])
}

/// A configuration file of `text`, as arguments.
fn conf(sandbox: &Sandbox, text: &str) -> [String; 2] {
    let file = sandbox.file("mrjob.conf", text);
    ["-c".to_owned(), file.to_str().unwrap().to_owned()]
}

#[test]
fn a_debian_package_of_the_specification_is_installed() {
    let sandbox = sandbox();
    let conf = conf(
        &sandbox,
        "
    runners:
      emr:
        bootstrap_cmds:
        - sudo apt-get install -y python-simplejson
",
    );
    let script = script(&sandbox, &[&conf[0], &conf[1], "--ami-version=2.4.2"]);
    assert!(script.contains("\nbootstrap_begin 'sudo apt-get install -y python-simplejson'\n"), "{script}");
}

#[test]
fn the_tarballs_of_the_specification_are_uploaded_and_installed() {
    let sandbox = sandbox();
    let tree = sandbox.folder().join("my source tree");
    fs::create_dir_all(tree.join("emr_packages")).unwrap();
    for name in ["b-2.0.tar.gz", "a-1.0.tar.gz", "readme.txt"] {
        fs::write(tree.join("emr_packages").join(name), name).unwrap();
    }
    let conf = conf(
        &sandbox,
        "
    runners:
      emr:
        bootstrap_python_packages:
        - $MY_SOURCE_TREE/emr_packages/*.tar.gz
",
    );
    let create = |more: &str| {
        let mut create = sandbox.tool("create-job-flow");
        Ran::of(create.args(&conf).arg(more).env("MY_SOURCE_TREE", &tree)).ok().record()
    };
    let path = create("--dry-run")["BootstrapActions"][0]["ScriptBootstrapAction"]["Path"].clone();
    create("-q");
    let script = text_at(&sandbox, &path);
    let (files, commands) = script.split_once("# Commands").unwrap();
    assert_eq!(files.matches("\nbootstrap_fetch s3://bucket/scratch/files/").count(), 2, "{files}");
    let [a, b] = ["a-1.0.tar.gz", "b-2.0.tar.gz"].map(|name| {
        let found = commands.find(&format!("bootstrap_begin 'sudo python3 -m pip install {name}'"));
        found.unwrap_or_else(|| panic!("{name}: {commands}"))
    });
    assert!(a < b);
    assert_eq!(sandbox.requests("PutObject").len(), 3, "two packages and a script");
}

#[test]
fn the_bootstrap_action_of_the_specification_gets_its_arguments() {
    let sandbox = sandbox();
    let expected = json!([{
        "Path": "s3://elasticmapreduce/bootstrap-actions/configure-hadoop",
        "Args": ["-m", "mapred.tasktracker.map.tasks.maximum=1", "-m", "mapred.tasktracker.reduce.tasks.maximum=1"]
    }]);
    // As a shell passes it on, which joins the lines, and as it is written.
    let lines = [
        "s3://elasticmapreduce/bootstrap-actions/configure-hadoop ",
        "    -m mapred.tasktracker.map.tasks.maximum=1 ",
        "    -m mapred.tasktracker.reduce.tasks.maximum=1",
    ];
    for text in [lines.concat(), lines.join("\\\n")] {
        let action = format!("--bootstrap-action={text}");
        assert_eq!(json!(actions(&sandbox, &["--ami-version=2.4.2", &action])), expected, "{text}");
    }
}

const CORE_DUMP_BOOTSTRAP: &str = r#"#!/bin/sh

chk_root () {
    if [ ! $( id -u ) -eq 0 ]; then
        exec sudo sh ${0}
        exit ${?}
    fi
}

chk_root

mkdir /tmp/cores
chmod -R 1777 /tmp/cores
echo "\n* soft core unlimited" >> /etc/security/limits.conf
echo "ulimit -c unlimited" >> /etc/profile
echo "/tmp/cores/core.%e.%p.%h.%t" > /proc/sys/kernel/core_pattern
"#;

#[test]
fn the_core_dump_script_of_the_specification_is_uploaded_as_it_is() {
    let sandbox = sandbox();
    sandbox.file("core_dump_setup.sh", CORE_DUMP_BOOTSTRAP);
    let action = ["--bootstrap-action=core_dump_setup.sh"];
    sandbox.run("create-job-flow", &action).ok();
    let actions = actions(&sandbox, &action);
    assert_eq!(text_at(&sandbox, &actions[0]["Path"]), CORE_DUMP_BOOTSTRAP);
    assert!(actions[0]["Path"].as_str().unwrap().ends_with("/core_dump_setup.sh"));
}

#[test]
fn the_debugging_python_of_the_specification_is_installed() {
    let sandbox = sandbox();
    let python = ["--bootstrap-cmd=sudo apt-get install -y python2.6-dbg", "--python-bin=python2.6-dbg"];
    let script = script(&sandbox, &[&python[..], &["--ami-version=2.4.2"]].concat());
    assert!(script.contains("\nbootstrap_begin 'sudo apt-get install -y python2.6-dbg'\n"), "{script}");
}

#[test]
fn options_of_all_sources_are_run_the_files_first() {
    let sandbox = sandbox();
    sandbox.file("other.conf", "runners: {emr: {bootstrap: [echo 1], bootstrap_cmds: [echo 4, [echo, 5 6]]}}");
    let conf = conf(&sandbox, "runners: {emr: {bootstrap: [echo 2], core_dumps: true}}");
    let args = ["-c", "other.conf", &conf[0], &conf[1], "--bootstrap", "echo 3", "--bootstrap-cmd=echo 7"];
    let script = script(&sandbox, &args);
    let commands = script.lines().filter_map(|line| line.strip_prefix("bootstrap_begin "));
    let expected = ["'echo 1'", "'echo 2'", "'echo 3'", "'echo 4'", r"'echo '\''5 6'\'''", "'echo 7'"];
    assert_eq!(commands.collect::<Vec<_>>(), expected);
    assert_eq!(actions(&sandbox, &args).len(), 2);
    assert_eq!(actions(&sandbox, &[&args[..], &["--no-core-dumps"]].concat()).len(), 1);
}

#[test]
fn a_second_job_flow_uploads_nothing_and_a_dry_run_asks_nothing() {
    let sandbox = sandbox();
    sandbox.file("a.sh", "#!/bin/sh\n");
    let args = ["--bootstrap=sh a.sh#", "--bootstrap-action=a.sh x", "--core-dumps"];
    actions(&sandbox, &args);
    assert_eq!(sandbox.requests("HeadObject").len(), 0);
    sandbox.run("create-job-flow", &args).ok();
    assert_eq!(sandbox.requests("PutObject").len(), 3);
    sandbox.run("create-job-flow", &args).ok();
    assert_eq!(sandbox.requests("PutObject").len(), 3);
    sandbox.file("a.sh", "#!/bin/sh\ntrue\n");
    sandbox.run("create-job-flow", &args).ok();
    assert_eq!(sandbox.requests("PutObject").len(), 5, "the file and the script that names it");
}

#[test]
fn what_cannot_be_uploaded_starts_no_job_flow() {
    let sandbox = Sandbox::start(&tools(), &["--fault", "PutObject:deny:9"]);
    sandbox.file("a.sh", "#!/bin/sh\n");
    fs::create_dir(sandbox.folder().join("folder")).unwrap();
    let denied = sandbox.run("create-job-flow", &["--bootstrap-action=a.sh"]);
    assert_eq!(denied.stderr.trim_end().lines().count(), 1, "{denied:?}");
    denied.fails(77, "/a.sh");
    for (args, code, why) in [
        (&["--bootstrap-action=none.sh"][..], 74, "cannot read none.sh: no such file"),
        (&["--bootstrap-action=folder"], 2, "folder is not a regular file"),
        (&["--bootstrap-action="], 2, "a bootstrap action is empty"),
        (&["--bootstrap-action=a.sh 'x"], 2, "does not end"),
        (&["--bootstrap-python-package=none/*.tar.gz"], 74, "no file matches none/*.tar.gz"),
        (&["--bootstrap-python-package=$NO_TREE/*.tar.gz"], 74, "no file is named $NO_TREE/*.tar.gz; is its variable"),
        (&["--bootstrap-file=a.sh#b/c"], 2, "no file can have the name 'b/c' there"),
        (&["--bootstrap=tar x folder/#"], 2, "folder/ is a directory"),
        (&["--bootstrap=cat none#"], 74, "cannot read none: no such file"),
        (&["--bootstrap=cat a.sh#x a.sh#x/"], 2, "two files have the name 'x'"),
    ] {
        sandbox.run("create-job-flow", args).fails(code, why);
    }
    let conf = conf(&sandbox, "runners: {emr: {bootstrap: [\"echo 'it\"]}}");
    sandbox.run("create-job-flow", &[&conf[0], &conf[1]]).fails(78, "does not end");
    let many = vec!["--bootstrap-action=s3://b/x"; 17];
    sandbox.run("create-job-flow", &many).fails(2, "17 bootstrap actions are too many");
    let nowhere = Ran::of(tools().command("create-job-flow").arg("--bootstrap=true"));
    nowhere.fails(78, "no place to upload it to; give --s3-scratch-uri");
    assert_eq!(sandbox.requests("RunJobFlow").len(), 0);
}

#[test]
fn a_file_that_may_not_be_read_is_told() {
    let sandbox = sandbox();
    let file = sandbox.file("a.sh", "");
    let unreadable = std::os::unix::fs::PermissionsExt::from_mode(0o000);
    fs::set_permissions(&file, unreadable).unwrap();
    // Root may read anything.
    if fs::read(&file).is_err() {
        sandbox.run("create-job-flow", &["--bootstrap-action=a.sh"]).fails(74, "cannot read a.sh: permission denied");
    }
}

#[test]
fn two_checkouts_of_the_same_files_share_a_pool() {
    let sandbox = sandbox();
    for checkout in ["ann", "bob"] {
        let folder = sandbox.folder().join(checkout);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("setup.sh"), "#!/bin/sh\n").unwrap();
    }
    let pooled = |tool: &str, checkout: &str, more: &[&str]| {
        let mut run = sandbox.tool(tool);
        run.current_dir(sandbox.folder().join(checkout)).args(["--pool-name=etl", "--bootstrap=sh setup.sh#"]);
        if tool == "create-job-flow" {
            run.arg("--pool-emr-job-flows");
        } else {
            run.args(["--s3-scratch-uri", "s3://bucket/scratch/", "--dry-run"]);
        }
        Ran::of(run.args(more))
    };
    let flow = pooled("create-job-flow", "ann", &[]).ok().record();
    let found = pooled("find-pool", "bob", &[]).ok().record();
    assert_eq!(found["job_flow_id"], flow["job_flow_id"]);
    assert_eq!(pooled("find-pool", "bob", &["--bootstrap=true"]).code, Some(1));
    fs::write(sandbox.folder().join("bob/setup.sh"), "#!/bin/bash\n").unwrap();
    assert_eq!(pooled("find-pool", "bob", &[]).code, Some(1));
}

#[test]
fn find_pool_uploads_what_the_job_flow_needs_that_it_starts() {
    let sandbox = sandbox();
    let args = ["--s3-scratch-uri=s3://bucket/scratch/", "--pool-name=etl", "--bootstrap=true"];
    assert_eq!(sandbox.run("find-pool", &args).code, Some(1));
    assert_eq!(sandbox.requests("HeadObject").len(), 0);
    sandbox.run("find-pool", &[&args[..], &["--or-create"]].concat()).ok();
    let key = |path: &Value| path.as_str().unwrap().to_owned();
    let path = key(&actions(&sandbox, &["--bootstrap=true"])[0]["Path"]);
    assert!(sandbox.object(path.strip_prefix("s3://bucket/").unwrap()).is_some());
}

#[test]
fn a_node_of_the_sandbox_is_prepared_before_its_first_step() {
    let tools = tools();
    let folder = tempfile::tempdir().unwrap();
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    // The AWS CLI of the nodes.
    let aws = "#!/bin/sh\n[ \"$1 $2\" = 's3 cp' ] && exec curl -fsS \"$AWS_ENDPOINT_URL/${3#s3://}\" -o \"$4\"\n";
    fs::write(bin.join("aws"), aws).unwrap();
    executable(&bin.join("aws"));
    let sandbox = Sandbox::with_programs(&tools, &[&bin], &["--run-bootstrap-actions"]);
    sandbox.file("hello.sh", "#!/bin/sh\necho \"$@\" > \"$1\"\n");
    let said = folder.path().join("it's said");
    let command = format!("--bootstrap=hello.sh# \"{}\" 'a  b'", said.display());
    let flow = sandbox.job_flow(&[&command]);
    let step = sandbox.shell_step(&flow, "true");
    sandbox.run("wait-step", &["--emr-job-flow-id", &flow, &step]).ok();
    assert_eq!(fs::read_to_string(&said).unwrap(), format!("{} a  b\n", said.display()));

    let failing = sandbox.job_flow(&["--bootstrap=exit 3"]);
    let record = loop {
        let ended = sandbox.run("list-job-flows", &["--state=TERMINATED_WITH_ERRORS", "--no-idle"]).ok().records();
        if let Some(record) = ended.into_iter().find(|record| record["job_flow_id"] == failing.as_str()) {
            break record;
        }
    };
    assert!(record["reason"].as_str().unwrap_or_default().contains("bootstrap action 1"), "{record}");
}

fn executable(file: &Path) {
    fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}
