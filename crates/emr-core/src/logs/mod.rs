//! Where logs are, what each is about, and which to read first.

mod folders;
mod ids;
mod order;
mod path;

pub use folders::{Folders, Generation, bootstrap, history, step, tasks};
pub use ids::{Attempt, JobNumber, find};
pub use order::{Group, grouped, hours, suspects};
pub use path::{Identity, Stream, Subject};
