//! What was used and wasted: the life of each job flow in disjoint parts, and their sums by pool, owner, job and time.
//!
//! | part | lasts |
//! |---|---|
//! | starting | from created to ready; to the end if it was never ready |
//! | used | while a step runs that completed, or that runs now |
//! | failed | while a step runs that failed, was cancelled or interrupted, and none that counts as used |
//! | idle between | while no step runs, and one will |
//! | idle at the end | while no step runs, and none will |
//! | unknown | from ready to the end, of a job flow whose steps were not looked at |
//!
//! The parts of a job flow add up to its life, to the second, whatever EMR's times say: times that contradict one
//! another are cut to the life. Each second also belongs to one job: that of the step that runs, or else of the step
//! that ended last. Of several that run it is one that counts as used before a failed one, and then the one that began
//! first. The time before the first step belongs to the first job.
//!
//! [`JobFlow`] is what is known of one, as an archive keeps it. [`Reckoning`] cuts its life into [`Span`]s, [`Report`]
//! sums these up. Sums are integers (seconds, vCPU-seconds, millionths of a dollar), so their order does not matter.

mod group;
mod job;
mod job_flow;
mod life;
mod part;
mod pooling;
mod prices;
mod reckoning;
mod report;
mod time;
mod totals;
mod window;

#[cfg(test)]
mod tests;

pub use group::GroupBy;
pub use job::Job;
pub use job_flow::{Count, JobFlow, StepRun};
pub use life::{Life, Span};
pub use part::{Part, Parts};
pub use pooling::Pooling;
pub use prices::Prices;
pub use reckoning::{Reckoning, Size};
pub use report::Report;
pub use totals::Totals;
pub use window::Window;
