//! The sums of a group.

use super::{Part, Parts, Pooling};

/// What the job flows of a group come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Job flows of which something is in the group.
    pub job_flows: u64,
    /// Wall time of job flows, in seconds.
    pub wall: Parts,
    /// vCPU-seconds of those whose vCPUs are known.
    pub vcpu: Parts,
    /// Instance-seconds of the same job flows.
    pub instance_s: u128,
    /// Job flows whose vCPUs are not known.
    pub unsized_job_flows: u64,
    /// Cost in millionths of a dollar times seconds of an hour, where all prices are known.
    pub money: Parts,
    /// Job flows whose cost is not known.
    pub unpriced_job_flows: u64,
    /// EMR's own measure; `None` if it cannot be said of a group of this kind, or is not told.
    pub normalized_instance_hours: Option<u64>,
    /// Jobs and starts, of groups of whole job flows.
    pub pooling: Option<Pooling>,
}

impl Totals {
    /// Adds `other`, of another job flow.
    pub fn add(&mut self, other: &Self) {
        self.job_flows += other.job_flows;
        self.wall += other.wall;
        self.vcpu += other.vcpu;
        self.instance_s += other.instance_s;
        self.unsized_job_flows += other.unsized_job_flows;
        self.money += other.money;
        self.unpriced_job_flows += other.unpriced_job_flows;
        if let Some(hours) = other.normalized_instance_hours {
            let all = self.normalized_instance_hours.get_or_insert_default();
            *all = all.saturating_add(hours);
        }
        if let Some(pooling) = &other.pooling {
            self.pooling.get_or_insert_default().add(pooling);
        }
    }

    /// Whether the vCPUs of all are known. Where nobody has looked, they are those of Names at most, which is a guess: a
    /// job flow may have been resized.
    #[must_use]
    pub fn is_measured(&self) -> bool {
        self.unsized_job_flows == 0 && self.wall.get(Part::Unknown) == 0
    }

    /// How this is ranked among other groups: by waste in vCPU-hours, then in time.
    #[must_use]
    pub fn rank(&self) -> (u128, u128, u128, u128) {
        (self.vcpu.wasted(), self.wall.wasted(), self.vcpu.total(), self.wall.total())
    }
}
