//! The nightly script of the examples: whatever becomes of the job, its job flow is given back, and somebody hears of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use harness::{Ran, Sandbox, Tools};
use tempfile::TempDir;

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");
const NIGHTLY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/examples/nightly");
const LOCK: &str = "s3://bucket/locks/nightly";

/// A sandbox, and a machine whose mail goes into a file.
struct Machine {
    sandbox: Sandbox,
    programs: TempDir,
}

impl Machine {
    fn start() -> Self {
        Self::with_faults(&[])
    }

    fn with_faults(faults: &[&str]) -> Self {
        let args: Vec<_> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
        let sandbox = Sandbox::start(&Tools::beside(SANDBOX), &args);
        sandbox.file(".mrjob.conf", "runners: {emr: {s3_scratch_uri: 's3://bucket/scratch/'}}\n");
        let programs = tempfile::tempdir().unwrap();
        script(&programs.path().join("mail"), "#!/bin/sh\n{ echo \"$*\"; cat; } > \"$HOME/mail\"\n");
        Self { sandbox, programs }
    }

    /// `command` as cron would run it.
    fn prepare<'a>(&self, command: &'a mut Command, settings: &[(&str, &str)]) -> &'a mut Command {
        let path = Tools::beside(SANDBOX).path(&[self.programs.path()]);
        command.env_clear().env("HOME", self.sandbox.folder()).env("PATH", path).envs(settings.iter().copied());
        self.sandbox.point(command)
    }

    /// Runs the script with a job that is `text`.
    fn night(&self, text: &str, settings: &[(&str, &str)]) -> Ran {
        script(&self.sandbox.folder().join("job.sh"), text);
        Ran::of(self.prepare(Command::new(NIGHTLY).args(["job.sh", "a b"]), settings))
    }

    /// What `mail` was given, if it was called.
    fn mail(&self) -> Option<String> {
        fs::read_to_string(self.sandbox.folder().join("mail")).ok()
    }

    fn pool(&self, tool: &str, args: &[&str]) -> Ran {
        let mut command = self.sandbox.tool(tool);
        Ran::of(command.env("HOME", self.sandbox.folder()).args(["--pool-name", "nightly"]).args(args))
    }

    /// Asserts that nothing is left behind: no step runs, no claim holds, and the next night has a job flow.
    fn is_given_back(&self) {
        for job_flow in self.sandbox.job_flows() {
            // Whatever its steps came to, they end.
            let ended = self.sandbox.run("wait-step", &["--no-cause", &job_flow]);
            assert_ne!(ended.code, Some(124), "{ended:?}");
        }
        let running = self.sandbox.run("list-job-flows", &["--state", "RUNNING"]).ok();
        assert_eq!(running.stdout, "", "a step still runs");
        let waiting = self.sandbox.run("list-job-flows", &["--state", "WAITING", "--output", "id"]).ok();
        let found = self.pool("find-pool", &["--max-hours-idle", "1"]);
        assert_eq!(found.code == Some(0), !waiting.stdout.is_empty(), "one that waits is free: {found:?}");
        let show = self.sandbox.run("s3-lock", &["show", LOCK]).ok();
        assert_ne!(show.record()["state"], "held");
    }
}

/// Writes an executable file.
fn script(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_good_night_says_nothing() {
    let machine = Machine::start();
    let ran = machine.night("#!/bin/sh\ntest \"$1\" = 'a b'\n", &[]).ok();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str(), machine.mail()), ("", "", None));
    let _ = machine.night("#!/bin/sh\ntrue\n", &[]).ok();
    assert_eq!(machine.mail(), None);
    assert_eq!(machine.sandbox.requests("RunJobFlow").len(), 1, "the second night finds the job flow of the first");
    assert_eq!(machine.sandbox.requests("AddJobFlowSteps").len(), 2);
    machine.is_given_back();
}

#[test]
fn a_job_that_fails_is_mailed_with_the_cause() {
    let machine = Machine::start();
    let ran = machine.night("#!/bin/sh\necho no such word >&2\nexit 3\n", &[("MAILTO", "ann@example.com")]);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(1), "", ""));
    let mail = machine.mail().unwrap();
    assert!(mail.starts_with("-s nightly job.sh: the job failed ann@example.com\n"), "{mail}");
    assert!(mail.contains("no such word"), "{mail}");
    machine.is_given_back();
}

#[test]
fn a_job_that_takes_too_long_is_ended() {
    let machine = Machine::start();
    let ran = machine.night("#!/bin/sh\nexec sleep 1000\n", &[("LIMIT", "1s")]);
    assert_eq!(ran.code, Some(124), "{ran:?}");
    let mail = machine.mail().unwrap();
    assert!(mail.contains("longer than 1s") && !mail.contains("could not be given back"), "{mail}");
    let last = mail.lines().rfind(|line| line.starts_with('{')).unwrap();
    assert!(last.contains("CANCELLED"), "the last record is what became of it: {mail}");
    machine.is_given_back();
}

#[test]
fn a_pool_without_room_is_mailed_and_nothing_is_started() {
    let machine = Machine::start();
    let launch = ["--pool-emr-job-flows", "--max-hours-idle", "1"];
    let _ = machine.pool("create-job-flow", &launch).ok();
    let claimed = machine.pool("find-pool", &["--max-hours-idle", "1", "--ttl", "10m"]).ok();
    let ran = machine.night("#!/bin/sh\ntrue\n", &[("MOST", "1"), ("PATIENCE", "0")]);
    assert_eq!(ran.code, Some(75), "{ran:?}");
    assert!(machine.mail().unwrap().contains("no job flow had room"), "{:?}", machine.mail());
    assert_eq!(machine.sandbox.requests("RunJobFlow").len(), 1);
    assert_eq!(machine.sandbox.requests("AddJobFlowSteps").len(), 0);
    let _ = Ran::with_stdin(machine.sandbox.tool("s3-lock").arg("release"), &claimed.stdout).ok();
    machine.is_given_back();
}

#[test]
fn a_job_that_cannot_be_added_gives_the_claim_back() {
    let machine = Machine::start();
    let ran = Ran::of(machine.prepare(Command::new(NIGHTLY).arg("nowhere.sh"), &[]));
    assert_eq!(ran.code, Some(74), "{ran:?}");
    assert!(machine.mail().unwrap().contains("nowhere.sh"), "{:?}", machine.mail());
    machine.is_given_back();
}

#[test]
fn whatever_aws_does_the_job_flow_is_given_back() {
    // The exit code, what the mail says of it, and how many steps were added.
    for (faults, code, words, steps) in [
        (&["RunJobFlow:deny:1"][..], 77, "exit code 77", 0),
        (&["RunJobFlow:throttle:9"], 75, "no job flow had room", 0),
        (&["RunJobFlow:no-capacity:1"], 75, "no job flow had room", 0),
        (&["RunJobFlow:drop-response:1"], 0, "", 1),
        (&["AddJobFlowSteps:deny:1"], 77, "exit code 77", 0),
        (&["AddJobFlowSteps:throttle:9"], 75, "no job flow had room", 0),
        (&["AddJobFlowSteps:drop-response:1"], 0, "", 1),
        (&["ListSteps:error-500:1", "DescribeCluster:error-500:1"], 0, "", 1),
    ] {
        let machine = Machine::with_faults(faults);
        let ran = machine.night("#!/bin/sh\ntrue\n", &[("AWS_MAX_ATTEMPTS", "2"), ("PATIENCE", "0")]);
        assert_eq!(ran.code, Some(code), "{faults:?}: {ran:?} {:?}", machine.mail());
        let mail = machine.mail().unwrap_or_default();
        assert!(mail.contains(words) && mail.is_empty() == (code == 0), "{faults:?}: {mail}");
        assert!(!mail.contains("could not be given back"), "{faults:?}: {mail}");
        let ids = machine.sandbox.run("list-job-flows", &["--all", "--no-idle", "--output", "id"]).ok().stdout;
        let listed = Ran::with_stdin(&mut machine.sandbox.tool("list-steps"), &ids).ok();
        assert_eq!(listed.records().len(), steps, "{faults:?}: {listed:?}");
        machine.is_given_back();
    }
}

#[test]
fn a_step_that_cannot_be_cancelled_ends_with_its_job_flow() {
    let machine = Machine::with_faults(&["CancelSteps:deny:9"]);
    let ran = machine.night("#!/bin/sh\nexec sleep 1000\n", &[("LIMIT", "1s")]);
    assert_eq!(ran.code, Some(124), "{ran:?}");
    let mail = machine.mail().unwrap();
    assert!(mail.contains("AWS denies CancelSteps") && !mail.contains("could not be given back"), "{mail}");
    assert_eq!(machine.sandbox.requests("TerminateJobFlows").len(), 1);
    machine.is_given_back();
}

#[test]
fn without_a_job_it_says_what_it_wants() {
    let machine = Machine::start();
    let ran = Ran::of(machine.prepare(&mut Command::new(NIGHTLY), &[]));
    assert!(ran.code == Some(1) && ran.stderr.contains("usage: nightly SCRIPT [ARGUMENT…]"), "{ran:?}");
    assert_eq!((machine.mail(), machine.sandbox.all_requests().len()), (None, 0));
}

#[test]
fn a_signal_ends_the_job_as_well() {
    let machine = Machine::start();
    let begun = machine.sandbox.folder().join("begun");
    assert!(Command::new("mkfifo").arg(&begun).status().unwrap().success());
    let job = format!("#!/bin/sh\necho begun > '{}'\nexec sleep 1000\n", begun.display());
    script(&machine.sandbox.folder().join("job.sh"), &job);
    let mut command = Command::new(NIGHTLY);
    let command = machine.prepare(command.arg("job.sh"), &[]);
    let mut night = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    assert_eq!(fs::read_to_string(&begun).unwrap(), "begun\n");
    assert!(Command::new("kill").args(["-TERM", &night.id().to_string()]).status().unwrap().success());
    assert_eq!(night.wait().unwrap().code(), Some(143));
    let mail = machine.mail().unwrap();
    assert!(mail.contains("a signal ended it") && !mail.contains("could not be given back"), "{mail}");
    machine.is_given_back();
}

#[test]
fn where_another_machine_runs_the_job_there_is_nothing_to_do() {
    let machine = Machine::start();
    let _ = machine.sandbox.run("s3-lock", &["acquire", LOCK]).ok();
    let ran = machine.night("#!/bin/sh\ntrue\n", &[]).ok();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str(), machine.mail()), ("", "", None));
    assert_eq!(machine.sandbox.requests("RunJobFlow").len(), 0);
}
