//! fetch-output against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod breaking;
mod cutting;
mod failing;
mod keeping;
mod objects;
mod printing;
mod refusing;

const TOOL: &str = env!("CARGO_BIN_EXE_fetch-output");
