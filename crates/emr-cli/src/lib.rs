//! Meeting the user: options, pipes, progress, messages, exit codes.
//!
//! The only user of stdout, stderr, the terminal and this machine's clock.

pub mod account;
mod bootstrap;
pub mod clock;
pub mod effective;
mod encryption;
mod extra_parameters;
mod failures;
mod generate;
pub mod launch;
pub mod logs;
mod messages;
mod option_record;
pub mod output;
pub mod owner;
pub mod pipe;
pub mod pool;
pub mod progress;
pub mod random;
mod run;
mod self_termination;
pub mod setting;
pub mod signal;
mod software;
pub mod ssh;
pub mod tag;
mod text;
mod upload;

pub use account::Account;
pub use effective::PrintConfig;
pub use encryption::Encryption;
pub use failures::Failures;
pub use launch::Launch;
pub use messages::{complain, detail, report, say, warn};
pub use output::{Output, Printer};
pub use pool::Pooling;
pub use run::{run, run_blocking};
pub use ssh::{NodeChoice, Ssh};
pub use text::{Text, pass_on};
pub use upload::upload;
