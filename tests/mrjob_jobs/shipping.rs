//! What travels with a job: files, folders, archives, modules, arguments, variables and properties.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::job::{Cluster, own};

/// A folder with `mr_everything.py` and all that it names.
fn everything(cluster: &Cluster) -> PathBuf {
    let folder = cluster.sandbox.folder().join("job");
    fs::create_dir_all(folder.join("lib/deep")).unwrap();
    fs::create_dir(folder.join("packing")).unwrap();
    for (name, text) in [("words.txt", "words"), ("lib/a.txt", "a"), ("lib/deep/b.txt", "b"), ("packing/c.txt", "c")] {
        fs::write(folder.join(name), text).unwrap();
    }
    let mut tar = Command::new("tar");
    tar.arg("-C").arg(folder.join("packing")).arg("-czf").arg(folder.join("packed.tar.gz"));
    assert!(tar.arg("c.txt").status().unwrap().success());
    let script = folder.join("mr_everything.py");
    fs::copy(own("mr_everything.py"), &script).unwrap();
    for (name, text) in [("x.db", "one"), ("job/x.db", "two"), ("y.db", "three")] {
        cluster.sandbox.file(name, text);
    }
    script
}

#[test]
fn a_task_finds_all_that_its_job_names_as_under_mrjob() {
    let cluster = Cluster::start(&[]);
    let script = everything(&cluster);
    let arguments = [
        "--one",
        "x.db",
        "--two",
        "job/x.db",
        "--two",
        "y.db#renamed.db",
        "--odd",
        "a b",
        "--odd=-x",
        "--odd",
        "it's \"so\"",
        "--odd",
        "{\"a\":{\"b\":1}}",
        "--odd",
        "",
        "--times",
        "2",
        "-r",
        "emr",
    ];
    let conf = "runners: {emr: {jobconf: {my.conf: c, my.typed: file}, cmdenv: {MY_VARIABLE: v}}}";
    let conf = cluster.sandbox.file("mrjob.conf", conf);
    let typed = ["--input", "in.txt", "-D", "my.typed=typed", "--conf-path", conf.to_str().unwrap(), "--"];
    let ours = cluster.lines(&script, &[&typed[..], &arguments].concat());
    let peer_arguments = [&arguments[..arguments.len() - 2], &["in.txt"]].concat();
    let settings = ["--cmdenv", "MY_VARIABLE=v", "-D", "my.typed=typed", "-D", "my.conf=c"];
    let expected = cluster.peer("local", &script, &[&settings[..], &peer_arguments].concat());
    let without_runner =
        |lines: Vec<String>| lines.into_iter().filter(|line| !line.contains("'runner'")).collect::<Vec<_>>();
    assert!(ours.contains(&"'runner'\t'emr'".to_owned()), "{ours:?}");
    assert_eq!(without_runner(ours), without_runner(expected));
}

#[test]
fn commands_of_a_job_keep_their_quotes() {
    let cluster = Cluster::start(&[]);
    let script = own("mr_commands.py");
    assert_eq!(cluster.lines(&script, &["--input", "in.txt"]), cluster.peer("local", &script, &["in.txt"]));
}

#[test]
fn values_are_sorted_with_several_reducers() {
    let cluster = Cluster::start(&[]);
    let script = own("mr_sorted.py");
    assert_eq!(cluster.lines(&script, &["--input", "in.txt"]), cluster.peer("inline", &script, &["in.txt"]));
}

#[test]
fn files_that_a_mapper_opens_by_itself_come_with_their_names() {
    let cluster = Cluster::start(&[]).with_aws_cli();
    cluster.sandbox.file("a b's.txt", "12345");
    let script = own("mr_raw.py");
    let ours = cluster.lines(&script, &["--input", "in.txt", "--input", "a b's.txt"]);
    assert_eq!(ours, cluster.peer("inline", &script, &["in.txt", "a b's.txt"]));
}

#[test]
fn a_module_beside_the_job_travels_when_it_is_named_and_is_missed_when_it_is_not() {
    let cluster = Cluster::start(&[]);
    let script = own("mr_imports.py");
    let neighbour = own("neighbour.py");
    let alone = cluster.add(&script, &["--input", "in.txt", "--dry-run"]).ok();
    assert!(alone.stderr.contains("neighbour.py, which does not travel with it"), "{alone:?}");
    let with =
        cluster.add(&script, &["--input", "in.txt", "--dry-run", "--py-files", neighbour.to_str().unwrap()]).ok();
    assert!(!with.stderr.contains("does not travel"), "{with:?}");
    let other = cluster.sandbox.file("other.py", "");
    for perhaps in [["--setup", "true"], ["--py-files", other.to_str().unwrap()]] {
        let ran = cluster.add(&script, &[&["--input", "in.txt", "--dry-run"], &perhaps[..]].concat()).ok();
        assert!(ran.stderr.contains("neighbour.py, which does not travel with it by itself; its tasks"), "{ran:?}");
        assert!(!ran.stderr.contains("warning"), "{ran:?}");
    }
    let ours = cluster.lines(&script, &["--input", "in.txt", "--file", neighbour.to_str().unwrap()]);
    assert_eq!(ours, cluster.peer("inline", &script, &["in.txt"]));
}

#[test]
fn options_of_mrjob_s_runner_are_heeded_behind_the_dashes() {
    let cluster = Cluster::start(&[]);
    let script = own("mr_imports.py");
    let neighbour = own("neighbour.py");
    let setup = format!("export PYTHONPATH=$PYTHONPATH:$PWD; cp {}#beside.py ./neighbour.py", neighbour.display());
    let ours = cluster.lines(&script, &["--", "--setup", &setup, "--jobconf", "mapreduce.job.reduces=2", "in.txt"]);
    assert_eq!(ours, cluster.peer("inline", &script, &["in.txt"]));
}

#[test]
fn mrjob_travels_once_whatever_is_run_with_it() {
    let cluster = Cluster::start(&[]);
    let script = own("mr_sorted.py");
    for _ in 0..2 {
        cluster.add(&script, &["--input", "in.txt"]).ok();
    }
    let zips = cluster.sandbox.keys("scratch/files/").into_iter().filter(|key| key.ends_with("/mrjob.zip"));
    assert_eq!(zips.count(), 1);
    let sent = cluster.sandbox.requests("PutObject").len();
    cluster.add(&script, &["--input", "in.txt"]).ok();
    assert_eq!(cluster.sandbox.requests("PutObject").len(), sent, "nothing is new");
}

#[test]
fn jars_of_a_job_are_on_the_master_before_its_steps() {
    let cluster = Cluster::start(&[]);
    let text = fs::read_to_string(own("mr_sorted.py")).unwrap();
    let class = "    LIBJARS = ['own.jar']\n";
    let at = text.find("    SORT_VALUES").unwrap();
    let script = cluster.sandbox.file("mr_jars.py", format!("{}{class}{}", &text[..at], &text[at..]));
    cluster.sandbox.file("own.jar", "a jar");
    let (waited, added) = cluster.run(&script, &["--input", "in.txt"]);
    waited.ok();
    let names: Vec<_> =
        added.iter().map(|step| step["name"].as_str().unwrap().split(" run:").next().unwrap()).collect();
    assert_eq!(names, ["mr_jars: Master node setup", "mr_jars"]);
    assert_eq!(Cluster::take_jars(&added), ["a jar"]);
}
