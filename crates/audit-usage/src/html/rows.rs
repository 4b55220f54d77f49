//! The job flows that the page shows one by one: the dearest.

use std::collections::BTreeMap;

use emr_core::model::id::JobFlowId;
use emr_core::model::pool::Marker;
use emr_core::model::run_id::RunId;
use emr_core::model::step::StepState;
use emr_core::usage::{JobFlow, Part, Parts, Reckoning, StepRun};

/// How many job flows are shown. A page of more is more than anyone looks at.
const MOST: usize = 1000;

/// A job flow on the page.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: JobFlowId,
    pub(super) name: String,
    pub(super) pool: Option<String>,
    pub(super) owner: Option<String>,
    pub(super) vcpus: Option<u128>,
    pub(super) parts: Parts,
    /// From when to when it was in which part, in seconds since the epoch.
    pub(super) spans: Vec<(i64, i64, Part)>,
    /// When steps failed, also those beside which another ran.
    pub(super) failures: Vec<i64>,
}

/// The dearest job flows so far.
#[derive(Debug, Default)]
pub(super) struct Rows(BTreeMap<(u128, JobFlowId), Row>);

impl Rows {
    pub(super) fn add(&mut self, job_flow: &JobFlow, reckoning: &Reckoning<'_>) {
        let stake = job_flow.stake(reckoning.parts.total());
        let is_full = self.0.len() >= MOST;
        if is_full && self.0.first_key_value().is_some_and(|((least, _), _)| *least >= stake) {
            return;
        }
        let spans: Vec<_> = reckoning.spans.iter().map(|span| (span.from, span.to, span.part)).collect();
        let row = Row {
            failures: failures(job_flow, &spans),
            id: job_flow.job_flow_id.clone(),
            name: RunId::split(&Marker::without(&job_flow.name)).0.to_owned(),
            pool: job_flow.pool_name.clone(),
            owner: job_flow.owner.clone(),
            vcpus: reckoning.vcpus(),
            parts: reckoning.parts,
            spans,
        };
        self.0.insert((stake, job_flow.job_flow_id.clone()), row);
        if is_full {
            self.0.pop_first();
        }
    }

    /// All of them, the dearest first.
    pub(super) fn all(&self) -> Vec<&Row> {
        self.0.values().rev().collect()
    }
}

/// When steps of `job_flow` failed within `spans`.
fn failures(job_flow: &JobFlow, spans: &[(i64, i64, Part)]) -> Vec<i64> {
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return Vec::new() };
    let has_failed = |step: &&StepRun| {
        step.started_at.is_some()
            && matches!(step.state, StepState::Failed | StepState::Cancelled | StepState::Interrupted)
    };
    let failed = job_flow.steps.iter().flatten().filter(has_failed);
    let ends = failed.filter_map(|step| step.ended_at).map(|end| end.timestamp());
    ends.filter(|end| (first.0..=last.1).contains(end)).collect()
}

impl Row {
    /// When it begins and ends, as far as it is shown.
    pub(super) fn bounds(&self) -> (i64, i64) {
        let first = self.spans.first().map_or(0, |span| span.0);
        (first, self.spans.last().map_or(first, |span| span.1))
    }
}
