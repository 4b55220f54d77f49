//! What the doctor writes is gone at the end of every run.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use harness::{Ran, Sandbox};

use crate::{SCRATCH, doctor, finds, tools};

#[test]
fn nothing_is_written_where_that_is_not_wanted() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let ran = doctor(&sandbox, &["--no-write"]).ok();
    assert!(ran.records().iter().all(|record| record["check"] != "conditional writes"), "{ran:?}");
    assert!(sandbox.requests("PutObject").is_empty() && sandbox.requests("DeleteObject").is_empty());
}

#[test]
fn what_may_not_be_deleted_is_named() {
    let sandbox = Sandbox::start(&tools(), &["--fault", "DeleteObject:deny:99"]);
    let ran = doctor(&sandbox, &[]).ok();
    finds(&ran, "conditional writes", "ok", "locks are safe");
    let mut left = ran.records();
    left.retain(|record| record["check"] == "scratch clean-up");
    let found: Vec<_> = left.iter().map(|record| record["found"].as_str().unwrap()).collect();
    assert!(found.iter().all(|found| found.contains("AWS denies DeleteObject")), "{found:?}");
    let keys = sandbox.keys("");
    assert!(
        keys.len() == 2 && keys.iter().all(|key| found.iter().any(|found| found.contains(key))),
        "{found:?} {keys:?}"
    );
}

#[test]
fn a_lost_answer_to_the_first_write_leaves_nothing_behind() {
    let sandbox = Sandbox::start(&tools(), &["--fault", "PutObject:drop-response:1"]);
    let _ = doctor(&sandbox, &[]);
    assert_eq!(sandbox.keys(""), [""; 0]);
}

/// Interrupts the command after the call `operation` was answered, and returns what it came to.
fn interrupted(mut command: Command, operation: &str) -> Ran {
    let mut child = command.arg("-vv").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(said.any(|line| line.contains(&format!("{operation}: answered"))));
    let killed = Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let stderr: Vec<_> = said.collect();
    let output = child.wait_with_output().unwrap();
    Ran { stderr: stderr.join("\n"), ..output.into() }
}

#[test]
fn an_interrupted_test_of_the_store_leaves_nothing_behind() {
    let probe = ["probe", "--no-conf", "s3://bucket/scratch/"];
    let doctor = [&["--no-conf"], &SCRATCH[..]].concat();
    for (tool, args) in [("emr-doctor", &doctor[..]), ("s3-lock", &probe[..])] {
        let sandbox =
            Sandbox::start(&tools(), &["--fault", "PutObject:delay:1:0", "--fault", "PutObject:delay:99:300"]);
        let mut command = Command::new("env");
        command.arg("--default-signal=INT").arg(tools().folder().join(tool)).args(args);
        command.env_clear().env("HOME", "/nonexistent").env("PATH", std::env::var_os("PATH").unwrap());
        let ran = interrupted(std::mem::replace(sandbox.point(&mut command), Command::new("true")), "PutObject");
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(130), ""), "{ran:?}");
        assert_eq!(sandbox.keys(""), [""; 0], "{tool}: {ran:?}");
        assert!(!sandbox.requests("DeleteObject").is_empty(), "{tool}");
    }
}
