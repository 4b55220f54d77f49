//! Files of steps, in the shapes of EMR's API and of the AWS CLI.

use add_step::untrusted::steps;
use emr_core::model::cluster::ClusterState;
use emr_core::model::cluster::example::{cluster, detail};

use crate::input::text;

/// Runs the target.
pub fn run(input: &[u8]) {
    let mut cluster = detail(cluster("j-A", ClusterState::Waiting));
    for release in [None, Some("emr-7.14.0".to_owned())] {
        cluster.release_label = release;
        match steps(text(input).into_owned(), &cluster) {
            Ok(steps) => assert!(!steps.is_empty()),
            Err(error) => assert!(error.to_string().starts_with("steps.json"), "{error}"),
        }
    }
}
