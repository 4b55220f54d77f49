//! Meeting the user: options, pipes, progress, messages, exit codes.
//!
//! The only user of stdout, stderr, the terminal and this machine's clock.

pub mod account;
pub mod chance;
pub mod clock;
mod generate;
pub mod launch;
mod log;
pub mod output;
pub mod owner;
pub mod pipe;
pub mod pool;
pub mod progress;
mod run;
mod self_termination;
pub mod signal;
pub mod ssh;
pub mod tag;

pub use account::Account;
pub use launch::Launch;
pub use log::{complain, detail, say, warn};
pub use output::{Output, Printer};
pub use pool::Pooling;
pub use run::{run, run_blocking};
pub use ssh::{NodeChoice, Ssh};
