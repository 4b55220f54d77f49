//! Histories: what --history records, and what verify makes of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use harness::{Ran, Sandbox, Store, Tools};
use serde_json::Value;

use crate::{LOCK, TOOL, lock, sandbox};

fn history(sandbox: &Sandbox) -> PathBuf {
    sandbox.folder().join("own.jsonl")
}

/// Runs a command under the lock, recorded in `history`.
fn run(sandbox: &Sandbox, history: &Path) {
    let _ = lock(sandbox, &["run", LOCK, "--history", history.to_str().unwrap(), "--", "true"]).ok();
}

fn verify(histories: &[&Path]) -> Ran {
    Ran::of(Tools::beside(TOOL).command("s3-lock").arg("verify").args(histories))
}

fn records(history: &Path) -> Vec<Value> {
    fs::read_to_string(history).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_is_asked_and_answered_is_recorded_and_holds() {
    let sandbox = sandbox(&[]);
    let history = history(&sandbox);
    let taken = lock(&sandbox, &["acquire", LOCK, "--token", "secret", "--history", history.to_str().unwrap()]).ok();
    let records = records(&history);
    let asked: Vec<_> = records.iter().map(|record| (record["request"].as_str(), record["answer"].as_str())).collect();
    let (read, create, replace) = (Some("read"), Some("create"), Some("replace"));
    assert_eq!(asked[..4], [(read, None), (read, Some("absent")), (create, None), (create, Some("written"))]);
    assert_eq!(asked[4..6], [(create, None), (replace, None)], "the proof");
    assert_eq!(asked.len(), 8);
    let written = &records[3];
    assert_eq!(written["generation"], taken.record()["generation"]);
    for key in ["time", "process", "lock_uri", "nonce", "etag", "token", "held_until"] {
        assert!(written[key].is_string(), "{key}: {written}");
    }
    assert!(!fs::read_to_string(&history).unwrap().contains("secret"));
    let verdict = verify(&[&history]).ok().record();
    assert_eq!((&verdict["holds"], &verdict["written"], &verdict["refused"]), (&true.into(), &1.into(), &2.into()));
}

#[test]
fn a_release_tells_who_released() {
    let sandbox = sandbox(&[]);
    let history = history(&sandbox);
    run(&sandbox, &history);
    let records = records(&history);
    let of = |state: &str| records.iter().filter(|record| record["state"] == state).collect::<Vec<_>>();
    let token = &of("held")[0]["token"];
    assert!(token.is_string() && of("free").len() == 2);
    assert!(of("free").iter().all(|record| record["releaser"] == *token), "{records:#?}");
    let text = fs::read_to_string(&history).unwrap();
    let foreign = text.replace(&format!(r#""releaser":{token}"#), r#""releaser":"0123""#);
    fs::write(&history, foreign).unwrap();
    let ran = verify(&[&history]);
    assert_eq!((ran.code, &ran.records()[0]["kind"]), (Some(1), &"foreign-release".into()), "{ran:?}");
}

#[test]
fn a_history_that_cannot_be_written_keeps_every_request_from_being_sent() {
    let sandbox = sandbox(&[]);
    for history in ["/nowhere/history", "/dev/full"] {
        lock(&sandbox, &["acquire", LOCK, "--history", history]).fails(74, history);
    }
    assert_eq!(sandbox.requests_of_tools().len(), 0);
}

#[test]
fn histories_of_several_files_are_one() {
    let sandbox = sandbox(&[]);
    let files = ["a.jsonl", "b.jsonl", "a.jsonl"].map(|name| sandbox.folder().join(name));
    for file in &files {
        run(&sandbox, file);
    }
    let verdict = verify(&[&files[0], &files[1]]).ok().record();
    assert_eq!((&verdict["holds"], &verdict["written"]), (&true.into(), &6.into()));
    let other = fs::read_to_string(&files[1]).unwrap();
    let boot = records(&files[1])[0]["boot"].as_str().unwrap().to_owned();
    let years_ahead = other.replace(&boot, "another").replace(r#""time":"20"#, r#""time":"30"#);
    fs::write(&files[1], years_ahead).unwrap();
    for order in [[&files[0], &files[1]], [&files[1], &files[0]]] {
        let verdict = verify(&order.map(PathBuf::as_path)).ok().record();
        assert_eq!((&verdict["holds"], &verdict["clocks"]), (&true.into(), &2.into()), "another machine's clock");
    }
    let half = verify(&[&files[0]]);
    assert_eq!(half.code, Some(1), "{half:?}");
    assert!(half.records()[0]["kind"] == "unrecorded", "{half:?}");
}

#[test]
fn a_line_that_breaks_off_at_the_end_is_said_and_a_damaged_one_is_an_error() {
    let sandbox = sandbox(&[]);
    let history = history(&sandbox);
    run(&sandbox, &history);
    let whole = fs::read_to_string(&history).unwrap();
    fs::write(&history, &whole[..whole.len() - 20]).unwrap();
    let torn = verify(&[&history]).ok();
    assert!(torn.stderr.contains("breaks off"), "{torn:?}");
    assert_eq!(torn.record()["torn_lines"], 1);
    run(&sandbox, &history);
    assert_eq!(verify(&[&history]).ok().record()["torn_lines"], 1, "the next process has ended the line");
    let text = fs::read_to_string(&history).unwrap();
    fs::write(&history, text.replace('\n', "\r\n")).unwrap();
    assert_eq!(verify(&[&history]).ok().record()["torn_lines"], 1, "lines may end as in other systems");
    for damaged in [text.replace("\n\n", "\n"), text.replacen("\"read\"", "\"raed\"", 1), format!("x\n{text}")] {
        fs::write(&history, damaged).unwrap();
        let ran = verify(&[&history]);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("own.jsonl:") && ran.stderr.contains("no record of a history"), "{ran:?}");
    }
    fs::write(&history, "").unwrap();
    verify(&[&history]).fails(66, "nothing is verified");
    verify(&[Path::new("/nowhere/history")]).fails(74, "/nowhere/history");
    verify(&[Path::new("-"), Path::new("-")]).fails(2, "- is given twice");
}

#[test]
fn blocks_of_nuls_after_a_power_loss_are_a_line_that_breaks_off() {
    let sandbox = sandbox(&[]);
    let history = history(&sandbox);
    run(&sandbox, &history);
    for (torn, nuls) in [(1, 4096), (2, 300_000)] {
        let mut text = fs::read(&history).unwrap();
        text.resize(text.len() + nuls, 0);
        fs::write(&history, text).unwrap();
        assert_eq!(verify(&[&history]).ok().record()["torn_lines"], torn);
        run(&sandbox, &history);
        assert_eq!(verify(&[&history]).ok().record()["torn_lines"], torn, "the next process has ended the line");
    }
    let text = fs::read_to_string(&history).unwrap();
    let damaged = text.replace("\0\n", "\0x\n");
    fs::write(&history, damaged).unwrap();
    verify(&[&history]).fails(2, "too long");
}

#[test]
fn what_is_violated_is_printed_although_a_later_line_is_damaged() {
    let sandbox = sandbox(&[]);
    let history = history(&sandbox);
    run(&sandbox, &history);
    let text = fs::read_to_string(&history).unwrap();
    let token = records(&history)[3]["token"].as_str().unwrap().to_owned();
    let foreign = text.replace(&format!(r#""releaser":"{token}""#), r#""releaser":"0123""#);
    fs::write(&history, format!("{foreign}x\n")).unwrap();
    for form in ["json", "table"] {
        let ran = Ran::of(Tools::beside(TOOL).command("s3-lock").args(["verify", "--output", form]).arg(&history));
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stdout.contains("foreign-release"), "{ran:?}");
    }
}

#[test]
fn what_a_tool_asks_of_emr_under_a_claim_is_recorded_with_its_lease() {
    let sandbox = sandbox(&[]);
    let history = history(&sandbox);
    let recorded = |name: &str| {
        let mut tool = sandbox.tool(name);
        tool.env("EMR_TOOLS_LOCK_HISTORY", &history);
        tool
    };
    let mut find = recorded("find-pool");
    find.args(["--or-create", "--pool-name", "etl", "--s3-scratch-uri", "s3://bucket/scratch/"]);
    let claimed = Ran::of(&mut find).ok();
    let _ = Ran::with_stdin(recorded("add-step").args(["--", "true"]), &claimed.stdout).ok();
    let acts = records(&history).into_iter().filter(|record| record["request"] == "act");
    let acts: Vec<_> = acts.map(|record| (record["act"].clone(), record["answer"].clone())).collect();
    let done = |act: &str| [(act.into(), Value::Null), (act.into(), "done".into())];
    assert_eq!(acts, [done("RunJobFlow"), done("AddJobFlowSteps")].concat());
    let verdict = verify(&[&history]).ok().record();
    assert_eq!((&verdict["acts"], &verdict["late_acts"], &verdict["locks"]), (&2.into(), &0.into(), &2.into()));
}

#[test]
fn a_store_that_ignores_a_condition_now_and_then_is_caught() {
    let store = Store::ignoring_one_condition_in(5);
    let folder = tempfile::tempdir().unwrap();
    let history = folder.path().join("history");
    let take = || {
        let mut command = Tools::beside(TOOL).command("s3-lock");
        store.point(&mut command).args(["run", LOCK, "--no-conf", "--wait", "1s", "--history"]).arg(&history);
        Ran::of(command.args(["--", "true"])).code
    };
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| (0..8).map(|_| take()).collect::<Vec<_>>());
        }
    });
    let ran = verify(&[&history]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    // Which write is let through is a matter of chance: it forks the chain, takes what is held, or replaces what never was.
    let is_told = |kind: &str| ran.stdout.contains(&format!(r#""kind":"{kind}""#));
    assert!(["fork", "two-holders", "unrecorded"].into_iter().any(is_told), "{ran:?}");
}
