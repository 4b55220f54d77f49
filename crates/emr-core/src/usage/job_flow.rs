//! What is known of a job flow, which is also what an archive keeps of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::time;
use crate::model::cluster::{Cluster, ClusterDetail, ClusterState};
use crate::model::id::JobFlowId;
use crate::model::owner;
use crate::model::pool::Marker;
use crate::model::step::{Step, StepState};
use crate::pool::{Lot, Membership, Offer, Units, shape};

/// What is known of one job flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobFlow {
    /// Its id.
    pub job_flow_id: JobFlowId,
    /// Its Name.
    pub name: String,
    /// Its state when it was looked at.
    pub state: ClusterState,
    /// When it was asked for.
    #[serde(with = "time", default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<DateTime<Utc>>,
    /// When it could first run steps.
    #[serde(with = "time", default, skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[serde(with = "time", default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// EMR's rough measure of its size and life. AWS says that it is no figure of a bill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normalized_instance_hours: Option<u64>,
    /// The region that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The pool that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool_name: Option<String>,
    /// Who started it, if Name or tags tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Its instances; `None` if they are unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instances: Option<Vec<Count>>,
    /// The steps that began, and those that may yet; `None` if nobody has looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<StepRun>>,
}

/// So many instances of one type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// The type, such as `m5.xlarge`.
    pub instance_type: String,
    /// How many.
    pub instances: u32,
}

/// A step that began, or may yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRun {
    /// Its Name.
    pub name: String,
    /// Its state when it was looked at.
    pub state: StepState,
    /// When it began.
    #[serde(with = "time", default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[serde(with = "time", default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
}

/// The owner's tag of mrjob 0.7.
const MRJOB_OWNER_TAG: &str = "__mrjob_owner";

/// How long after its end EMR may still change the steps of a job flow, in seconds.
const SETTLES_IN_S: i64 = 3600;

impl JobFlow {
    /// What a list of clusters tells: its steps are not known, and its instances only if its Name has their shape.
    #[must_use]
    pub fn listed(cluster: Cluster) -> Self {
        let is_up = is_up(&cluster.state);
        let shape = Marker::read(&cluster.name).and_then(|marker| marker.shape);
        Self {
            pool_name: Membership::of_name(&cluster.name).map(|membership| membership.pool_name),
            owner: owner::of_name(&Marker::without(&cluster.name)),
            instances: shape.and_then(|shape| shape::offer(&shape)).and_then(|offer| counts(&offer, is_up)),
            steps: None,
            job_flow_id: cluster.id,
            name: cluster.name,
            state: cluster.state,
            created_at: cluster.created_at,
            ready_at: cluster.ready_at,
            ended_at: cluster.ended_at,
            normalized_instance_hours: cluster.normalized_instance_hours,
            region: cluster.place.region,
        }
    }

    /// Adds what a look at it tells: its description, its instances and all of its steps.
    #[must_use]
    pub fn looked_at(self, detail: &ClusterDetail, offer: &Offer, steps: Vec<Step>) -> Self {
        let tag = |name: &str| detail.tags.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let of_tags = || Membership::of_tags(&detail.tags).map(|membership| membership.pool_name);
        let is_up = is_up(&detail.cluster.state);
        Self {
            pool_name: self.pool_name.or_else(of_tags),
            owner: self.owner.or_else(|| tag(MRJOB_OWNER_TAG)),
            instances: counts(offer, is_up).or(self.instances),
            steps: Some(steps.into_iter().filter_map(StepRun::of).collect()),
            // It may have gone on living since it was listed.
            state: detail.cluster.state.clone(),
            ready_at: detail.cluster.ready_at.or(self.ready_at),
            ended_at: detail.cluster.ended_at.or(self.ended_at),
            ..self
        }
    }

    /// Adds how many instances of each type it has, which a fleet of several types does not tell. None at all are unknown.
    #[must_use]
    pub fn with_types(self, types: impl IntoIterator<Item = (String, u32)>) -> Self {
        let counts = types.into_iter().map(|(instance_type, instances)| Count { instance_type, instances });
        let counts: Vec<_> = counts.collect();
        Self { instances: Some(counts).filter(|counts| !counts.is_empty()), ..self }
    }

    /// Whether nothing of it will change any more, so that it may be kept and never asked for again.
    #[must_use]
    pub fn is_final(&self, now: DateTime<Utc>) -> bool {
        let is_gone = matches!(self.state, ClusterState::Terminated | ClusterState::TerminatedWithErrors);
        let Some(steps) = &self.steps else { return false };
        let has_settled = steps.iter().all(|step| step.ended_at.is_some())
            || self.ended_at.is_some_and(|end| (now - end).num_seconds() > SETTLES_IN_S);
        is_gone && self.ended_at.is_some() && has_settled
    }

    /// What it may have cost, for ranking only: EMR's own measure, or else hours times instances.
    #[must_use]
    pub fn stake(&self, life_s: u128) -> u128 {
        let instances = self.instances.iter().flatten().map(|count| u128::from(count.instances)).sum::<u128>();
        match self.normalized_instance_hours {
            Some(hours) if hours > 0 => u128::from(hours) * 3600,
            _ => life_s * instances.max(1),
        }
    }
}

impl StepRun {
    /// What counts of `step`; `None` if it never began and never will. What waits keeps its job flow from being final.
    fn of(step: Step) -> Option<Self> {
        let counts = step.started_at.is_some() || !step.state.has_ended();
        counts.then_some(Self {
            name: step.name,
            state: step.state,
            started_at: step.started_at,
            ended_at: step.ended_at,
        })
    }
}

/// Whether what runs of a job flow in this `state` is its size: what starts does not run yet, and what ends no more.
fn is_up(state: &ClusterState) -> bool {
    !state.has_ended() && !matches!(state, ClusterState::Starting | ClusterState::Bootstrapping)
}

/// The instances of `offer`: those that run while it `is_up`, else those that were requested. `None` if there are none,
/// or if a fleet may have become several types: EMR's lists of fleets do not tell how many of each.
fn counts(offer: &Offer, is_up: bool) -> Option<Vec<Count>> {
    let units = |units: Units| if is_up { units.count() } else { units.requested };
    let count = |lot: &Lot| {
        let [kind] = lot.kinds.as_slice() else { return None };
        let weight = kind.weight.max(1);
        // EMR rounds up: an instance may weigh more than what is left to provide.
        let instances = units(lot.on_demand).div_ceil(weight).saturating_add(units(lot.spot).div_ceil(weight));
        Some(Count { instance_type: kind.instance_type.clone(), instances })
    };
    let has_any = |lot: &&Lot| units(lot.on_demand) > 0 || units(lot.spot) > 0;
    let counts: Option<Vec<_>> = offer.lots.iter().filter(has_any).map(count).collect();
    counts.filter(|counts| !counts.is_empty())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::model::cluster::example::{cluster, detail};
    use crate::model::instances::{Ebs, Market, Role};
    use crate::model::step::example::step;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn group(role: Role, requested: u32, running: u32) -> Lot {
        let units = Units { requested, running: Some(running) };
        Lot::group(role, "m5.xlarge".to_owned(), &Market::OnDemand, Ebs::default(), units)
    }

    /// What is known of a cluster in this `state` after a look at it.
    fn looked_at(state: ClusterState, name: &str, lots: Vec<Lot>, steps: Vec<Step>) -> JobFlow {
        let cluster = Cluster { name: name.to_owned(), ended_at: Some(at(100)), ..cluster("j-A", state) };
        let mut detail = detail(cluster.clone());
        detail.tags =
            vec![("__mrjob_pool_name".to_owned(), "p".to_owned()), ("__mrjob_owner".to_owned(), "o".to_owned())];
        JobFlow::listed(cluster).looked_at(&detail, &Offer { lots }, steps)
    }

    #[test]
    fn the_name_goes_before_the_tags_and_what_emr_has_before_the_name() {
        let name = "job-flow.ann pool:etl,0123456789abcdef,m1:m5.xlarge+c3:c5.xlarge run:0123456789ab";
        let count = |instance_type: &str, instances| Count { instance_type: instance_type.to_owned(), instances };
        let listed = JobFlow::listed(Cluster { name: name.to_owned(), ..cluster("j-A", ClusterState::Waiting) });
        assert_eq!((listed.pool_name.as_deref(), listed.owner.as_deref()), (Some("etl"), Some("ann")));
        assert_eq!(listed.instances, Some(vec![count("m5.xlarge", 1), count("c5.xlarge", 3)]));
        let lots = || vec![group(Role::Master, 1, 1), group(Role::Core, 5, 2), group(Role::Task, 4, 0)];
        let alive = looked_at(ClusterState::Waiting, name, lots(), Vec::new());
        let all = |flow: &JobFlow| flow.instances.iter().flatten().map(|count| count.instances).collect::<Vec<_>>();
        assert_eq!(
            (alive.pool_name.as_deref(), alive.owner.as_deref(), all(&alive)),
            (Some("etl"), Some("ann"), vec![1, 2])
        );
        let ended = looked_at(ClusterState::Terminated, "night", lots(), Vec::new());
        assert_eq!(
            (ended.pool_name.as_deref(), ended.owner.as_deref(), all(&ended)),
            (Some("p"), Some("o"), vec![1, 5, 4])
        );
    }

    #[test]
    fn what_starts_has_the_size_that_was_requested_and_nothing_is_no_size() {
        let of = |state, running| looked_at(state, "x", vec![group(Role::Core, 5, running)], Vec::new()).instances;
        let five = Some(vec![Count { instance_type: "m5.xlarge".to_owned(), instances: 5 }]);
        assert_eq!([of(ClusterState::Starting, 0), of(ClusterState::Bootstrapping, 3)], [five.clone(), five.clone()]);
        assert_eq!([of(ClusterState::Terminating, 1), of(ClusterState::Waiting, 0)], [five, None]);
    }

    #[test]
    fn what_may_still_change_is_not_final() {
        let ran =
            |end: Option<i64>| Step { started_at: Some(at(10)), ended_at: end.map(at), ..step(StepState::Running) };
        let is_final =
            |state: ClusterState, steps: Vec<Step>, now| looked_at(state, "x", Vec::new(), steps).is_final(at(now));
        assert!(is_final(ClusterState::Terminated, vec![ran(Some(90)), step(StepState::Cancelled)], 101));
        assert!(!is_final(ClusterState::Terminated, vec![ran(None)], 101), "EMR has not caught up");
        assert!(!is_final(ClusterState::Terminated, vec![step(StepState::Pending)], 101), "it may have run");
        assert!(is_final(ClusterState::TerminatedWithErrors, vec![ran(None)], 3701), "nor will it");
        assert!(!is_final(ClusterState::Terminating, Vec::new(), 5000));
        let listed = JobFlow::listed(Cluster { ended_at: Some(at(100)), ..cluster("j-A", ClusterState::Terminated) });
        assert!(!listed.is_final(at(5000)), "nobody has looked at its steps");
    }

    #[test]
    fn what_may_have_cost_most_is_what_emr_says_or_else_hours_times_instances() {
        let hours = |hours| Cluster { normalized_instance_hours: Some(hours), ..cluster("j-A", ClusterState::Waiting) };
        assert_eq!(JobFlow::listed(hours(7)).stake(10), 7 * 3600);
        assert_eq!(JobFlow::listed(hours(0)).stake(10), 10);
    }
}
