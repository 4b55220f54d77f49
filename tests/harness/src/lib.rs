//! What the end-to-end tests share: run a tool, start the sandbox or a server of others, run their clients.
//!
//! Cargo puts all executables into one folder and tells a test only where those of its own package are, so a test
//! names one of these (`env!("CARGO_BIN_EXE_…")`) and finds the others beside it.

mod clients;
mod contest;
mod endpoint;
mod exit_codes;
mod hosts;
mod run;
mod sandbox;
mod seaweed_fs;
mod server;
mod skip;
mod store;
mod story;
mod terminal;

pub use clients::{client, clients};
pub use contest::Contest;
pub use endpoint::Endpoint;
pub use hosts::Hosts;
pub use run::{Ran, Tools};
pub use sandbox::Sandbox;
pub use server::Server;
pub use skip::{leaves_core_dumps, skip};
pub use store::{Store, StoreAnswer, StoreRequest};
pub use story::{Hold, Story};
pub use terminal::Terminal;
