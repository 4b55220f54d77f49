//! Whether one instance type can replace another: the same architecture and at least the memory.
//!
//! CPUs are compared in total ([`misfits`](super::misfits)), by [`cpu_ratio`]. A type outside the table of
//! [`instance_type`] matches only itself, because its memory and CPUs are unknown. AWS adds types faster than these
//! tools are updated.

use super::obstacle::Obstacle;
use crate::model::instance_type;

/// Why an instance of type `found` cannot replace one of type `wanted`; `None` if it can.
pub(super) fn obstacle(found: &str, wanted: &str) -> Option<Obstacle> {
    if found == wanted {
        return None;
    }
    match instance_type::find(found).zip(instance_type::find(wanted)) {
        None => Some(Obstacle::InstanceType),
        Some((found, wanted)) if found.arm != wanted.arm => Some(Obstacle::Architecture),
        Some((found, wanted)) if found.memory_gib < wanted.memory_gib => Some(Obstacle::Memory),
        Some(_) => None,
    }
}

/// The CPUs of `found` divided by those of `wanted`; `None` if unknown.
pub(super) fn cpu_ratio(found: &str, wanted: &str) -> Option<f64> {
    if found == wanted {
        return Some(1.0);
    }
    let vcpu = |name: &str| instance_type::find(name).map(|known| f64::from(known.vcpu));
    Some(vcpu(found)? / vcpu(wanted)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_type_matches_only_itself() {
        assert_eq!(obstacle("x9.huge", "x9.huge"), None);
        assert_eq!(obstacle("x9.huge", "m5.xlarge"), Some(Obstacle::InstanceType));
        assert_eq!(obstacle("m5.xlarge", "x9.huge"), Some(Obstacle::InstanceType));
        assert_eq!((cpu_ratio("x9.huge", "x9.huge"), cpu_ratio("x9.huge", "m5.xlarge")), (Some(1.0), None));
    }

    #[test]
    fn a_known_type_matches_by_architecture_and_memory_alone() {
        assert_eq!(obstacle("m5.2xlarge", "m5.xlarge"), None);
        assert_eq!(obstacle("m4.xlarge", "m5.xlarge"), None, "both have 16 GiB");
        assert_eq!(obstacle("m5.xlarge", "m5.2xlarge"), Some(Obstacle::Memory));
        assert_eq!(obstacle("m6g.2xlarge", "m5.xlarge"), Some(Obstacle::Architecture));
        assert_eq!(cpu_ratio("m5.2xlarge", "m5.xlarge"), Some(2.0));
    }
}
