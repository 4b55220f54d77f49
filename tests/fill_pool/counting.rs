//! What counts as free.

use crate::account::{ids, waiting};

/// Asserts that, beside these job flows, as many are started as there are to be `missing` of `min_idle`.
#[track_caller]
fn lacks(flows: &[(&str, &str, u64)], options: &[&str], min_idle: &str, missing: usize) {
    let account = waiting(flows, &[]);
    let ran = account.fill(&[&["--min-idle", min_idle], options].concat()).ok();
    assert_eq!(ids(&ran).len(), missing, "{ran:?}");
}

#[test]
fn what_a_job_could_join_counts() {
    let four = ["--num-ec2-instances", "4"];
    lacks(&[("j-A", "--num-ec2-instances 4", 9), ("j-B", "--num-ec2-instances 9", 9)], &four, "2", 0);
    lacks(&[("j-A", "--num-ec2-instances 4", 9), ("j-SMALL", "--num-ec2-instances 3", 9)], &four, "2", 1);
    lacks(
        &[("j-A", "--num-ec2-instances 4", 9), ("j-SPARK", "--application Spark --num-ec2-instances 4", 9)],
        &four,
        "2",
        1,
    );
    lacks(&[("j-A", "--num-ec2-instances 4", 9), ("j-WEB", "--pool-name web --num-ec2-instances 4", 9)], &four, "1", 0);
}

#[test]
fn one_that_is_claimed_or_works_does_not_count() {
    let account = waiting(&[("j-A", "", 9), ("j-B", "", 9)], &[]);
    let claimed = account.claim(&[]);
    assert_eq!(ids(&account.fill(&["--min-idle", "2"]).ok()).len(), 1, "{claimed} is claimed");
    let other = if claimed == "j-A" { "j-B" } else { "j-A" };
    let _ = account.sandbox.shell_step(other, "sleep 60");
    assert_eq!(ids(&account.fill(&["--min-idle", "2"]).ok()).len(), 1, "{other} works");
}

#[test]
fn one_that_starts_for_a_job_does_not_count() {
    let account = waiting(&[], &["--provision-s", "600"]);
    let claimed = account.claim(&["--or-create"]);
    let ran = account.fill(&["--min-idle", "1"]).ok();
    assert_eq!(ids(&ran).len(), 1, "{claimed} is claimed: {ran:?}");
    let with_step = ids(&ran).pop_first().unwrap();
    let _ = account.sandbox.shell_step(&with_step, "true");
    assert_eq!(ids(&account.fill(&["--min-idle", "1"]).ok()).len(), 1, "{with_step} will work once it is up");
}
