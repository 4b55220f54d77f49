//! Names that are commands to a terminal: whatever AWS, a user or a file is called, no tool prints it raw.

use std::process::Command;

use harness::{Ran, Sandbox, Terminal, Tools};
use serde_json::json;

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

/// What sets a terminal's title, clears it in one byte of C1, turns text around in each of three ways, and forges a line.
const HOSTILE: &str =
    "n\u{1b}]0;evil\u{7}\u{9b}2J\u{202e}\u{2066}\u{200f}\u{61c}\u{7f}\r\tj-FORGED\nj-FORGED2 s-FORGED";

/// A sandbox with job flows and steps of that name, and logs.
fn sandbox() -> Sandbox {
    let folder = tempfile::tempdir().expect("a folder");
    let reason = json!({ "Code": HOSTILE, "Message": HOSTILE });
    let cluster = |id: &str, state: &str| {
        json!({
            "Cluster": {
                "Id": id, "Name": HOSTILE, "ReleaseLabel": "emr-7.0.0", "LogUri": "s3://bucket/logs/",
                "Status": {
                    "State": state, "StateChangeReason": reason,
                    "Timeline": { "CreationDateTime": 1_790_000_000, "ReadyDateTime": 1_790_000_100 },
                    "ErrorDetails": [{ "ErrorCode": HOSTILE, "ErrorMessage": HOSTILE, "ErrorData": [{ "k": HOSTILE }] }],
                },
                "Tags": [{ "Key": "owner", "Value": HOSTILE }, { "Key": HOSTILE, "Value": HOSTILE }],
            },
            "InstanceGroups": [{
                "Id": "ig-1", "Name": HOSTILE, "InstanceType": HOSTILE, "Market": "ON_DEMAND", "InstanceGroupType": "MASTER",
                "RequestedInstanceCount": 1, "RunningInstanceCount": 1, "Status": { "State": "RUNNING" },
            }],
            "Steps": [{
                "Id": format!("s-{}", &id[2..]), "Name": HOSTILE, "ActionOnFailure": "CONTINUE",
                "Config": { "Jar": HOSTILE, "Args": [HOSTILE] },
                "Status": {
                    "State": "FAILED", "StateChangeReason": reason,
                    "FailureDetails": { "Reason": HOSTILE, "Message": HOSTILE, "LogFile": HOSTILE },
                    "Timeline": { "CreationDateTime": 1_790_000_200, "StartDateTime": 1_790_000_201,
                                  "EndDateTime": 1_790_000_300 },
                },
            }],
        })
    };
    let mut running = cluster("j-C", "RUNNING");
    running["Steps"][0]["Status"] = json!({ "State": "RUNNING", "Timeline": { "StartDateTime": 1_790_000_201 } });
    let account = json!({ "clusters": [cluster("j-A", "WAITING"), cluster("j-B", "TERMINATED_WITH_ERRORS"), running] });
    let file = folder.path().join("account.json");
    std::fs::write(&file, account.to_string()).expect("it is written");
    let sandbox = Sandbox::start(&Tools::beside(SANDBOX), &["--load", file.to_str().expect("it is text")]);
    let log = sandbox.file("stderr", format!("java.lang.Error: {HOSTILE}\n"));
    for key in ["logs/j-A/steps/s-A/stderr", "logs/j-A/steps/s-A/x%E2%80%AE%1B%5D0%3Bevil%0As-FORGED"] {
        let url = format!("{}/bucket/{key}", sandbox.endpoint());
        let put = Command::new("curl").args(["-fsS", "-T"]).arg(&log).arg(url).status();
        assert!(put.expect("curl is installed").success());
    }
    sandbox
}

const SCRATCH: &str = "--s3-scratch-uri=s3://bucket/tmp/";

/// Every tool, in a form that prints such names.
const CALLS: [(&str, &[&str]); 23] = [
    ("list-job-flows", &["--all"]),
    ("list-job-flows", &["--idle"]),
    ("find-pool", &["--no-conf", "--pool-name", "etl", "--explain", "--s3-scratch-uri", "s3://bucket/tmp/"]),
    ("fill-pool", &["--no-conf", "--min-idle=1", "--pool-name=\u{202e}\u{9b}x\n", "--dry-run", SCRATCH]),
    ("cancel-step", &["--dry-run", "j-A", "s-A", "j-C", "s-C"]),
    ("describe-job-flow", &["j-A", "j-B"]),
    ("list-steps", &["j-A", "j-B"]),
    ("wait-job-flow", &["j-A"]),
    ("wait-job-flow", &["j-B"]),
    ("wait-step", &["j-A"]),
    ("wait-step", &["j-B"]),
    ("fetch-logs", &["--no-ssh", "--list", "j-A"]),
    ("fetch-logs", &["--no-ssh", "--cause", "j-A"]),
    ("fetch-logs", &["--no-ssh", "--cause", "j-B"]),
    ("report-long-jobs", &[]),
    ("audit-usage", &["--group-by", "owner,job"]),
    ("terminate-idle-job-flows", &["--max-hours-idle", "1", "--dry-run"]),
    ("terminate-idle-job-flows", &["--max-hours-idle", "1", "--explain"]),
    ("terminate-job-flow", &["--dry-run", "j-A"]),
    ("emr-doctor", &["--no-conf", "--no-write", "--iam-service-role", HOSTILE, "--ec2-key-pair", HOSTILE]),
    ("s3-lock", &["acquire", "s3://bucket/locks/\u{202e}\u{9b}x\n"]),
    ("s3-lock", &["show", "s3://bucket/locks/\u{202e}\u{9b}x\n"]),
    ("s3-tmpwatch", &["--all-kinds", "2d", "s3://bucket/\u{202e}\u{9b}x\n"]),
];

fn is_unfit(c: char) -> bool {
    let bidirectional =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (c.is_control() && c != '\n') || bidirectional
}

/// Asserts that `ran` says nothing raw, and that no line of it is what was to be forged.
fn is_harmless(ran: &Ran, what: &str) {
    for text in [&ran.stdout, &ran.stderr] {
        assert!(!text.contains(is_unfit), "{what}: {ran:?}");
        assert!(
            !text.lines().any(|line| line.starts_with("j-FORGED") || line.starts_with("s-FORGED")),
            "{what}: {ran:?}"
        );
    }
}

#[test]
fn no_tool_prints_a_name_raw() {
    let sandbox = sandbox();
    let mut printed = 0;
    for (tool, args) in CALLS {
        for form in ["json", "table", "id"] {
            let ran = sandbox.run(tool, &[args, &["--output", form, "-v"]].concat());
            assert!(!matches!(ran.code, Some(2 | 70)), "{tool} {args:?}: {ran:?}");
            is_harmless(&ran, &format!("{tool} {args:?} --output {form}"));
            printed += usize::from(ran.stdout.contains("evil") || ran.stdout.contains("202e"));
        }
    }
    assert!(printed > 12, "the names are printed in {printed} runs alone");
}

#[test]
fn what_is_typed_or_sent_is_not_printed_raw_either() {
    let sandbox = sandbox();
    let script = sandbox.file("\u{202e}\u{9b}job.sh", "true");
    let script = script.to_str().expect("it is text");
    let cases: [(&str, &[&str]); 9] = [
        ("emr-doctor", &["--no-conf", "--print-iam-policy", "find-pool", "--tag", "k=\u{202e}\u{9b}"]),
        ("add-step", &["j-A", "--script", script, "-vv"]),
        ("add-step", &["j-A", "--dry-run", "--script", script]),
        ("add-step", &["j-A", "--script", "/nowhere/\u{202e}\u{9b}"]),
        ("create-job-flow", &["--dry-run", "--no-conf", "--tag", "k=\u{202e}\u{9b}"]),
        ("create-job-flow", &["--no-conf", "--\u{202e}\u{9b}\u{1b}"]),
        ("describe-job-flow", &["--as", "conf", "j-A"]),
        ("wait-step", &["\u{202e}\u{9b}\u{1b}"]),
        ("s3-lock", &["show", "\u{202e}\u{9b}\u{1b}"]),
    ];
    for (tool, args) in cases {
        is_harmless(&sandbox.run(tool, args), &format!("{tool} {args:?}"));
    }
}

#[test]
fn a_terminal_is_given_no_command_by_a_name() {
    let sandbox = sandbox();
    let script = sandbox.file("\u{202e}\u{9b}]0;evil\u{7}job.sh", "true");
    let script = script.to_str().expect("it is text");
    let more: [(&str, &[&str]); 2] =
        [("add-step", &["j-A", "--script", script, "-v"]), ("fetch-logs", &["--no-ssh", "j-A"])];
    for (tool, args) in CALLS.into_iter().chain(more) {
        let mut command = sandbox.tool(tool);
        command.args(args).env("TERM", "xterm");
        let shown = Terminal::start(&command).rest();
        // Progress bars have commands of their own; none of them sets a title or is in C1.
        let is_command = shown.contains("\u{1b}]0;") || shown.contains(|c| is_unfit(c) && !"\u{1b}\r\t".contains(c));
        assert!(!is_command, "{tool} {args:?}: {shown:?}");
    }
}
