//! fetch-logs against the sandbox, and against hosts that run sshd.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod account;
mod faults;
mod following;
mod job_flows;
mod listing;
mod nodes;
mod own_logs;
mod recorded;
mod streaming;

const TOOL: &str = env!("CARGO_BIN_EXE_fetch-logs");
