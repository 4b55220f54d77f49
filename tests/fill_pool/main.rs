//! fill-pool against the sandbox: what it counts, what it starts, and what sweeps leave beside it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod account;
mod contest;
mod counting;
mod faults;
mod filling;
mod forgetting;
mod sweeping;
mod times;

/// The pool's options.
const POOL: [&str; 5] = ["--no-conf", "--pool-name", "etl", "--s3-scratch-uri", "s3://bucket/scratch/"];
