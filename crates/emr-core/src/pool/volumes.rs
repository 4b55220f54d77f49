//! Compares EBS volumes, one by one in their order: an instance needs at least as many, each at least as large, as fast
//! and of as good a type.

use crate::model::instances::{Ebs, Volume};

/// Types of volumes for the same purpose, better ones later. Any other type matches only itself.
///
/// Source: <https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html>
const TYPES: [&str; 5] = ["standard", "gp2", "gp3", "io1", "io2"];

/// Whether the volumes `found` are at least as good as `wanted`.
pub(super) fn are_as_good(found: &Ebs, wanted: &Ebs) -> bool {
    let is_optimized = wanted.optimized != Some(true) || found.optimized == Some(true);
    let mut pairs = found.volumes.iter().zip(&wanted.volumes);
    is_optimized
        && found.volumes.len() >= wanted.volumes.len()
        && pairs.all(|(found, wanted)| is_as_good(found, wanted))
}

fn is_as_good(found: &Volume, wanted: &Volume) -> bool {
    is_type_as_good(&found.volume_type, &wanted.volume_type)
        && found.size_gib >= wanted.size_gib
        && found.iops.unwrap_or(0) >= wanted.iops.unwrap_or(0)
        && found.throughput.unwrap_or(0) >= wanted.throughput.unwrap_or(0)
}

fn is_type_as_good(found: &str, wanted: &str) -> bool {
    let place = |name| TYPES.iter().position(|known| *known == name);
    found == wanted || place(found).zip(place(wanted)).is_some_and(|(found, wanted)| found >= wanted)
}
