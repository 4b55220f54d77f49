//! Whether a job flow takes another job now.

use serde_json::json;

use crate::account::Account;

#[test]
fn only_those_that_wait_are_joined() {
    for state in ["STARTING", "BOOTSTRAPPING", "RUNNING"] {
        let account = Account::new().has("j-A", "").in_state(state).open();
        account.asked("").joins_none(&[("j-A", &["state"])]);
    }
    for state in ["TERMINATING", "TERMINATED", "TERMINATED_WITH_ERRORS"] {
        let account = Account::new().has("j-A", "").in_state(state).open();
        account.asked("").joins_none(&[]);
    }
}

#[test]
fn one_that_waits_with_steps_to_come_is_taken_already() {
    for state in ["PENDING", "RUNNING", "CANCEL_PENDING"] {
        let account = Account::new().has("j-A", "").with_steps(1, state).open();
        account.asked("").joins_none(&[("j-A", &["steps"])]);
    }
    for state in ["COMPLETED", "FAILED", "CANCELLED", "INTERRUPTED"] {
        let account = Account::new().has("j-A", "").with_steps(3, state).open();
        account.asked("").joins("j-A");
    }
}

#[test]
fn one_that_ends_with_its_steps_is_not_joined() {
    let account = Account::new().has("j-A", "").but(|cluster| cluster["Cluster"]["AutoTerminate"] = json!(true)).open();
    account.asked("").joins_none(&[("j-A", &["keep_alive"])]);
}

#[test]
fn who_runs_steps_side_by_side_is_joined_until_all_places_are_taken() {
    let has = |running: usize| {
        let account = Account::new().has("j-A", "--max-concurrent-steps 3").in_state("RUNNING");
        account.with_steps(running, "RUNNING").open()
    };
    has(2).asked("").joins("j-A");
    has(3).asked("").joins_none(&[("j-A", &["steps"])]);
}

#[test]
fn there_is_room_for_256_steps_that_are_not_over() {
    let account = Account::new().has("j-A", "--max-concurrent-steps 256").in_state("RUNNING");
    let account = account.with_steps(300, "COMPLETED").with_steps(250, "RUNNING").open();
    account.asked("--num-steps 6").joins("j-A");
    account.asked("--num-steps 7").joins_none(&[("j-A", &["step_limit"])]);
}

#[test]
fn today_steps_that_are_over_leave_room_for_others() {
    let account = Account::new().has("j-A", "").with_steps(256, "COMPLETED").open();
    account.asked("--num-steps 256").joins("j-A");
    account.asked("--num-steps 257").joins_none(&[("j-A", &["step_limit"])]);
}

#[test]
fn old_versions_have_256_steps_in_all_their_life() {
    for (version, is_old) in [("2.4.2", true), ("2.4.8", false), ("3.1.0", true), ("3.1.1", false)] {
        let ami = format!("--ami-version {version}");
        let account = Account::new().has("j-A", &ami).with_steps(250, "COMPLETED").open();
        account.asked(&format!("{ami} --num-steps 6")).joins("j-A");
        let seven = account.asked(&format!("{ami} --num-steps 7"));
        if is_old { seven.joins_none(&[("j-A", &["step_limit"])]) } else { seven.joins("j-A") }
    }
}

#[test]
fn the_next_best_is_taken_where_the_best_is_full_or_at_work() {
    let account = Account::new()
        .has("j-BEST", "--num-ec2-instances 9")
        .with_steps(1, "PENDING")
        .has("j-GOOD", "--num-ec2-instances 5")
        .has("j-SMALL", "--num-ec2-instances 2")
        .open();
    account.asked("--num-ec2-instances 3").joins("j-GOOD");
}
