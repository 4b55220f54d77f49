//! CPUs and memory of EMR's instance types, by which pools compare clusters.
//!
//! The table is EMR's answer to `ListSupportedInstanceTypes` for emr-7.14.0. A type outside the table is *unknown*, not
//! wrong: AWS adds types every month.

/// One instance type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InstanceType {
    /// The name, such as `m5.xlarge`.
    pub name: &'static str,
    /// Its virtual cores in YARN.
    pub vcpu: u32,
    /// Memory in GiB.
    pub memory_gib: f64,
    /// Whether it is an ARM (Graviton) type.
    pub arm: bool,
    /// Instance storage in GB; 0 with EBS volumes only.
    pub storage_gb: u32,
    /// Disks of that storage.
    pub disks: u32,
}

const TABLE: &str = include_str!("instance-types.tsv");

/// Types outside EMR's table: those of old clusters, and small ones that users of mrjob may request. The columns are
/// name, virtual CPUs, GiB, GB of storage, disks.
///
/// Source: EC2's lists of instance types, <https://aws.amazon.com/ec2/previous-generation/> and
/// <https://aws.amazon.com/ec2/instance-types/>
const OTHERS: [(&str, u32, f64, u32, u32); 16] = [
    ("c3.large", 2, 3.75, 32, 2),
    ("c5.large", 2, 4.0, 0, 0),
    ("cc1.4xlarge", 16, 22.5, 1680, 2),
    ("cc2.8xlarge", 32, 60.5, 3360, 4),
    ("cg1.4xlarge", 16, 22.5, 1680, 2),
    ("cr1.8xlarge", 32, 244.0, 240, 2),
    ("g2.2xlarge", 8, 15.0, 60, 1),
    ("g2.8xlarge", 32, 60.0, 240, 2),
    ("hi1.4xlarge", 16, 60.5, 2048, 2),
    ("hs1.8xlarge", 16, 117.0, 48_000, 24),
    ("m3.large", 2, 7.5, 32, 1),
    ("m3.medium", 1, 3.75, 4, 1),
    ("m5.large", 2, 8.0, 0, 0),
    ("r3.large", 2, 15.25, 32, 1),
    ("r4.large", 2, 15.25, 0, 0),
    ("t1.micro", 1, 0.613, 0, 0),
];

/// The types in EMR's table, sorted by name.
pub fn known() -> impl Iterator<Item = InstanceType> {
    TABLE.lines().filter_map(parse)
}

/// The type of this name, from EMR's table or the others.
#[must_use]
pub fn find(name: &str) -> Option<InstanceType> {
    let is_it = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with('\t'));
    TABLE.lines().find(is_it).and_then(parse).or_else(|| others().find(|other| other.name == name))
}

fn others() -> impl Iterator<Item = InstanceType> {
    OTHERS.into_iter().map(|(name, vcpu, memory_gib, storage_gb, disks)| InstanceType {
        name,
        vcpu,
        memory_gib,
        arm: false,
        storage_gb,
        disks,
    })
}

/// Whether `name` has the shape of an instance type: a family, a dot, a size, as in `m5.xlarge` or `u-6tb1.56xlarge`.
#[must_use]
pub fn is_well_formed(name: &str) -> bool {
    let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    name.split_once('.').is_some_and(|(family, size)| word(family) && word(size))
}

fn parse(line: &'static str) -> Option<InstanceType> {
    let mut column = line.split('\t');
    let name = column.next().filter(|name| !name.starts_with('#'))?;
    let vcpu = column.next()?.parse().ok()?;
    let memory_gib = column.next()?.parse().ok()?;
    let arm = column.next()? == "AARCH64";
    let storage_gb = column.next()?.parse().ok()?;
    let disks = column.next()?.parse().ok()?;
    Some(InstanceType { name, vcpu, memory_gib, arm, storage_gb, disks })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_parsed() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(known().count(), lines);
        assert!(lines > 700);
    }

    #[test]
    fn types_are_found_by_name() {
        let found = find("m5.xlarge").unwrap();
        assert_eq!((found.vcpu, found.arm), (4, false));
        assert!(find("m6g.xlarge").unwrap().arm);
        assert_eq!((find("m99.huge"), find("#"), find("")), (None, None, None));
    }

    #[test]
    fn the_other_types_are_not_in_the_table() {
        assert_eq!(find("cc2.8xlarge").map(|found| (found.vcpu, found.memory_gib)), Some((32, 60.5)));
        for other in others() {
            assert!(known().all(|today| today.name != other.name), "{} is in the table", other.name);
        }
    }

    #[test]
    fn the_shape_of_a_type_is_family_dot_size() {
        for good in ["m5.xlarge", "u-6tb1.56xlarge", "m99.huge", "c1.medium"] {
            assert!(is_well_formed(good), "{good}");
        }
        for bad in ["", "m5", "m5.", ".xlarge", "m5 .xlarge", "m5.x.y", "m5.xlarge,c5.xlarge"] {
            assert!(!is_well_formed(bad), "{bad}");
        }
    }
}
