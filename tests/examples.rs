//! What is in scripts/examples works as it is written.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{Ran, Sandbox, Tools};

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn example(name: &str) -> String {
    std::fs::read_to_string(top().join("scripts/examples").join(name)).unwrap()
}

/// A line of a crontab.
enum Line {
    /// A variable and its value.
    Setting(String, String),
    /// When to run what, in `sh`.
    Job([String; 5], String),
}

/// Reads a crontab as cron does: `NAME=value` as it stands, or five fields and a command, in which `%` ends a line.
fn crontab(text: &str) -> Vec<Line> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| if line.starts_with(|c: char| c.is_ascii_uppercase()) { setting(line) } else { job(line) })
        .collect()
}

fn setting(line: &str) -> Line {
    let (name, value) = line.split_once('=').unwrap();
    Line::Setting(name.to_owned(), value.to_owned())
}

fn job(line: &str) -> Line {
    let mut rest = line;
    let when = [(); 5].map(|()| {
        let (field, more) = rest.split_once(' ').unwrap();
        rest = more.trim_start();
        field.to_owned()
    });
    assert!(!rest.contains('%'), "cron would cut off: {line}");
    Line::Job(when, rest.to_owned())
}

/// Whether all tools of a command are there.
fn is_whole(command: &str) -> bool {
    let names = command.split('|').map(|part| part.split_whitespace().next().unwrap());
    names.into_iter().all(|name| top().join("crates").join(name).exists())
}

/// A home with what the lines of the crontab expect there, in the folder of `sandbox`.
fn furnish(sandbox: &Sandbox) {
    sandbox.file(".mrjob.conf", "runners: {emr: {s3_scratch_uri: 's3://bucket/scratch/'}}\n");
    for name in ["nightly.sh", "hourly.sh"] {
        let script = sandbox.file(name, "#!/bin/sh\ntrue\n");
        std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// Runs `command` as cron would, with the settings of its file and a place to find AWS.
fn run(sandbox: &Sandbox, settings: &[(String, String)], command: &str) -> Ran {
    let tools = Tools::beside(SANDBOX);
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", command]).env_clear().env("PATH", "/usr/bin:/bin");
    sandbox.point(&mut shell).env_remove("AWS_REGION").env_remove("AWS_DEFAULT_REGION");
    shell.env("HOME", sandbox.folder()).env("LOGNAME", "ann").env("SHELL", "/bin/sh");
    for (name, value) in settings {
        shell.env(name, value.replace("/usr/local/bin", tools.folder().to_str().unwrap()));
    }
    Ran::of(&mut shell)
}

#[test]
fn each_line_of_the_crontab_runs_where_cron_runs_it_and_gives_cron_nothing_to_mail() {
    let sandbox = Sandbox::start(&Tools::beside(SANDBOX), &[]);
    furnish(&sandbox);
    let mut settings = Vec::new();
    let mut jobs = 0;
    for line in crontab(&example("crontab")) {
        match line {
            Line::Setting(name, value) => settings.push((name, value)),
            Line::Job(when, command) => {
                assert!(when[0] != "0" && when[0] != "*", "not when all the world asks AWS: {command}");
                if is_whole(&command) {
                    let ran = run(&sandbox, &settings, &command).ok();
                    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""), "{command}");
                    jobs += 1;
                }
            }
        }
    }
    assert!(jobs >= 3, "there are jobs");
    // In office hours there are those of the pool that is kept filled, too.
    let nightly = sandbox.run("list-job-flows", &["--no-idle", "--pool-name", "nightly"]).ok().records();
    assert_eq!(nightly.len(), 1, "the job of the night has a job flow");
    assert_eq!(sandbox.requests("AddJobFlowSteps").len(), 1);
}

#[test]
fn a_lock_that_another_machine_holds_gives_cron_nothing_to_mail() {
    let sandbox = Sandbox::start(&Tools::beside(SANDBOX), &[]);
    furnish(&sandbox);
    let lines = crontab(&example("crontab"));
    let settings = lines.iter().filter_map(|line| match line {
        Line::Setting(name, value) => Some((name.clone(), value.clone())),
        Line::Job(..) => None,
    });
    let locked = lines.iter().find_map(|line| match line {
        Line::Job(_, command) if command.starts_with("s3-lock") => Some(command),
        _ => None,
    });
    let _ = sandbox.run("s3-lock", &["acquire", "s3://bucket/scratch/locks/hourly"]).ok();
    let ran = run(&sandbox, &settings.collect::<Vec<_>>(), locked.unwrap()).ok();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
}

#[test]
fn core_dumps_are_looked_for_where_a_step_failed_and_not_where_aws_does_not_tell() {
    let programs = tempfile::tempdir().unwrap();
    let fake = programs.path().join("ssh-core-dump");
    std::fs::write(&fake, "#!/bin/sh\necho \"$@\"\njq -r .job_flow_id\n").unwrap();
    std::fs::set_permissions(&fake, std::fs::Permissions::from_mode(0o755)).unwrap();
    let tools = Tools::beside(SANDBOX);
    let path = format!("{}:{}:/usr/bin:/bin", programs.path().display(), tools.folder().display());
    let settings = [("PATH".to_owned(), path), ("AWS_REGION".to_owned(), "us-east-1".to_owned())];
    let command = format!("{} cores --delete-after", top().join("scripts/examples/core-dumps").display());
    for (faults, is_known) in [(&[][..], true), (&["--fault", "ListSteps:deny:9"], false)] {
        let sandbox = Sandbox::start(&tools, faults);
        let _ = sandbox.job_flow(&[]);
        let failed = sandbox.job_flow(&[]);
        if is_known {
            let _ = sandbox.run("add-step", &[&failed, "--", "sh", "-c", "exit 3"]).ok();
        }
        let mut asked = String::new();
        // The step ends soon after it was added.
        while is_known && !asked.contains("FAILED") {
            asked = sandbox.run("list-steps", &[&failed]).ok().stdout;
        }
        let said = run(&sandbox, &settings, &command).ok();
        let named = if is_known { format!("{failed}\n") } else { String::new() };
        assert_eq!(said.stdout, format!("--newer-than 1d --output-dir cores --delete-after\n{named}"), "{said:?}");
        assert_eq!(said.stderr.contains("list-steps"), !is_known, "{said:?}");
    }
}

#[test]
fn the_units_are_sound_where_systemd_is_there_to_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let tools = Tools::beside(SANDBOX);
    let units = ["emr-tools-idle.service", "emr-tools-idle.timer"].map(|name| {
        let unit = example(name).replace("/usr/local/bin", tools.folder().to_str().unwrap());
        std::fs::write(folder.path().join(name), unit).unwrap();
        folder.path().join(name)
    });
    if !is_whole("terminate-idle-job-flows") {
        return;
    }
    let verify = Command::new("systemd-analyze").args(["verify", "--man=no"]).args(units).output();
    if let Ok(output) = verify {
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !said.contains("emr-tools-idle"), "{said}");
    }
}
