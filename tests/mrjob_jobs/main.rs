//! mrjob's jobs run unchanged: what add-step makes of one gives the lines that mrjob itself gives on this machine.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod examples;
mod job;
mod refusals;
mod shipping;
mod spark;
mod steps;

use harness::Tools;

const TOOL: &str = env!("CARGO_BIN_EXE_add-step");

fn tools() -> Tools {
    Tools::beside(TOOL)
}
