//! What a search costs: requests to AWS.

use serde_json::json;

use crate::account::{Account, Open};

/// The operations of a search, and how often each was asked for since `account` was opened.
const OPERATIONS: [&str; 7] =
    ["ListClusters", "DescribeCluster", "ListSteps", "ListInstanceGroups", "GetObject", "PutObject", "ListObjectsV2"];

fn asked(account: &Open) -> [usize; 7] {
    OPERATIONS.map(|operation| account.sandbox.requests(operation).len())
}

/// What the requests of `work` were.
fn cost(account: &Open, work: impl FnOnce()) -> [usize; 7] {
    let before = asked(account);
    work();
    let after = asked(account);
    std::array::from_fn(|place| after[place] - before[place])
}

/// So many job flows of `options` that wait, each with a Name of its own.
fn many(count: usize, options: &str) -> Account {
    let account = Account::new().has("j-000", options);
    let first = account.name();
    let first = first.as_str().expect("a Name is text").to_owned();
    let (name, _) = first.rsplit_once(" run:").expect("it ends in a run id");
    let (account, name) = (account, name.to_owned());
    (1..count).fold(account, |account, number| {
        let copy = json!(format!("{name} run:{number:012}"));
        account.again(&format!("j-{number:03}")).but(|cluster| cluster["Cluster"]["Name"] = copy)
    })
}

#[test]
fn the_best_of_a_few_costs_one_list_three_looks_and_the_lock() {
    let account = Account::new().has("j-A", "").has("j-B", "").open();
    let record = account.asked("").find(&[]).ok().record();
    account.give_back(&record);
    let again = cost(&account, || account.give_back(&account.asked("").find(&[]).ok().record()));
    // The lock is read and written to claim, and once more each to give it back.
    assert_eq!(again, [1, 1, 1, 1, 2, 2, 0], "{OPERATIONS:?}");
}

#[test]
fn the_first_of_two_hundred_costs_the_pages_of_the_list_and_no_more() {
    let account = many(200, "--num-ec2-instances 3").open();
    account.give_back(&account.asked("").find(&[]).ok().record());
    let again = cost(&account, || account.give_back(&account.asked("").find(&[]).ok().record()));
    assert_eq!(again, [4, 1, 1, 1, 2, 2, 0], "{OPERATIONS:?}");
}

#[test]
fn those_that_are_claimed_cost_a_list_of_the_locks_and_not_a_look_each() {
    let account = many(200, "--num-ec2-instances 3").open();
    let lock = r#"acquire --nonblock --ttl 600 -q "s3://bucket/scratch/locks/job-flows/j-$n" >/dev/null"#;
    let _ = account.shell(&format!("for n in $(seq -w 000 059); do s3-lock {lock} || exit; done")).ok();
    let found = cost(&account, || {
        let ran = account.asked("").find(&["--ttl", "600"]).ok();
        assert_eq!(ran.record()["job_flow_id"], "j-060");
    });
    assert_eq!(found[..4], [4, 1, 1, 1], "{OPERATIONS:?}: {found:?}");
    let on_s3: usize = found[4..].iter().sum();
    assert!(on_s3 < 10, "{OPERATIONS:?}: {found:?}");
}

#[test]
fn those_that_are_too_small_cost_a_few_looks_in_all() {
    let account = many(199, "--num-ec2-instances 3").has("j-BIG", "--num-ec2-instances 20").open();
    let found = cost(&account, || {
        let ran = account.asked("--num-ec2-instances 20").find(&[]).ok();
        assert_eq!(ran.record()["job_flow_id"], "j-BIG");
    });
    assert_eq!(found[..4], [4, 1, 1, 1], "{OPERATIONS:?}: {found:?}");
    let none = cost(&account, || {
        let ran = account.asked("--num-ec2-instances 21").find(&[]);
        assert_eq!(ran.code, Some(1));
    });
    assert_eq!((none[0], none[1], none[2], none[5]), (4, 0, 0, 0), "{OPERATIONS:?}: {none:?}");
    assert!(none[3] < 10, "{OPERATIONS:?}: {none:?}");
}
