//! Golden vectors: pool hashes, locks, upload keys, requests and records that must not change unnoticed.
//!
//! A pool splits when its hash changes, a script breaks when a key of a record does, and during an upgrade old and new
//! tools contend for the same locks. The tests run the executables and fail at any change of their output, however the
//! code is organized.
//!
//! # Fixtures
//!
//! `tests/golden/NAME.json` is a mapping of
//!
//! * `about`: what the fixture protects;
//! * `clusters`: the account, as `emr-sandbox --load` takes it;
//! * `files`: local files by path, and `objects`: objects in the bucket `bucket` by key;
//! * `slaves`: instead of `clusters`, a number of slaves that run sshd; the job flow is `j-HOSTS`, and `files` are on its
//!   nodes, at `node0/mnt/…`;
//! * `command`: the first words of each command, and `pick`: the keys that are kept of each record;
//! * `cases`, run in order.
//!
//! A case has a `name` and
//!
//! * `args`: words of the command; a value that is not a string is passed as JSON;
//! * `conf`: mrjob.conf as text, or its options for EMR; `env`; `stdin`: text, a record or a list of records;
//! * `expected`: the only line on stdout, or the list of them. The order of keys counts;
//! * `code`: the exit code, if not 0;
//! * `objects`: the objects that were written: the content of locks, the length of other files.
//!
//! Values that differ from run to run are masked, as in `<now>` or `run:<run>` (see `masks.rs`). Ids and tokens are
//! numbered, and may be used in later cases: `"args": ["wait-step", "<j-1>"]`.
//!
//! # Adding and changing cases
//!
//! Leave out the expected result and run `GOLDEN_WRITE=1 cargo test --test golden`, which rewrites all fixtures. Then
//! read `git diff tests/golden`: a changed result needs a reason.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bucket;
mod core_dump;
mod difference;
mod fixture;
mod layout;
mod masks;
mod stage;

use fixture::{Case, Fixture, Found};
use harness::Tools;
use stage::Stage;

fn tools() -> Tools {
    Tools::beside(env!("CARGO_BIN_EXE_emr-sandbox"))
}

/// Asserts that each case of the fixture `name` has its expected result, or with `GOLDEN_WRITE` writes the results.
fn assert_golden(name: &str) {
    let fixture = Fixture::read(name);
    let Some(mut stage) = Stage::set(&fixture) else { return };
    let found: Vec<Found> = fixture.cases.iter().map(|case| stage.play(&fixture, case)).collect();
    if std::env::var_os("GOLDEN_WRITE").is_some() {
        return Fixture::write(name, &found);
    }
    let pairs = fixture.cases.iter().zip(&found);
    let wrong: Vec<String> = pairs.filter_map(|(case, found)| difference(case, found)).collect();
    assert!(wrong.is_empty(), "tests/golden/{name}.json: {}\n\n{}", fixture.about, wrong.join("\n"));
}

/// How the result of `case` differs from the expected one, if it does.
fn difference(case: &Case, found: &Found) -> Option<String> {
    let [expected, now] = [&case.expected(), found].map(|found| layout::layout(&found.to_json()));
    let lines = difference::lines(&expected, &now)?;
    Some(format!("{}\n{}\n{lines}", case.name, found.line))
}

#[test]
fn every_fixture_has_a_test() {
    let tests = include_str!("main.rs");
    for name in Fixture::names() {
        assert!(tests.contains(&format!("assert_golden(\"{name}\")")), "{name} has no test");
    }
}

#[test]
fn the_pool_hash_changes_with_the_same_options() {
    assert_golden("pool_options");
}

#[test]
fn the_pool_hash_changes_with_the_contents_of_bootstrap_files_and_not_with_their_paths() {
    assert_golden("pool_bootstrap");
}

#[test]
fn releases_and_ami_versions_keep_their_pool_hashes() {
    assert_golden("pool_versions");
}

#[test]
fn options_in_mrjob_conf_keep_their_pool_hashes() {
    assert_golden("pool_configured");
}

#[test]
fn pool_names_keep_their_encoding() {
    assert_golden("pool_names");
}

#[test]
fn pool_locks_keep_their_keys() {
    assert_golden("pool_locks");
}

#[test]
fn requests_for_job_flows_stay_the_same() {
    assert_golden("job_flow_requests");
}

#[test]
fn requests_for_steps_stay_the_same() {
    assert_golden("step_requests");
}

#[test]
fn uploads_keep_their_keys() {
    assert_golden("uploads");
}

#[test]
fn locks_keep_their_format() {
    assert_golden("locks");
}

#[test]
fn locks_that_are_written_today_can_be_read_later() {
    assert_golden("locks_of_today");
}

#[test]
fn claims_keep_their_format() {
    assert_golden("claims");
}

#[test]
fn records_of_job_flows_keep_their_keys() {
    assert_golden("job_flow_records");
}

#[test]
fn records_of_steps_keep_their_keys() {
    assert_golden("step_records");
}

#[test]
fn explanations_of_find_pool_keep_their_keys_and_checks() {
    assert_golden("explanations");
}

#[test]
fn misfits_keep_their_checks() {
    assert_golden("misfits");
}

#[test]
fn explanations_of_the_idle_sweep_keep_their_keys_and_classes() {
    assert_golden("idle");
}

#[test]
fn records_of_logs_and_causes_keep_their_keys() {
    assert_golden("logs");
}

#[test]
fn records_of_options_keep_their_keys() {
    assert_golden("options");
}

#[test]
fn records_of_nodes_and_core_dumps_keep_their_keys() {
    assert_golden("nodes");
}
