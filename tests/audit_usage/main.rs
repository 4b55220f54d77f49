//! audit-usage against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod account;
mod archive;
mod asked;
mod page;
mod parts;
mod regions;

const TOOL: &str = env!("CARGO_BIN_EXE_audit-usage");
