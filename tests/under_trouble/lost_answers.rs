//! A store four in ten of whose answers never come: half of them because it never heard of the request.

use std::process::Command;
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use harness::{Contest, Passing, Proxy, Ran, Sandbox, Story};

use crate::{SCRATCH, pooled, tools, verdict};

const LOCKS: usize = 3;

/// Runs eight contenders for locks with this time to live, until so many `keys` were held again after the storm.
pub(crate) fn contest(
    seed: u64,
    ttl: u64,
    keys: usize,
    take: impl Fn(u64) -> Command + Sync,
    give_back: impl Fn() -> Command + Sync,
) -> Story {
    // The storm is long enough for leases of the dead to run out in it. What is not held again long after it is blocked.
    let storm = Duration::from_secs(ttl + 3);
    // A busy machine takes longer; only what waits for no key waits for all of it.
    let calm = Duration::from_secs(if keys == usize::MAX { ttl + 6 } else { ttl + 60 });
    let contest = Contest {
        take,
        give_back,
        excused: vec![69, 75],
        contenders: 8,
        holds: Duration::from_millis(300),
        storm,
        calm,
        keys,
    };
    let told = contest.run(seed);
    told.assert_exclusive();
    told
}

/// A proxy that loses a fifth of the requests, and a quarter of the answers to the rest.
fn losing(sandbox: &Sandbox, seed: u64) -> Proxy {
    let random = Mutex::new(fastrand::Rng::with_seed(seed));
    Proxy::start(sandbox.endpoint(), move |passing: &Passing| {
        let odds = if passing.status.is_none() { 5 } else { 4 };
        random.lock().unwrap().u8(..odds) != 0
    })
}

fn tool(sandbox: &Sandbox, proxy: &Proxy, name: &str, args: &[&str]) -> Command {
    let mut command = sandbox.tool(name);
    proxy.point(command.args(args));
    command
}

#[test]
fn no_two_hold_a_lock_of_a_store_that_loses_four_in_ten_answers() {
    let seed = fastrand::u64(..);
    let sandbox = Sandbox::start(&tools(), &[]);
    let proxy = losing(&sandbox, seed);
    let take = |random: u64| {
        let uri = format!("s3://bucket/locks/{}", random % LOCKS as u64);
        tool(&sandbox, &proxy, "s3-lock", &["acquire", "--nonblock", "--ttl", "2", &uri])
    };
    contest(seed, 2, LOCKS, take, || tool(&sandbox, &proxy, "s3-lock", &["release"])).assert_live(LOCKS);
    assert!(verdict(&sandbox)["unclear"].as_u64() > Some(3), "seed {seed}");
}

#[test]
fn no_two_claim_a_job_flow_by_a_store_that_loses_four_in_ten_answers() {
    let seed = fastrand::u64(..);
    let sandbox = Sandbox::start(&tools(), &[]);
    for _ in 0..LOCKS {
        let _ = pooled(&sandbox, "etl");
    }
    let proxy = losing(&sandbox, seed);
    let find = ["--pool-name", "etl", "--s3-scratch-uri", SCRATCH, "--ttl", "5"];
    let story = contest(
        seed,
        5,
        LOCKS,
        |_| tool(&sandbox, &proxy, "find-pool", &find),
        || tool(&sandbox, &proxy, "s3-lock", &["release"]),
    );
    assert!(story.holds.len() > 3, "{story:?}");
    assert!(verdict(&sandbox)["unclear"].as_u64() > Some(3), "seed {seed}");
}

#[test]
#[ignore = "waits for longer than the lease of a pool lasts; scripts/test --full runs it"]
fn a_fill_pool_whose_lock_is_not_renewed_for_a_minute_starts_nothing_and_the_next_does() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let first = OnceLock::<Instant>::new();
    // It locks the pool and proves the lock within seconds. What comes later are renewals.
    let proxy = Proxy::start(sandbox.endpoint(), move |passing: &Passing| {
        let is_of_lock = passing.operation.contains("/locks/pools/");
        !is_of_lock || first.get_or_init(Instant::now).elapsed() < Duration::from_secs(10)
    });
    let fill = ["--pool-name", "etl", "--s3-scratch-uri", SCRATCH, "--min-idle", "1"];
    let late = [&fill[..], &["--s3-sync-wait-time", "75"]].concat();
    Ran::of(&mut tool(&sandbox, &proxy, "fill-pool", &late)).fails(75, "the lock of the pool is lost");
    assert!(sandbox.requests("RunJobFlow").is_empty());
    assert_eq!(sandbox.run("fill-pool", &fill).ok().records().len(), 1);
    assert_eq!(verdict(&sandbox)["takeovers"], 1);
}
