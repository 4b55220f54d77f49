//! find-pool against the sandbox: who joins what, and what becomes of the claim.

mod account;
mod choosing;
mod claiming;
mod configured;
mod costs;
mod creating;
mod explaining;
mod faults;
mod fitting;
mod interrupts;
mod markets;
mod setups;
mod sharing;
mod vacancy;
mod waiting;

/// The pool's options where a case names no other.
const POOL: [&str; 4] = ["--pool-name", "etl", "--s3-scratch-uri", "s3://bucket/scratch/"];

/// As much of it as find-pool, create-job-flow and a shell's line take.
const OPTIONS: &str = "--pool-name etl --s3-scratch-uri s3://bucket/scratch/";
