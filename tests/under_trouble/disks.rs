//! Disks that are full, at once or in the middle: a tool ends with 74, and blocks nobody.

use std::fs::OpenOptions;
use std::process::{Command, Stdio};

use harness::{Ran, Sandbox, skip};

use crate::{SCRATCH, TTL, all_of, at_once, find_pool, free_job_flow, pass, pooled, steps, tools};

const AT_ONCE: usize = 8;

/// Mounts a disk of 12 KiB whose file `history` leaves `$1` bytes of it, runs the rest with the disk as `disk`, and copies
/// the history to `$2`.
const SCRIPT: &str = r#"room=$1 kept=$2; shift 2; mkdir -p disk && mount -t tmpfs -o size=12k tmpfs disk || exit 99
yes '' | head -c $((12288 - room)) > disk/history; "$@"; code=$?; cp disk/history "$kept"; exit $code"#;

fn can_mount() -> bool {
    let can = Command::new("unshare").args(["--mount", "true"]).output().is_ok_and(|tried| tried.status.success());
    if !can {
        skip("mounting a small disk needs root");
    }
    can
}

/// A tool whose history has so much room.
fn with_room(sandbox: &Sandbox, room: usize, name: &str, args: &[&str]) -> Command {
    let (room, kept) = (room.to_string(), format!("kept-{name}-{room}.jsonl"));
    let mut command = tools().run_by(&["unshare", "--mount", "sh", "-c", SCRIPT, "sh", &room, &kept]).command(name);
    sandbox.point(&mut command);
    command.args(["--history", "disk/history"]).args(args);
    command
}

/// Asserts that all that was recorded holds: on the small disks, and of those that went on.
fn assert_holds(sandbox: &Sandbox) {
    let names =
        std::fs::read_dir(sandbox.folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut histories: Vec<_> = names.filter(|name| name.strip_suffix(".jsonl").is_some()).collect();
    histories.sort_unstable();
    assert!(histories.len() > 10, "{histories:?}");
    sandbox.run("s3-lock", &[vec!["verify"], histories.iter().map(String::as_str).collect()].concat()).ok();
}

/// Records beside the history of the sandbox, which has to hold by itself: some claims end on small disks alone.
const APART: [&str; 2] = ["--history", "apart.jsonl"];

fn rooms() -> Vec<(usize, String)> {
    (0..28).map(|number| (number * 300, format!("p{number}"))).collect()
}

#[test]
fn a_job_whose_history_finds_a_full_disk_is_74_and_blocks_nobody() {
    if !can_mount() {
        return;
    }
    let sandbox = Sandbox::start(&tools(), &[]);
    let codes = at_once(&rooms(), AT_ONCE, |(room, pool)| {
        let job_flow = pooled(&sandbox, pool);
        let find = ["--pool-name", pool, "--s3-scratch-uri", SCRATCH, "--ttl", TTL];
        let found = Ran::of(&mut with_room(&sandbox, *room, "find-pool", &find));
        assert!(matches!(found.code, Some(0 | 74)), "{found:?}");
        assert_eq!(found.code == Some(0), !found.stdout.is_empty(), "{found:?}");
        let claimed = if found.code == Some(0) {
            found
        } else {
            free_job_flow(&sandbox, &job_flow);
            find_pool(&sandbox, pool, &[&APART[..], &["--ttl", TTL]].concat()).ok()
        };
        let args = ["--s3-scratch-uri", SCRATCH, "--", "true"];
        let added = Ran::with_stdin(&mut with_room(&sandbox, *room, "add-step", &args), &claimed.stdout);
        assert!(matches!(added.code, Some(0 | 74)), "{added:?}");
        assert_eq!(steps(&sandbox, &job_flow).len(), added.stdout.lines().count(), "{added:?}");
        free_job_flow(&sandbox, &job_flow);
        find_pool(&sandbox, pool, &[&APART[..], &["--pool-wait-minutes", "1"]].concat()).ok();
        added.code
    });
    assert!(codes.contains(&Some(0)) && codes.contains(&Some(74)), "{codes:?}");
    assert_holds(&sandbox);
}

#[test]
fn a_sweep_whose_history_finds_a_full_disk_is_74_and_says_truly_what_it_ended() {
    if !can_mount() {
        return;
    }
    let sandbox = Sandbox::start(&tools(), &[]);
    at_once(&rooms(), AT_ONCE, |(_, pool)| drop(pooled(&sandbox, pool)));
    pass(std::time::Duration::from_secs(1));
    let codes = at_once(&rooms(), AT_ONCE, |(room, pool)| {
        let args = ["--max-hours-idle", "0", "--pool-name", pool];
        let swept = Ran::of(&mut with_room(&sandbox, *room, "terminate-idle-job-flows", &args));
        assert!(matches!(swept.code, Some(0 | 74)), "{swept:?}");
        let is_ended = all_of(&sandbox, pool)[0]["state"].to_string().contains("TERMINAT");
        assert_eq!(is_ended, !swept.stdout.is_empty(), "{swept:?}");
        swept.code
    });
    assert!(codes.contains(&Some(0)) && codes.contains(&Some(74)), "{codes:?}");
    assert_holds(&sandbox);
}

/// Runs a tool with a full disk as `disk`, on which `files` were written before.
fn beside_full_disk(sandbox: &Sandbox, files: &str, name: &str, args: &[&str], stdin: &str) -> Ran {
    const SCRIPT: &str = r#"files=$1; shift; mkdir -p disk && mount -t tmpfs -o size=32k tmpfs disk || exit 99
        eval "$files"; ls -A disk > before; cat /dev/zero > disk/filler 2>/dev/null; rm -f kept/*; mkdir -p kept
        "$@"; code=$?; rm disk/filler; ls -A disk > after; cp disk/* kept 2>/dev/null; exit $code"#;
    let mut command = tools().run_by(&["unshare", "--mount", "sh", "-c", SCRIPT, "sh", files]).command(name);
    sandbox.point(&mut command).env("TMPDIR", sandbox.folder().join("disk"));
    let ran = Ran::with_stdin(command.args(args), stdin);
    let listed = |name: &str| std::fs::read_to_string(sandbox.folder().join(name)).unwrap();
    assert_eq!(listed("before"), listed("after"), "nothing is left there: {ran:?}");
    ran
}

#[test]
fn temporary_files_that_find_a_full_disk_are_74_and_nothing_is_added() {
    if !can_mount() {
        return;
    }
    let sandbox = Sandbox::start(&tools(), &[]);
    let job_flow = pooled(&sandbox, "etl");
    std::fs::create_dir(sandbox.folder().join("library")).unwrap();
    let noise: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..)).take(100_000).collect();
    std::fs::write(sandbox.folder().join("library/noise"), noise).unwrap();
    let claimed = find_pool(&sandbox, "etl", &[]).ok();
    let args = ["--s3-scratch-uri", SCRATCH, "--streaming", "--mapper", "cat", "--setup", "ls library/#lib"];
    let data = ["--input", "s3://bucket/in", "--output", "s3://bucket/out/"];
    let added = beside_full_disk(&sandbox, "", "add-step", &[&args[..], &data].concat(), &claimed.stdout);
    added.fails(74, "no space left on device");
    assert!(added.stderr.contains("cannot write") && added.stderr.contains("/disk/"), "it names the disk: {added:?}");
    assert!(steps(&sandbox, &job_flow).is_empty());
    find_pool(&sandbox, "etl", &[]).ok();
}

#[test]
fn a_file_that_is_replaced_stays_as_it_was_on_a_full_disk() {
    if !can_mount() {
        return;
    }
    let sandbox = Sandbox::start(&tools(), &[]);
    let _ = pooled(&sandbox, "etl");
    let gauges = ["--output", "prometheus", "--output-file", "disk/emr.prom"];
    let swept = beside_full_disk(&sandbox, "echo old > disk/emr.prom", "terminate-idle-job-flows", &gauges, "");
    swept.fails(74, "disk/emr.prom");
    assert_eq!(std::fs::read_to_string(sandbox.folder().join("kept/emr.prom")).unwrap(), "old\n");
}

/// Runs a tool whose stdout is a full disk.
fn on_full_disk(sandbox: &Sandbox, name: &str, args: &[&str], stdin: &str) -> Ran {
    let mut command = sandbox.tool(name);
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut child = command.args(args).stdin(Stdio::piped()).stdout(full).stderr(Stdio::piped()).spawn().unwrap();
    drop(std::io::Write::write_all(&mut child.stdin.take().unwrap(), stdin.as_bytes()));
    Ran::from(child.wait_with_output().unwrap())
}

#[test]
fn what_cannot_be_printed_is_74_and_a_claim_or_lock_that_nobody_was_told_of_is_given_back() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let job_flow = pooled(&sandbox, "etl");
    let find = ["--pool-name", "etl", "--s3-scratch-uri", SCRATCH];
    assert_eq!(on_full_disk(&sandbox, "find-pool", &find, "").code, Some(74));
    let claimed = find_pool(&sandbox, "etl", &[]).ok();
    let added = on_full_disk(&sandbox, "add-step", &["--", "true"], &claimed.stdout);
    assert_eq!((added.code, steps(&sandbox, &job_flow).len()), (Some(74), 1), "{added:?}");
    assert!(added.stderr.contains("s-"), "it says which step is added: {added:?}");

    let lock = "s3://bucket/locks/full";
    assert_eq!(on_full_disk(&sandbox, "s3-lock", &["acquire", lock], "").code, Some(74));
    assert_eq!(sandbox.run("s3-lock", &["show", lock]).ok().record()["state"], "free");

    let or_create = ["--pool-name", "new", "--s3-scratch-uri", SCRATCH, "--or-create"];
    let started = on_full_disk(&sandbox, "find-pool", &or_create, "");
    assert_eq!(started.code, Some(74), "{started:?}");
    let id = find_pool(&sandbox, "new", &[]).ok().record()["job_flow_id"].as_str().unwrap().to_owned();
    assert!(started.stderr.contains(&id), "it says what was started: {started:?}");

    let made = on_full_disk(&sandbox, "create-job-flow", &["--pool-emr-job-flows", "--pool-name", "made"], "");
    let id = find_pool(&sandbox, "made", &[]).ok().record()["job_flow_id"].as_str().unwrap().to_owned();
    assert!(made.code == Some(74) && made.stderr.contains(&id), "{made:?}");
}
