//! The list of files on a node, as its `find` prints it.

use emr_core::logs::{Identity, grouped};
use emr_core::model::instance::example::node;
use emr_core::model::instances::Role;
use emr_logs::untrusted::files;

/// Runs the target.
pub fn run(input: &[u8]) {
    let files = files(&node(1, Role::Core), input);
    assert!(files.len() < input.split(|byte| *byte == 0).count());
    for file in &files {
        let _ = (Identity::of(file.place.path()), file.is_packed(), file.is_empty());
    }
    let number = files.len();
    assert!(grouped(files).iter().map(|group| group.logs.len()).sum::<usize>() <= number);
}
