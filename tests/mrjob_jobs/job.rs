//! A job, run by mrjob on this machine and by add-step in a sandbox.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{Ran, Sandbox, client, clients};
use serde_json::Value;
use tempfile::TempDir;

use crate::tools;

/// A text with words that come several times, quotes, and letters that are not ASCII.
pub(crate) const TEXT: &str = "The quick brown fox jumps over the lazy dog\nthe dog is not amused\n\
    It's the \"end\" of the caf\u{e9}, as we know it\nunique u: umbrella, the fox\n";

/// Options that have one mapper read a small input, where it does not matter how many there are.
pub(crate) const ONE_MAPPER: [&str; 2] = ["-D", "mapreduce.input.fileinputformat.split.minsize=1000000"];

/// Has Python leave setuptools alone, which mrjob would load through distutils: that takes four times as long as the rest
/// of mrjob, and each task starts a Python.
const QUICK: (&str, &str) = ("SETUPTOOLS_USE_DISTUTILS", "stdlib");

/// What nodes have for the AWS CLI, which takes a second to start: it copies a file from S3.
const AWS: &str = "[ \"$1 $2\" = 's3 cp' ] && exec curl -fsS \"$AWS_ENDPOINT_URL/${3#s3://}\" -o \"$4\"";

/// A sandbox with a job flow, on whose nodes the clients' programs are, and a file of text.
pub(crate) struct Cluster {
    pub(crate) sandbox: Sandbox,
    pub(crate) flow: String,
    /// The folder of the Python of nodes, which has mrjob.
    programs: TempDir,
}

impl Cluster {
    pub(crate) fn start(args: &[&str]) -> Self {
        let programs = tempfile::tempdir().unwrap();
        let (name, value) = QUICK;
        let python = format!("{name}={value} exec {} \"$@\"", clients().join("python").display());
        for (name, text) in [("python3", python.as_str()), ("aws", AWS)] {
            let path = programs.path().join(name);
            fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        }
        let sandbox = Sandbox::with_programs(&tools(), &[programs.path(), &clients()], args);
        let flow = sandbox.job_flow(&[]);
        sandbox.file("in.txt", TEXT);
        Self { sandbox, flow, programs }
    }

    /// The path of the Python of nodes.
    pub(crate) fn python(&self) -> String {
        self.programs.path().join("python3").to_str().unwrap().to_owned()
    }

    /// Has nodes copy files by the AWS CLI itself.
    pub(crate) fn with_aws_cli(self) -> Self {
        fs::remove_file(self.programs.path().join("aws")).unwrap();
        self
    }

    /// wait-step, which looks often.
    pub(crate) fn wait_step(&self) -> Command {
        let mut wait = self.sandbox.tool("wait-step");
        wait.args(["--check-emr-status-every", "100ms"]);
        wait
    }

    /// Runs add-step for the job of `script` with `args`.
    pub(crate) fn add(&self, script: &Path, args: &[&str]) -> Ran {
        let script = script.to_str().unwrap();
        let python = self.python();
        let job = ["--mrjob", script, "--steps-python-bin", &python];
        self.sandbox.run("add-step", &[&[self.flow.as_str()], &job[..], args].concat())
    }

    /// Runs the job to its end, and returns the records of its steps.
    pub(crate) fn run(&self, script: &Path, args: &[&str]) -> (Ran, Vec<Value>) {
        let added = self.add(script, args).ok();
        let waited = Ran::with_stdin(&mut self.wait_step(), &added.stdout);
        (waited, added.records())
    }

    /// The sorted lines that the job writes.
    pub(crate) fn lines(&self, script: &Path, args: &[&str]) -> Vec<String> {
        let (waited, added) = self.run(script, args);
        let waited = waited.ok();
        let last = added.last().unwrap();
        assert!(added[..added.len() - 1].iter().all(|record| record["output"].is_null()), "{added:?}");
        assert_eq!(waited.records().last().unwrap()["output"], last["output"], "{waited:?}");
        let mut lines: Vec<_> = self.output(last["output"].as_str().unwrap()).lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    }

    /// Removes the jars that the first of these steps has put on the master, which is this machine. Returns the text of
    /// each.
    pub(crate) fn take_jars(added: &[Value]) -> Vec<String> {
        let run = added[0]["name"].as_str().unwrap().rsplit(':').next().unwrap();
        let folder = Path::new("/tmp").join(format!("libjars-{run}"));
        let jars = fs::read_dir(&folder).unwrap().map(|jar| fs::read(jar.unwrap().path()).unwrap());
        let jars = jars.map(|jar| String::from_utf8_lossy(&jar).into_owned()).collect();
        fs::remove_dir_all(folder).unwrap();
        jars
    }

    /// What the parts below `uri` say.
    pub(crate) fn output(&self, uri: &str) -> String {
        let prefix = uri.strip_prefix("s3://bucket/").unwrap();
        let keys = self.sandbox.keys(prefix).into_iter().filter(|key| key.contains("/part-"));
        keys.map(|key| self.sandbox.object(&key).unwrap()).collect()
    }

    /// The sorted lines that mrjob's runner `runner` gives for the same job.
    pub(crate) fn peer(&self, runner: &str, script: &Path, args: &[&str]) -> Vec<String> {
        let mut command = client("python");
        command.env(QUICK.0, QUICK.1);
        command.current_dir(self.sandbox.folder()).arg(script).args(["--no-conf", "-r", runner]).args(args);
        let ran = Ran::of(&mut command).ok();
        let mut lines: Vec<_> = ran.stdout.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    }
}

/// A job of these tests.
pub(crate) fn own(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/mrjob_jobs/jobs").join(name).canonicalize().unwrap()
}

/// A job among mrjob's examples.
pub(crate) fn example(name: &str) -> PathBuf {
    let mut find = client("python");
    find.args(["-c", "import os, mrjob.examples as found; print(os.path.dirname(found.__file__))"]);
    Path::new(Ran::of(&mut find).ok().stdout.trim()).join(name)
}
