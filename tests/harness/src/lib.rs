//! What the end-to-end tests share: runs tools, and starts the sandbox, independent servers and clients.
//!
//! Cargo puts all executables into one folder, but tells a test only the paths of its own package. So a test passes one
//! of these paths (`env!("CARGO_BIN_EXE_…")`), and the other tools are found beside it.

mod clients;
mod contest;
mod endpoint;
mod exit_codes;
mod history;
mod hosts;
mod process;
mod proxy;
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
pub use process::Process;
pub use proxy::{Fate, Passing, Proxy, now, running_at};
pub use run::{Ran, Tools};
pub use sandbox::Sandbox;
pub use server::Server;
pub use skip::{leaves_core_dumps, skip};
pub use store::{Store, StoreAnswer, StoreRequest};
pub use story::{Hold, Story};
pub use terminal::Terminal;
