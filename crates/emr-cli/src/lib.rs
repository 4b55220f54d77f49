//! Meeting the user: options, pipes, progress, messages, exit codes.
//!
//! The only user of stdout, stderr, the terminal and this machine's clock.

pub mod account;
pub mod accounts;
mod choice;
pub mod clock;
mod completion;
mod conf;
mod conf_page;
pub mod effective;
mod encryption;
mod exit_codes;
mod failures;
mod generate;
mod help;
pub mod launch;
pub mod local_file;
pub mod logs;
pub mod manual;
mod messages;
mod option_record;
pub mod options;
mod options_page;
pub mod output;
pub mod owner;
pub mod pipe;
pub mod pool;
pub mod progress;
pub mod random;
mod run;
mod seen;
pub mod signal;
pub mod ssh;
mod table;
pub mod tag;
mod text;
mod upload;
pub mod wait;

pub use account::Account;
pub use accounts::{Accounts, Regions, Side, Sides};
pub use choice::Choice;
pub use effective::PrintConfig;
pub use encryption::Encryption;
pub use failures::Failures;
pub use launch::{Ending, Launch};
pub use messages::{announce, complain, detail, foretell, report, say, warn};
pub use options::{Group, Options};
pub use output::{Output, Printer};
pub use pool::Pooling;
pub use run::{VERSION, run, run_blocking};
pub use ssh::{NodeChoice, Ssh};
pub use text::{Text, pass_on};
pub use upload::upload;
