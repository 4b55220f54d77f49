//! Finds the probable cause of a failure in logs.
//!
//! Hadoop, Spark, Python, shells and EMR each report a failure in their own words, often several times, and the first
//! report is rarely the cause. A log may be large, so it is read once, line by line, and little of it is kept. A
//! finding has a [`Weight`]: a traceback outweighs the stack trace of the Java process that ran the program, which
//! outweighs its exit code. Of findings with equal weight in one log the last counts, because the fatal error comes
//! last.

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
