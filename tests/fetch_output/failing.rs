//! Every way in which a step fails, and what its record, its exit code and its output are then.

use harness::{Ran, Sandbox};
use serde_json::json;

use crate::objects::{put, sandbox};

/// A way in which a step fails.
struct Way {
    name: &'static str,
    /// How the sandbox is started.
    sandbox: &'static [&'static str],
    /// Lets it happen, and returns the records of the steps as add-step printed them.
    happens: fn(&Sandbox) -> String,
    wait: &'static [&'static str],
    /// The exit codes of wait-step and of fetch-output.
    codes: [i32; 2],
    /// The states in the records of wait-step.
    states: &'static [&'static str],
    /// What wait-step says, and what fetch-output says.
    words: [&'static str; 2],
}

const WAYS: [Way; 12] = [
    Way {
        name: "its program fails",
        sandbox: &[],
        happens: |sandbox| added(sandbox, &flow(sandbox, &[]), "echo it broke >&2; exit 3", &[]),
        wait: &[],
        codes: [1, 1],
        states: &["FAILED"],
        words: ["it broke", "is FAILED, and its output is not fetched; 'fetch-logs --cause --emr-job-flow-id j-"],
    },
    Way {
        name: "its program is killed",
        sandbox: &[],
        happens: |sandbox| added(sandbox, &flow(sandbox, &[]), "kill -9 $$", &[]),
        wait: &[],
        codes: [1, 1],
        states: &["FAILED"],
        words: ["failed: ", "is FAILED"],
    },
    Way {
        name: "its input is not there",
        sandbox: &[],
        happens: |sandbox| {
            let args = ["--no-check-input-paths", "--input", "s3://bucket/nowhere/"];
            added(sandbox, &flow(sandbox, &[]), "cat", &args)
        },
        wait: &[],
        codes: [1, 1],
        states: &["FAILED"],
        words: ["s3://bucket/nowhere", "is FAILED"],
    },
    Way {
        name: "its output is there already",
        sandbox: &[],
        happens: |sandbox| {
            let flow = flow(sandbox, &[]);
            let blocks = blocking(sandbox, &flow);
            let record = added(sandbox, &flow, "cat", &[]);
            put(sandbox, &[("out/part-00000", b"another's\n")]);
            go(sandbox, &flow, &blocks);
            record
        },
        wait: &[],
        codes: [1, 1],
        states: &["FAILED"],
        words: ["already exists", "is FAILED"],
    },
    Way {
        name: "it is cancelled before it begins",
        sandbox: &[],
        happens: |sandbox| {
            let flow = flow(sandbox, &[]);
            let _blocks = blocking(sandbox, &flow);
            let record = added(sandbox, &flow, "cat", &[]);
            Ran::with_stdin(&mut sandbox.tool("cancel-step"), &record).ok();
            record
        },
        wait: &[],
        codes: [1, 1],
        states: &["CANCELLED"],
        words: ["was cancelled", "is CANCELLED, and its output is not fetched"],
    },
    Way {
        name: "it is cancelled while it runs",
        sandbox: &[],
        happens: |sandbox| {
            let record = added(sandbox, &flow(sandbox, &[]), "exec sleep 1000", &[]);
            begun(sandbox, &record);
            Ran::with_stdin(&mut sandbox.tool("cancel-step"), &record).ok();
            record
        },
        wait: &[],
        codes: [1, 1],
        states: &["CANCELLED"],
        words: ["was cancelled", "is CANCELLED"],
    },
    Way {
        name: "its job flow is ended while it runs",
        sandbox: &[],
        happens: |sandbox| {
            let flow = flow(sandbox, &[]);
            let record = added(sandbox, &flow, "exec sleep 1000", &[]);
            begun(sandbox, &record);
            sandbox.run("terminate-job-flow", &["-q", &flow]).ok();
            record
        },
        wait: &["--check-emr-status-every", "0.05"],
        codes: [1, 1],
        states: &["INTERRUPTED"],
        words: ["was interrupted", "is INTERRUPTED"],
    },
    Way {
        name: "its job flow is ended before it begins",
        sandbox: &[],
        happens: |sandbox| {
            let flow = flow(sandbox, &[]);
            let _blocks = blocking(sandbox, &flow);
            let record = added(sandbox, &flow, "cat", &[]);
            sandbox.run("terminate-job-flow", &["-q", &flow]).ok();
            record
        },
        wait: &["--check-emr-status-every", "0.05"],
        codes: [75, 75],
        states: &["CANCELLED"],
        words: ["never began, because its job flow ended first", "never began, because its job flow ended first"],
    },
    Way {
        name: "its job flow does not come up",
        sandbox: &["--fault", "RunJobFlow:no-capacity:1", "--provision-s", "6"],
        happens: |sandbox| added(sandbox, &flow(sandbox, &[]), "cat", &[]),
        wait: &["--check-emr-status-every", "0.05"],
        codes: [75, 75],
        states: &["CANCELLED"],
        words: ["the job flow is TERMINATED_WITH_ERRORS: EC2 is out of capacity", "never began"],
    },
    Way {
        name: "the step before it fails and ends the job flow",
        sandbox: &[],
        happens: |sandbox| {
            let flow = flow(sandbox, &[]);
            let blocks = blocking(sandbox, &flow);
            let first = added_to(sandbox, &flow, "exit 3", "first", &["--emr-action-on-failure", "TERMINATE_CLUSTER"]);
            let records = first + &added(sandbox, &flow, "cat", &[]);
            go(sandbox, &flow, &blocks);
            records
        },
        wait: &["--check-emr-status-every", "0.05"],
        codes: [1, 1],
        states: &["FAILED", "CANCELLED"],
        words: ["never began, because its job flow ended first", "is FAILED"],
    },
    Way {
        name: "the step before it fails and cancels it",
        sandbox: &[],
        happens: |sandbox| {
            let flow = flow(sandbox, &[]);
            let blocks = blocking(sandbox, &flow);
            let first = added_to(sandbox, &flow, "exit 3", "first", &["--emr-action-on-failure", "CANCEL_AND_WAIT"]);
            let records = first + &added(sandbox, &flow, "cat", &[]);
            go(sandbox, &flow, &blocks);
            records
        },
        wait: &[],
        codes: [1, 1],
        states: &["FAILED", "CANCELLED"],
        words: ["was cancelled", "is CANCELLED"],
    },
    Way {
        name: "it takes longer than one waits",
        sandbox: &[],
        happens: |sandbox| {
            let record = added(sandbox, &flow(sandbox, &[]), "exec sleep 1000", &[]);
            begun(sandbox, &record);
            record
        },
        wait: &["--timeout", "0"],
        codes: [124, 1],
        states: &["RUNNING"],
        words: [
            "the time is over, and the steps go on; wait on with 'wait-step --emr-job-flow-id ",
            "wait for it first",
        ],
    },
];

fn flow(sandbox: &Sandbox, args: &[&str]) -> String {
    sandbox.job_flow(&[&["-q"], args].concat())
}

/// Adds a streaming step whose mapper is `script` and whose output is `s3://bucket/out/`.
fn added(sandbox: &Sandbox, flow: &str, script: &str, args: &[&str]) -> String {
    added_to(sandbox, flow, script, "out", args)
}

fn added_to(sandbox: &Sandbox, flow: &str, script: &str, output: &str, args: &[&str]) -> String {
    sandbox.file("map", format!("{script}\n"));
    sandbox.file("in.txt", "a\n");
    let output = format!("s3://bucket/{output}/");
    let streaming = ["-q", "--streaming", "--mapper", "sh map", "--file", "map", "--output", &output];
    let input: &[&str] = if args.contains(&"--input") { &[] } else { &["--input", "in.txt"] };
    sandbox.run("add-step", &[&[flow], &streaming[..], input, args].concat()).ok().stdout
}

/// A step that runs until [`go`].
fn blocking(sandbox: &Sandbox, flow: &str) -> String {
    let go = sandbox.folder().join("go");
    let step = sandbox.shell_step(flow, &format!("until [ -e {} ]; do sleep 0.05; done", go.display()));
    begun(sandbox, &json!({"job_flow_id": flow, "step_id": step}).to_string());
    step
}

/// Ends the step that blocks the others.
fn go(sandbox: &Sandbox, flow: &str, step: &str) {
    sandbox.file("go", "");
    sandbox.run("wait-step", &["-q", "--emr-job-flow-id", flow, step]).ok();
}

/// Waits until the step of this record runs.
fn begun(sandbox: &Sandbox, record: &str) {
    let state = || Ran::with_stdin(&mut sandbox.tool("list-steps"), record).ok().record()["state"].clone();
    while state() == "PENDING" {}
}

#[test]
fn a_step_that_fails_leaves_its_exit_code_message_and_record_and_no_output() {
    for way in WAYS {
        let name = way.name;
        let sandbox = sandbox(way.sandbox, &[]);
        let records = (way.happens)(&sandbox);
        let waited = Ran::with_stdin(sandbox.tool("wait-step").args(way.wait), &records);
        assert_eq!(waited.code, Some(way.codes[0]), "{name}: {waited:?}");
        assert!(waited.stderr.contains(way.words[0]), "{name}: {waited:?}");
        let states: Vec<_> = waited.records().into_iter().map(|record| record["state"].clone()).collect();
        assert_eq!(states, way.states, "{name}: {waited:?}");
        // Whatever lies at the place of its output is not the output of this step.
        put(&sandbox, &[("out/part-00001", b"another's\n"), ("out/_SUCCESS", b"")]);
        let gets = sandbox.requests("GetObject").len();
        let ran = Ran::with_stdin(&mut sandbox.tool("fetch-output"), &waited.stdout);
        ran.fails(way.codes[1], way.words[1]);
        assert_eq!(sandbox.requests("GetObject").len(), gets, "{name}");
        // The same command tells the same again.
        let again = Ran::with_stdin(sandbox.tool("wait-step").args(way.wait), &records);
        assert_eq!((again.code, again.records().len()), (waited.code, states.len()), "{name}: {again:?}");
    }
}
