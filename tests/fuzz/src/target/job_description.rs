//! What a job of mrjob says of itself.

use add_step::untrusted::job_description;

/// Runs the target.
pub fn run(input: &[u8]) {
    let _ = job_description(input);
}
