//! find-pool against the sandbox: who joins what, and what becomes of the claim.

mod account;
mod choosing;
mod fitting;
mod markets;
mod sharing;
mod vacancy;

/// The pool's options where a case names no other.
const POOL: [&str; 4] = ["--pool-name", "etl", "--s3-scratch-uri", "s3://bucket/scratch/"];
