//! Messages on stderr: each begins with the name of its tool, whoever it comes from.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Command;

use harness::{Ran, Sandbox, Tools};

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

/// The beginnings of messages that stand in the specification as they are.
const SPECIFIED: [&str; 2] = ["Job flow created with ID: j-", "Adding our job to job flow j-"];

fn tools() -> Tools {
    Tools::beside(SANDBOX)
}

fn names() -> Vec<String> {
    let crates = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).unwrap();
    let tools = crates.map(|entry| entry.unwrap().path()).filter(|path| path.join("src/main.rs").exists());
    tools.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_wrong_with_a_command_line_is_said_in_the_tool_s_name() {
    for tool in names() {
        let ran = Ran::of(tools().command(&tool).arg("--no-such-option"));
        assert_eq!(ran.code, Some(2), "{ran:?}");
        let first = ran.stderr.lines().next().unwrap();
        let named = first.starts_with(&format!("{tool}: unexpected argument '--no-such-option'"));
        assert!(named && !ran.stderr.contains("error:"), "{ran:?}");
    }
}

#[test]
fn so_is_what_is_wrong_in_a_subcommand_or_with_a_value_and_by_the_executable_of_all() {
    let begins = |tool: &str, args: &[&str], line: &str| {
        let ran = Ran::of(tools().command(tool).args(args));
        assert!(ran.code == Some(2) && ran.stdout.is_empty() && ran.stderr.starts_with(line), "{ran:?}");
    };
    begins("s3-lock", &["acquire"], "s3-lock: the following required arguments were not provided");
    begins("s3-lock", &[], "s3-lock: ");
    begins("emr-tools", &["wait-step", "--timeout", "soon"], "wait-step: invalid value 'soon' for '--timeout");
    begins("find-pool", &["--num-steps", "0"], "find-pool: invalid value '0' for '--num-steps");
}

#[test]
fn help_and_version_are_no_messages() {
    for option in ["--help", "-h", "--version"] {
        let ran = Ran::of(tools().command("find-pool").arg(option)).ok();
        assert!(ran.stderr.is_empty() && !ran.stdout.is_empty(), "{ran:?}");
    }
}

#[test]
fn every_message_of_a_pipeline_names_its_tool_but_for_those_of_the_specification() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let line = "find-pool --or-create --pool-name etl --s3-scratch-uri s3://bucket/tmp/ -v --pool-wait-minutes 0 |
        add-step -v -- false | wait-step -v; list-job-flows | fetch-logs; s3-lock probe s3://bucket/locks/";
    let mut command = Command::new("bash");
    command.args(["-c", line]).env_clear().env("HOME", "/nonexistent").env("PATH", tools().path(&[]));
    let ran = Ran::of(sandbox.point(&mut command)).ok();
    let names = names();
    let is_named = |line: &&str| {
        line.split_once(": ").is_some_and(|(name, _)| names.iter().any(|tool| tool == name))
            || SPECIFIED.iter().any(|begin| line.starts_with(begin))
    };
    let unnamed: Vec<_> = ran.stderr.lines().filter(|line| !is_named(line)).collect();
    assert!(unnamed.is_empty(), "{unnamed:?}");
    for words in ["\nAdding our job to job flow j-", "Job flow created with ID: j-", "fetch-logs: ==> ", "s3-lock: "] {
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
    }
}
