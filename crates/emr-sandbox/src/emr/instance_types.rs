//! The instance types that EMR supports, as `ListSupportedInstanceTypes` describes them.

use emr_core::model::instance_type::{self, InstanceType};
use serde_json::{Value, json};

use super::error::Error;

/// Whether clusters may have instances of this type. With an AMI version any well-formed name passes: no current table
/// lists the types of that time (`cc2.8xlarge`, `t1.micro`).
fn is_supported(name: &str, has_ami_version: bool) -> bool {
    instance_type::known().any(|known| known.name == name)
        || (has_ami_version
            && name.split_once('.').is_some_and(|(family, size)| {
                is_word(family) && is_word(size) && family.ends_with(|c: char| c.is_ascii_digit())
            }))
}

/// Refuses an unsupported type.
pub(crate) fn check(name: &str, has_ami_version: bool) -> Result<(), Error> {
    if is_supported(name, has_ami_version) {
        return Ok(());
    }
    Err(Error::validation(format!("Instance type '{name}' is not supported.")))
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// An entry of the answer to `ListSupportedInstanceTypes`.
pub(crate) fn describe(of: &InstanceType) -> Value {
    json!({
        "Type": of.name,
        "MemoryGB": of.memory_gib,
        "StorageGB": of.storage_gb,
        "VCPU": of.vcpu,
        "Is64BitsOnly": true,
        "InstanceFamilyId": of.name.split('.').next(),
        "EbsOptimizedAvailable": true,
        "EbsOptimizedByDefault": of.storage_gb == 0,
        "NumberOfDisks": of.disks,
        "EbsStorageOnly": of.storage_gb == 0,
        "Architecture": if of.arm { "AARCH64" } else { "X86_64" },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_types_are_for_clusters_with_an_ami_version() {
        assert!(is_supported("m5.xlarge", false));
        assert!(!is_supported("t1.micro", false));
        assert!(is_supported("t1.micro", true));
        assert!(!is_supported("bogus", true));
    }
}
