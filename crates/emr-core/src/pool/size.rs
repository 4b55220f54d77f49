//! The size of a cluster for people: instances and virtual CPUs.

use super::{Lot, Offer, shape};
use crate::model::cluster::Cluster;
use crate::model::instance_type;
use crate::model::pool::Marker;
use crate::model::record::JobFlowRecord;

/// The size of a cluster when EMR has provided everything requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Its instances.
    pub instances: u32,
    /// Their virtual CPUs; `None` if a type is unknown.
    pub vcpus: Option<u32>,
}

impl Size {
    /// The size of `offer`. `None` if the number of a fleet's instances depends on EMR's choice of types.
    #[must_use]
    pub fn of(offer: &Offer) -> Option<Self> {
        let numbers: Option<Vec<u32>> = offer.lots.iter().map(instances).collect();
        let numbers = numbers?;
        let vcpus = offer.lots.iter().zip(&numbers).map(|(lot, number)| Some(number * vcpus_each(lot)?));
        Some(Self { instances: numbers.iter().sum(), vcpus: vcpus.sum() })
    }

    /// The size by the marker in a cluster's Name.
    #[must_use]
    pub fn of_name(cluster_name: &str) -> Option<Self> {
        Self::of(&shape::offer(&Marker::read(cluster_name)?.shape?)?)
    }
}

/// The record of `cluster`, with its size if its Name has one.
#[must_use]
pub fn record(cluster: Cluster) -> JobFlowRecord {
    let size = Size::of_name(&cluster.name);
    sized(cluster.into(), size)
}

/// Adds the size to `record`, if known.
#[must_use]
pub fn sized(record: JobFlowRecord, size: Option<Size>) -> JobFlowRecord {
    let (instances, vcpus) = (size.map(|size| size.instances), size.and_then(|size| size.vcpus));
    JobFlowRecord { instances, vcpus, ..record }
}

/// The number of instances of `lot`, if all of its kinds have the same weight.
fn instances(lot: &Lot) -> Option<u32> {
    let weight = lot.kinds.first()?.weight;
    let is_known = lot.kinds.iter().all(|kind| kind.weight == weight);
    // EMR rounds up: an instance may have more units than are left to provide.
    is_known.then(|| lot.on_demand.requested.div_ceil(weight.max(1)) + lot.spot.requested.div_ceil(weight.max(1)))
}

/// The virtual CPUs of an instance of `lot`, if all of its kinds have the same number.
fn vcpus_each(lot: &Lot) -> Option<u32> {
    let vcpus: Option<Vec<u32>> =
        lot.kinds.iter().map(|kind| instance_type::find(&kind.instance_type).map(|known| known.vcpu)).collect();
    let vcpus = vcpus?;
    vcpus.first().copied().filter(|first| vcpus.iter().all(|other| other == first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(shape: &str) -> Option<(u32, Option<u32>)> {
        Size::of(&shape::offer(shape).unwrap()).map(|size| (size.instances, size.vcpus))
    }

    #[test]
    fn the_size_is_what_was_requested() {
        assert_eq!(size("m1:m5.xlarge+c11:m5.xlarge"), Some((12, Some(48))));
        assert_eq!(size("m1:m5.xlarge+c2-3:m5.2xlarge@0.42"), Some((6, Some(44))));
        assert_eq!(size("m1:m5.xlarge+c9:m5.xlarge*4"), Some((4, Some(16))));
        assert_eq!(size("m1:m5.xlarge+c2:x9.huge"), Some((3, None)));
        assert_eq!(size("m1:m5.xlarge+c8:m5.xlarge*4/m5.2xlarge*8"), None);
    }
}
