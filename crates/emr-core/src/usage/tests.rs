//! The parts of lives, against a reckoning second by second.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::*;
use crate::model::cluster::ClusterState;
use crate::model::step::StepState;

const NOW: i64 = 100;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn job_flow(state: ClusterState, times: [Option<i64>; 3], steps: Vec<StepRun>) -> JobFlow {
    let [created_at, ready_at, ended_at] = times.map(|time| time.map(at));
    JobFlow {
        job_flow_id: "j-A".parse().unwrap(),
        name: "etl".to_owned(),
        state,
        created_at,
        ready_at,
        ended_at,
        normalized_instance_hours: Some(7),
        region: None,
        pool_name: Some("etl".to_owned()),
        owner: None,
        instances: Some(vec![
            Count { instance_type: "m5.xlarge".to_owned(), instances: 1 },
            Count { instance_type: "m5.2xlarge".to_owned(), instances: 2 },
        ]),
        steps: Some(steps),
    }
}

fn step(name: &str, state: StepState, from: i64, to: Option<i64>) -> StepRun {
    StepRun { name: name.to_owned(), state, started_at: Some(at(from)), ended_at: to.map(at) }
}

/// The parts of `job_flow`, by looking at each second alone.
fn by_seconds(job_flow: &JobFlow) -> [u128; 6] {
    let second = |time: Option<DateTime<Utc>>| time.map(|time| time.timestamp());
    let created = second(job_flow.created_at).unwrap();
    let end = second(job_flow.ended_at).unwrap_or(NOW);
    let ready = second(job_flow.ready_at).unwrap_or(i64::MAX);
    let runs: Vec<(bool, i64, i64)> = job_flow
        .steps
        .iter()
        .flatten()
        .filter_map(|step| {
            let fails = matches!(step.state, StepState::Failed | StepState::Cancelled | StepState::Interrupted);
            let to = match step.state {
                StepState::Running => Some(second(step.ended_at).unwrap_or(end)),
                StepState::Completed => second(step.ended_at),
                _ if fails => second(step.ended_at),
                _ => None,
            };
            let from = second(step.started_at)?;
            to.filter(|to| *to > from).map(|to| (fails, from, to))
        })
        .collect();
    let mut parts = [0; 6];
    for now in created..end {
        let runs_now = |fails: bool| runs.iter().any(|run| run.0 == fails && run.1 <= now && now < run.2);
        let will_run = runs.iter().any(|run| run.1 > now && run.1 < end && run.2 > ready);
        let part = if now < ready {
            Part::Starting
        } else if runs_now(false) {
            Part::Used
        } else if runs_now(true) {
            Part::Failed
        } else if will_run {
            Part::IdleBetween
        } else {
            Part::IdleAtEnd
        };
        parts[part as usize] += 1;
    }
    parts
}

fn parts(job_flow: &JobFlow) -> [u128; 6] {
    let reckoning = Reckoning::of(job_flow, at(NOW), Window::default(), None, |_| Some(4));
    let parts = reckoning.map(|reckoning| reckoning.parts).unwrap_or_default();
    Part::ALL.map(|part| parts.get(part))
}

fn any_step() -> impl Strategy<Value = StepRun> {
    let state = prop::sample::select(StepState::NAMES.map(|name| StepState::from(name.to_owned())).to_vec());
    let name = prop::sample::select(vec!["a", "b: Step 1 of 2 run:0123456789ab", "c"]);
    (name, state, 0_i64..120, prop::option::weighted(0.9, 0_i64..120))
        .prop_filter_map("moments are in a test of their own", |(name, state, from, to)| {
            (to != Some(from)).then(|| step(name, state, from, to))
        })
}

fn any_job_flow() -> impl Strategy<Value = JobFlow> {
    let times = (0_i64..110, prop::option::weighted(0.8, 0_i64..110), prop::option::weighted(0.7, 0_i64..110));
    let steps = prop::collection::vec(any_step(), 0..8);
    (times, steps).prop_map(|((created, ready, ended), steps)| {
        let state = if ended.is_some() { ClusterState::Terminated } else { ClusterState::Waiting };
        job_flow(state, [Some(created), ready, ended], steps)
    })
}

fn sums(job_flows: &[JobFlow]) -> (Totals, Vec<(GroupBy, Option<String>, Totals)>) {
    let all = GroupBy::NAMES.map(|name| name.parse().unwrap());
    let mut report = Report::new(Window::default(), None, &all);
    for job_flow in job_flows {
        report.add(job_flow, at(NOW));
    }
    let groups = report.groups().map(|(by, name, totals)| (by, name, totals.clone()));
    let mut groups: Vec<_> = groups.collect();
    groups.sort_by_key(|(by, name, _)| (*by as usize, name.clone()));
    (report.total().clone(), groups)
}

/// The sums of a group: all but its starts, then its jobs, and how many starts and seconds these saved.
type Told = (Totals, Option<(u64, i64, Option<i64>)>);

/// Sums as one can tell them apart: of how long each start took, the median.
fn told((total, groups): (Totals, Vec<(GroupBy, Option<String>, Totals)>)) -> Vec<Told> {
    let told = |totals: Totals| {
        let pooling = totals.pooling.as_ref();
        let pooling = pooling.map(|pooling| (pooling.jobs, pooling.bootstraps_saved(), pooling.saved_s()));
        (Totals { pooling: None, ..totals }, pooling)
    };
    groups.into_iter().map(|(.., totals)| totals).chain([total]).map(told).collect()
}

proptest! {
    #[test]
    fn the_parts_are_those_that_each_second_alone_tells(job_flow in any_job_flow()) {
        prop_assert_eq!(parts(&job_flow), by_seconds(&job_flow));
    }

    #[test]
    fn the_parts_add_up_to_the_life_and_spans_have_no_gaps(job_flow in any_job_flow()) {
        let life = Life::of(&job_flow, at(NOW)).unwrap();
        let spans = life.spans(&job_flow);
        let total: u128 = spans.iter().map(Span::seconds).sum();
        prop_assert_eq!(total, u128::try_from(life.end - life.created).unwrap());
        prop_assert!(spans.windows(2).all(|two| two[0].to == two[1].from));
        prop_assert_eq!(parts(&job_flow).iter().sum::<u128>(), total);
    }

    #[test]
    fn the_order_of_input_does_not_matter(
        job_flows in prop::collection::vec(any_job_flow(), 1..6),
        turn in any::<prop::sample::Index>(),
    ) {
        let mut others = job_flows.clone();
        others.rotate_left(turn.index(job_flows.len()));
        for job_flow in &mut others {
            job_flow.steps.as_mut().unwrap().reverse();
        }
        prop_assert_eq!(told(sums(&others)), told(sums(&job_flows)));
    }

    #[test]
    fn every_grouping_but_that_by_type_adds_up_to_all(job_flows in prop::collection::vec(any_job_flow(), 1..6)) {
        let (total, groups) = sums(&job_flows);
        let mut walls = BTreeMap::<&str, (Parts, Parts)>::new();
        for (by, _, totals) in &groups {
            let sums = walls.entry(by.as_str()).or_default();
            sums.0 += totals.wall;
            sums.1 += totals.vcpu;
        }
        for (by, (wall, vcpu)) in walls {
            prop_assert!(by == "instance_type" || wall == total.wall, "{} {:?}", by, wall);
            prop_assert_eq!(vcpu, total.vcpu, "{}", by);
        }
    }

    #[test]
    fn windows_that_follow_one_another_add_up(job_flow in any_job_flow(), middle in 0_i64..120) {
        let in_window = |since, until| {
            let window = Window { since, until };
            Reckoning::of(&job_flow, at(NOW), window, None, |_| None).map(|one| one.parts).unwrap_or_default()
        };
        let mut both = in_window(None, Some(at(middle)));
        both += in_window(Some(at(middle)), None);
        prop_assert_eq!(both, in_window(None, None));
    }

    #[test]
    fn an_archive_tells_the_same_again(job_flow in any_job_flow()) {
        let line = serde_json::to_string(&job_flow).unwrap();
        prop_assert_eq!(serde_json::from_str::<JobFlow>(&line).unwrap(), job_flow);
    }
}

#[test]
fn steps_that_overlap_count_once_and_failed_ones_only_where_nothing_else_runs() {
    let steps = vec![
        step("a", StepState::Completed, 20, Some(40)),
        step("b", StepState::Completed, 30, Some(50)),
        step("c", StepState::Failed, 45, Some(60)),
        step("d", StepState::Running, 80, None),
    ];
    let alive = job_flow(ClusterState::Running, [Some(0), Some(10), None], steps);
    assert_eq!(parts(&alive), [10, 30 + 20, 10, 10 + 20, 0, 0]);
}

#[test]
fn a_step_without_an_end_that_does_not_run_does_not_count() {
    let steps = vec![step("a", StepState::Completed, 20, None), step("b", StepState::CancelPending, 20, None)];
    let ended = job_flow(ClusterState::Terminated, [Some(0), Some(10), Some(50)], steps);
    assert_eq!(parts(&ended), [10, 0, 0, 0, 40, 0]);
}

#[test]
fn a_step_of_no_second_was_still_to_come() {
    let steps = vec![step("a", StepState::Completed, 30, Some(30))];
    let ended = job_flow(ClusterState::Terminated, [Some(0), Some(10), Some(50)], steps);
    assert_eq!(parts(&ended), [10, 0, 0, 20, 20, 0]);
}

#[test]
fn clocks_that_differ_give_no_negative_time() {
    let parts_of = |times: [Option<i64>; 3]| parts(&job_flow(ClusterState::Terminated, times, Vec::new()));
    assert_eq!(parts_of([Some(50), Some(60), Some(40)]), [0; 6], "it ended before it began");
    assert_eq!(parts_of([Some(10), Some(90), Some(40)]), [30, 0, 0, 0, 0, 0], "it was ready after its end");
    assert_eq!(parts_of([Some(10), Some(5), Some(40)]), [0, 0, 0, 0, 30, 0], "it was ready before it began");
    assert_eq!(parts_of([None, None, Some(40)]), [0; 6], "nobody knows when it began");
    let young = job_flow(ClusterState::Starting, [Some(NOW + 5), None, None], Vec::new());
    assert_eq!(parts(&young), [0; 6], "this clock lags");
    let far = job_flow(ClusterState::Terminated, [Some(0), Some(0), Some(100_000_000_000)], Vec::new());
    assert_eq!(parts(&far)[4], 86_500, "no time is more than a day ahead");
}

#[test]
fn idle_time_belongs_to_the_job_before_it_and_the_start_to_the_first() {
    let steps = vec![
        step("a: Step 1 of 2 run:0123456789ab", StepState::Completed, 20, Some(30)),
        step("a: Step 2 of 2 run:0123456789ab", StepState::Completed, 35, Some(40)),
        step("b run:ba9876543210", StepState::Failed, 60, Some(70)),
    ];
    let ended = job_flow(ClusterState::Terminated, [Some(0), Some(10), Some(100)], steps);
    let mut report = Report::new(Window::default(), None, &[GroupBy::Job, GroupBy::Pool]);
    report.add(&ended, at(200_000));
    let groups: Vec<_> = report.groups().collect();
    let of = |place: usize| Part::ALL.map(|part| groups[place].2.wall.get(part));
    assert_eq!((groups[0].1.as_deref(), of(0)), (Some("b"), [0, 0, 10, 0, 30, 0]));
    assert_eq!((groups[1].1.as_deref(), of(1)), (Some("a"), [10, 15, 0, 10 + 5 + 20, 0, 0]));
    let pooling = groups[2].2.pooling.as_ref().unwrap();
    assert_eq!((pooling.jobs, pooling.starts, pooling.bootstraps_saved(), pooling.saved_s()), (2, 1, 1, Some(10)));
    assert_eq!(groups[2].2.normalized_instance_hours, Some(7));
}

#[test]
fn types_share_the_vcpus_and_days_the_time() {
    let steps = vec![step("a", StepState::Completed, 86_390, Some(86_410))];
    let ended = job_flow(ClusterState::Terminated, [Some(86_380), Some(86_385), Some(86_420)], steps);
    let prices = Prices::read("m5.xlarge 3600\nm5.2xlarge 7200").unwrap();
    let by = [GroupBy::InstanceType, GroupBy::Day];
    let mut report = Report::new(Window::default(), Some(prices), &by);
    report.add(&ended, at(200_000));
    let groups: Vec<_> = report.groups().map(|(_, name, totals)| (name.unwrap(), totals.clone())).collect();
    assert_eq!((groups[0].0.as_str(), groups[0].1.vcpu.total(), groups[0].1.instance_s), ("m5.2xlarge", 16 * 40, 80));
    assert_eq!((groups[1].0.as_str(), groups[1].1.vcpu.total(), groups[1].1.instance_s), ("m5.xlarge", 4 * 40, 40));
    assert_eq!(groups[0].1.money.total(), 2 * 7_200_000_000 * 40);
    let days: Vec<_> = groups[2..].iter().map(|(name, totals)| (name.as_str(), totals.wall.get(Part::Used))).collect();
    assert_eq!(days, [("1970-01-01", 10), ("1970-01-02", 10)]);
}

#[test]
fn what_nobody_has_looked_at_is_unknown_from_ready_on() {
    let listed = JobFlow { steps: None, ..job_flow(ClusterState::Terminated, [Some(0), Some(10), Some(50)], vec![]) };
    assert_eq!(parts(&listed), [10, 0, 0, 0, 0, 40]);
    let never_ready = JobFlow { ready_at: None, ..listed };
    assert_eq!(parts(&never_ready), [50, 0, 0, 0, 0, 0]);
}
