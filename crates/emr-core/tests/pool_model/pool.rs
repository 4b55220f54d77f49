//! The clusters of the model, and what the shipped rules say of them.

use chrono::DateTime;
use emr_core::model::cluster::{Cluster, ClusterDetail, ClusterState, Traits};
use emr_core::model::instances::{InstanceGroup, Instances, Market, Role};
use emr_core::model::job_flow::Software;
use emr_core::model::place::Place;
use emr_core::model::pool::{Marker, PoolHash, PoolName};
use emr_core::model::run_id::RunId;
use emr_core::pool::minimum::Wanted;
use emr_core::pool::minimum::stock::{Candidate, Look, Standing, Stock, standing};
use emr_core::pool::{Demand, Offer, shape};

/// A cluster of the model.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Member {
    pub(crate) state: State,
    /// Whether a job has it, or will have it once it is up.
    pub(crate) is_claimed: bool,
    /// Whether EMR lists it.
    pub(crate) is_listed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum State {
    Starting,
    Up,
    Ended,
}

impl Member {
    pub(crate) fn new(state: State, is_listed: bool) -> Self {
        Self { state, is_claimed: false, is_listed }
    }

    /// Whether a job could have it, now or later.
    pub(crate) fn counts(&self) -> bool {
        self.state != State::Ended && !self.is_claimed
    }

    pub(crate) fn is_free(&self) -> bool {
        self.state == State::Up && !self.is_claimed
    }
}

fn instances(number: usize) -> Instances {
    let group = |role, count| InstanceGroup::new(role, "m5.xlarge".to_owned(), count, Market::OnDemand);
    // Some are larger than others, so that the order of the rules is not that of the list.
    Instances::Groups(vec![group(Role::Master, 1), group(Role::Core, 3 - u32::from(number % 2 == 1))])
}

pub(crate) fn wanted(min_idle: u32) -> Wanted {
    let software = Software::Release { label: "emr-7.14.0".to_owned(), applications: Vec::new() };
    let demand = Demand::of(&instances(1));
    Wanted { min_idle, at: Vec::new(), tz: "UTC".to_owned(), keep_s: 60, demand, software, vcpus: None }
}

fn cluster(number: usize, member: &Member) -> Cluster {
    let pool_name: PoolName = "etl".parse().expect("a name");
    let shape = shape::of(&instances(number));
    let marker = Marker { pool_name, hash: PoolHash::from_digest(7), shape, step_concurrency: 1 };
    Cluster {
        id: format!("j-{number}").parse().expect("an id"),
        name: RunId::from_random(number as u64).name_with("model", &marker.write()),
        state: match member.state {
            State::Starting => ClusterState::Starting,
            State::Up => ClusterState::Waiting,
            State::Ended => ClusterState::Terminated,
        },
        reason_code: None,
        reason: None,
        error_details: Vec::new(),
        created_at: DateTime::from_timestamp(0, 0),
        ready_at: None,
        ended_at: None,
        normalized_instance_hours: None,
        place: Place::default(),
    }
}

fn detail(cluster: Cluster) -> ClusterDetail {
    ClusterDetail {
        cluster,
        release_label: Some("emr-7.14.0".to_owned()),
        ami_version: None,
        log_uri: None,
        step_concurrency: 1,
        termination_protected: false,
        keep_alive: true,
        has_fleets: false,
        has_sessions: false,
        traits: Traits::default(),
        tags: Vec::new(),
        master_dns: None,
    }
}

/// The numbers of the listed `members` that may count, in the order of the rules.
pub(crate) fn listed(members: &[Member]) -> Vec<usize> {
    let clusters = members.iter().enumerate().filter(|(_, member)| member.is_listed);
    let clusters = clusters.map(|(number, member)| cluster(number, member)).collect();
    let stock = Stock::new(&"etl".parse().expect("a name"), &PoolHash::from_digest(7), clusters);
    let number = |candidate: &Candidate| candidate.cluster.id.as_str()[2..].parse().expect("a number");
    stock.candidates.iter().map(number).collect()
}

/// What the cluster of this `number` counts as.
pub(crate) fn standing_of(number: usize, member: &Member) -> Standing {
    let candidate = Candidate { cluster: cluster(number, member), is_copied: false };
    let look = Look {
        detail: detail(candidate.cluster.clone()),
        steps: Vec::new(),
        offer: Offer::of(&instances(number)),
        is_claimed: member.is_claimed,
    };
    standing(&wanted(1), &candidate, &look, DateTime::UNIX_EPOCH)
}
