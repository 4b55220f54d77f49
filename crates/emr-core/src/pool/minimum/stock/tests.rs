use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;

use super::*;
use crate::model::cluster::example;
use crate::model::instances::{InstanceGroup, Instances, Market, Role};
use crate::model::job_flow::Software;
use crate::model::run_id::RunId;
use crate::model::step::{self, StepState};
use crate::pool::Demand;

fn instances(core: u32) -> Instances {
    let group = |role, count| InstanceGroup::new(role, "m5.xlarge".to_owned(), count, Market::OnDemand);
    Instances::Groups(vec![group(Role::Master, 1), group(Role::Core, core)])
}

fn wanted() -> Wanted {
    let software = Software::Release { label: "emr-7.14.0".to_owned(), applications: Vec::new() };
    let demand = Demand::of(&instances(5));
    Wanted { min_idle: 2, at: Vec::new(), tz: "UTC".to_owned(), keep_s: 60, demand, software, vcpus: None }
}

fn name() -> PoolName {
    "etl".parse().unwrap()
}

/// What the Names of clusters with so many core instances say.
fn marker(core: u32) -> Marker {
    Marker {
        pool_name: name(),
        hash: PoolHash::from_digest(7),
        shape: shape::of(&instances(core)),
        step_concurrency: 1,
    }
}

/// A cluster of the pool that was started with so many core instances as the `run`th, and created so many minutes later.
fn cluster(id: &str, core: u32, run: u64, state: ClusterState) -> Cluster {
    marked(&marker(core), id, run, state)
}

/// The same with another marker.
fn marked(marker: &Marker, id: &str, run: u64, state: ClusterState) -> Cluster {
    let created_at =
        DateTime::from_timestamp(0, 0).map(|start| start + TimeDelta::minutes(i64::try_from(run).unwrap()));
    let name = RunId::from_random(run).name_with("nightly", &marker.write());
    Cluster { name, created_at, ..example::cluster(id, state) }
}

fn stock(clusters: Vec<Cluster>) -> Stock {
    Stock::new(&name(), &PoolHash::from_digest(7), clusters)
}

fn ids(stock: &Stock) -> Vec<&str> {
    stock.candidates.iter().map(|candidate| candidate.cluster.id.as_str()).collect()
}

/// What one in `state` counts as, with these steps and core instances.
fn counts(state: ClusterState, steps: &[StepState], core: u32, change: impl FnOnce(&mut Look)) -> Standing {
    let candidate = Candidate { cluster: cluster("j-A", 5, 1, state), is_copied: false };
    let steps = steps.iter().map(|state| step::example::step(state.clone())).collect();
    let detail = example::detail(candidate.cluster.clone());
    let mut look = Look { detail, steps, offer: Offer::of(&instances(core)), is_claimed: false };
    change(&mut look);
    standing(&wanted(), &candidate, &look, DateTime::UNIX_EPOCH + TimeDelta::hours(2))
}

#[test]
fn the_smallest_and_of_equals_the_oldest_come_first_and_those_that_start_last() {
    let clusters = vec![
        cluster("j-START", 5, 1, ClusterState::Starting),
        cluster("j-BIG", 9, 2, ClusterState::Waiting),
        cluster("j-YOUNG", 5, 4, ClusterState::Waiting),
        cluster("j-OLD", 5, 3, ClusterState::Waiting),
        cluster("j-BUSY", 5, 5, ClusterState::Running),
        cluster("j-ENDED", 5, 6, ClusterState::Terminating),
    ];
    let stock = stock(clusters);
    assert_eq!(ids(&stock), ["j-OLD", "j-YOUNG", "j-BIG", "j-START"]);
    assert_eq!(stock.in_pool, 5);
}

#[test]
fn one_of_unknown_size_comes_after_those_whose_size_is_known() {
    let unknown = Marker { shape: None, ..marker(5) };
    let clusters =
        vec![marked(&unknown, "j-UNKNOWN", 1, ClusterState::Waiting), cluster("j-BIG", 9, 2, ClusterState::Waiting)];
    assert_eq!(ids(&stock(clusters)), ["j-BIG", "j-UNKNOWN"]);
}

#[test]
fn those_that_start_or_run_bootstrap_actions_are_not_up_yet() {
    let states =
        [ClusterState::Starting, ClusterState::Bootstrapping, ClusterState::Waiting, ClusterState::Terminating];
    let clusters = states.into_iter().zip(1..).map(|(state, run)| cluster(&format!("j-{run}"), 5, run, state));
    assert_eq!(stock(clusters.collect()).starting(), 2);
}

#[test]
fn the_last_of_the_same_content_and_instances_that_came_up_counts() {
    let up = |marker: &Marker, run: u64, minute: i64| {
        let ready_at = Some(DateTime::UNIX_EPOCH + TimeDelta::minutes(minute));
        Cluster { ready_at, ..marked(marker, &format!("j-{run}"), run, ClusterState::Waiting) }
    };
    let of_other_content = Marker { hash: PoolHash::from_digest(8), ..marker(5) };
    let clusters = vec![
        up(&marker(5), 1, 20),
        up(&marker(5), 2, 30),
        up(&marker(5), 3, 10),
        up(&marker(9), 4, 40),
        up(&of_other_content, 5, 50),
    ];
    let came_up =
        |core| stock(clusters.clone()).came_up(&marker(core)).map(|at| (at - DateTime::UNIX_EPOCH).num_minutes());
    assert_eq!([5, 9, 4].map(came_up), [Some(30), Some(40), None]);
}

#[test]
fn clusters_of_other_content_fill_the_pool_and_do_not_count() {
    let other = Stock::new(&name(), &PoolHash::from_digest(8), vec![cluster("j-A", 5, 1, ClusterState::Waiting)]);
    assert_eq!((ids(&other).len(), other.in_pool), (0, 1));
    let another: PoolName = "web".parse().unwrap();
    let none = Stock::new(&another, &PoolHash::from_digest(7), vec![cluster("j-A", 5, 1, ClusterState::Waiting)]);
    assert_eq!((ids(&none).len(), none.in_pool), (0, 0));
}

#[test]
fn what_a_job_could_have_counts_and_what_works_or_is_claimed_does_not() {
    use ClusterState::{Bootstrapping, Running, Starting, Waiting};
    let same = |_: &mut Look| {};
    assert_eq!(counts(Waiting, &[], 5, same), Standing::Free);
    assert_eq!(counts(Waiting, &[StepState::Completed], 9, same), Standing::Free);
    assert_eq!(counts(Starting, &[], 5, same), Standing::Coming);
    assert_eq!(counts(Bootstrapping, &[], 5, same), Standing::Coming);
    assert_eq!(counts(Starting, &[StepState::Pending], 5, same), Standing::Taken, "it will work when it is up");
    assert_eq!(counts(Waiting, &[StepState::Pending], 5, same), Standing::Taken);
    assert_eq!(counts(Running, &[], 5, same), Standing::Taken);
    assert_eq!(counts(Running, &[StepState::Running], 5, |look| look.detail.step_concurrency = 2), Standing::Free);
    assert_eq!(counts(Waiting, &[], 4, same), Standing::Taken, "it is too small");
    assert_eq!(counts(Waiting, &[], 5, |look| look.detail.keep_alive = false), Standing::Taken);
    for state in [Waiting, Starting] {
        assert_eq!(counts(state, &[], 5, |look| look.is_claimed = true), Standing::Taken);
    }
    let lacks_one = |look: &mut Look| look.offer.lots[1].on_demand.running = Some(4);
    let up_for = |minutes: i64| {
        move |look: &mut Look| {
            lacks_one(look);
            look.detail.cluster.ready_at = Some(DateTime::UNIX_EPOCH + TimeDelta::minutes(120 - minutes));
        }
    };
    assert_eq!(counts(Waiting, &[], 5, up_for(10)), Standing::Coming, "EMR is about to provide the last");
    assert_eq!(counts(Waiting, &[], 5, up_for(60)), Standing::Taken, "it may never come");
}

#[test]
fn one_whose_software_has_run_all_the_steps_that_it_may_does_not_count() {
    let counts = |steps| {
        counts(ClusterState::Waiting, &[], 5, |look| {
            look.steps = vec![step::example::step(StepState::Completed); steps];
        })
    };
    assert_eq!([255, 256].map(counts), [Standing::Free, Standing::Taken]);
}

#[test]
fn a_clone_with_another_release_does_not_count() {
    let clones = vec![cluster("j-A", 5, 1, ClusterState::Waiting), cluster("j-B", 5, 1, ClusterState::Waiting)];
    let stock = stock(clones);
    assert!(stock.candidates.iter().all(|candidate| candidate.is_copied));
    for (label, expected) in [("emr-7.14.0", Standing::Free), ("emr-6.15.0", Standing::Taken)] {
        let mut detail = example::detail(stock.candidates[0].cluster.clone());
        detail.release_label = Some(label.to_owned());
        let look = Look { detail, steps: Vec::new(), offer: Offer::of(&instances(5)), is_claimed: false };
        assert_eq!(standing(&wanted(), &stock.candidates[0], &look, DateTime::UNIX_EPOCH), expected, "{label}");
    }
}

#[test]
fn a_pool_takes_no_more_than_it_may_have() {
    let table =
        [((2, 3, None), 2), ((2, 3, Some(5)), 2), ((2, 3, Some(4)), 1), ((2, 3, Some(3)), 0), ((2, 3, Some(1)), 0)];
    for ((missing, in_pool, most), expected) in table {
        assert_eq!(room(missing, in_pool, most), expected, "{missing} of {in_pool} with {most:?}");
    }
}

fn standings() -> impl Strategy<Value = Vec<Standing>> {
    let one = prop::sample::select(vec![Standing::Free, Standing::Coming, Standing::Taken]);
    prop::collection::vec(one, 0..12)
}

proptest! {
    /// Whatever there is: once what is missing has started and come up, the minimum is there, and none is too many.
    #[test]
    fn what_is_started_makes_up_for_what_is_missing(standings in standings(), min_idle in 0..8_u32) {
        let mut count = Count::default();
        for standing in &standings {
            count.add(*standing);
        }
        let missing = count.missing(min_idle);
        prop_assert!(count.free + count.coming + missing >= min_idle);
        prop_assert!(missing == 0 || count.free + count.coming + missing == min_idle);
    }

    /// Whatever there is: a sweep keeps the minimum, or all that are free if they are fewer.
    #[test]
    fn a_sweep_keeps_the_minimum_and_no_more(standings in standings(), min_idle in 0..8_u32) {
        let mut keep = Keep::new(min_idle);
        let kept = standings.iter().filter(|standing| keep.keeps(**standing)).count();
        let free = standings.iter().filter(|standing| **standing == Standing::Free).count();
        prop_assert_eq!(kept, free.min(min_idle as usize));
        prop_assert_eq!(keep.is_full(), kept == min_idle as usize);
    }

    /// The order in which EMR lists clusters does not matter, so two sweeps keep the same ones.
    #[test]
    fn the_order_does_not_depend_on_the_list(cores in prop::collection::vec(1..9_u32, 1..8), turn in 0..8_usize) {
        let clusters: Vec<_> = cores.iter().zip(0..).map(|(core, run)| {
            cluster(&format!("j-{run}"), *core, run / 2, ClusterState::Waiting)
        }).collect();
        let mut turned = clusters.clone();
        turned.rotate_left(turn % clusters.len());
        let (one, other) = (stock(clusters), stock(turned));
        prop_assert_eq!(ids(&one), ids(&other));
    }
}
