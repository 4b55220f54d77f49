//! From the text of a log to the probable cause of a failure.
//!
//! Hadoop, Spark, Python, shells and EMR each say in words of their own why something failed, most of them say it
//! several times, and the first thing said is rarely the cause. A log is read line by line, once, and little of it is
//! kept. What is found has a [`Weight`]: a traceback outweighs the stack of the Java that ran the program, and that
//! outweighs its exit code. Of equal weights within a log the last is taken, because what is fatal is said last.

mod block;
mod evidence;
mod exception;
mod excerpt;
mod exit;
mod history;
mod job_flow;
mod job_flow_outcome;
mod line;
mod log4j;
mod needles;
mod phrases;
mod python;
mod reason;
mod scan;
#[cfg(test)]
mod tests;
mod text;
mod words;

pub use evidence::{Evidence, Finding, Weight};
pub use job_flow::{FailedBootstrap, failed_bootstrap_of, failure_of};
pub use job_flow_outcome::{Until, outcome, outcome_of_all};
pub use scan::Scan;
