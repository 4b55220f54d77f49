//! The archive of `audit-usage`.

use std::collections::BTreeSet;
use std::fs;

use audit_usage::untrusted::{archive, archived};
use emr_core::model::cluster::ClusterState;
use emr_core::model::cluster::example::cluster;

use crate::input::in_file;

/// The job flow that is added.
const ADDED: &str = "j-ADDED";

/// Runs the target.
pub fn run(input: &[u8]) {
    in_file(input, |path| {
        let added = || archive(path, cluster(ADDED, ClusterState::Terminated));
        let Ok(ids) = archived(path) else {
            assert!(added().is_err() && fs::read(path).unwrap() == input, "another file is left as it is");
            return;
        };
        assert!(ids.len() < input.split(|byte| *byte == b'\n').count());
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "each is handed out once");
        added().unwrap();
        let again = archived(path).unwrap();
        let is_new = !ids.iter().any(|id| id == ADDED);
        assert!(again.starts_with(&ids) && again.len() == ids.len() + usize::from(is_new), "what was there stays");
    });
}
