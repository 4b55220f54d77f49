//! The instance types that EMR supports.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value, json};

const TABLE: &str = include_str!("../../../emr-core/src/model/instance-types.tsv");

/// A row of the table, as its columns are named there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InstanceType {
    name: &'static str,
    vcpu: u32,
    memory_gb: f64,
    architecture: &'static str,
    storage_gb: u32,
    disks: u32,
}

static TYPES: LazyLock<BTreeMap<&str, InstanceType>> = LazyLock::new(|| {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(read).map(|row| (row.name, row)).collect()
});

fn read(row: &'static str) -> Option<InstanceType> {
    let mut columns = row.split('\t');
    Some(InstanceType {
        name: columns.next()?,
        vcpu: columns.next()?.parse().ok()?,
        memory_gb: columns.next()?.parse().ok()?,
        architecture: columns.next()?,
        storage_gb: columns.next()?.parse().ok()?,
        disks: columns.next()?.parse().ok()?,
    })
}

/// All types, in the order of their names.
pub(crate) fn all() -> Vec<InstanceType> {
    TYPES.values().copied().collect()
}

/// Whether clusters may have instances of this type. Clusters with an AMI version are of a time
/// whose types (`cc2.8xlarge`, `t1.micro`) no table lists any more, so for them the form decides.
pub(crate) fn is_supported(name: &str, has_ami_version: bool) -> bool {
    TYPES.contains_key(name)
        || (has_ami_version
            && name.split_once('.').is_some_and(|(family, size)| {
                is_word(family) && is_word(size) && family.ends_with(|c: char| c.is_ascii_digit())
            }))
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

impl InstanceType {
    /// An entry of the answer to `ListSupportedInstanceTypes`.
    pub(crate) fn describe(&self) -> Value {
        json!({
            "Type": self.name,
            "MemoryGB": self.memory_gb,
            "StorageGB": self.storage_gb,
            "VCPU": self.vcpu,
            "Is64BitsOnly": true,
            "InstanceFamilyId": self.name.split('.').next(),
            "EbsOptimizedAvailable": true,
            "EbsOptimizedByDefault": self.storage_gb == 0,
            "NumberOfDisks": self.disks,
            "EbsStorageOnly": self.storage_gb == 0,
            "Architecture": self.architecture,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        let rows = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(all().len(), rows);
    }

    #[test]
    fn types_of_old_are_for_clusters_of_old() {
        assert!(is_supported("m5.xlarge", false));
        assert!(!is_supported("t1.micro", false));
        assert!(is_supported("t1.micro", true));
        assert!(!is_supported("bogus", true));
    }
}
