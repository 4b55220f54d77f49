//! The way through the steps of one job flow, by as few calls as what is wanted allows.
//!
//! EMR lists the newest steps first, unless it is asked for some states alone. Where steps can only run one after another,
//! the list ends with the first page that has a step which began before the time since which steps are wanted.

use emr_aws::Emr;
use emr_aws::emr::{STEPS_PER_LOOK, StepPages};
use emr_core::error::Result;
use emr_core::model::id::StepId;
use emr_core::model::job_flow::Software;
use emr_core::model::step::Step;

use crate::filter::Filter;
use crate::wanted::Wanted;

/// The way through the steps of one job flow.
pub(crate) struct Walk<'a> {
    emr: &'a Emr,
    wanted: &'a Wanted,
    filter: &'a Filter,
    way: Way<'a>,
}

enum Way<'a> {
    /// These steps, by their ids.
    Named(&'a [StepId]),
    /// All pages of the steps in the wanted states.
    InStates(StepPages<'a>),
    /// The newest first.
    Newest(StepPages<'a>),
    /// There is no more.
    Done,
}

impl<'a> Walk<'a> {
    pub(crate) fn of(emr: &'a Emr, wanted: &'a Wanted, filter: &'a Filter) -> Self {
        let way = match &wanted.steps {
            Some(steps) => Way::Named(steps),
            None if filter.asks_for_states() => Way::InStates(emr.steps_in(&wanted.job_flow, &filter.states)),
            None => Way::Newest(emr.steps(&wanted.job_flow)),
        };
        Self { emr, wanted, filter, way }
    }

    /// All that is wanted up to the first error, and of each named step that is not there why.
    pub(crate) async fn all(mut self) -> Vec<Result<Step>> {
        let mut all = Vec::new();
        loop {
            match self.next().await {
                Ok(Some(steps)) => all.extend(steps),
                Ok(None) => return all,
                Err(error) => {
                    all.push(Err(error));
                    return all;
                }
            }
        }
    }

    /// What is wanted of the next page, the newest first, and of each named step that is not there why; `None` after the
    /// last.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<Result<Step>>>> {
        let mut missing = Vec::new();
        let mut steps = match &mut self.way {
            Way::Named([]) | Way::Done => return Ok(None),
            Way::Named(ids) => {
                let (now, later) = ids.split_at(ids.len().min(STEPS_PER_LOOK));
                *ids = later;
                let mut found = Vec::new();
                for step in Box::pin(self.emr.each_step_by_id(&self.wanted.job_flow, now)).await? {
                    match step {
                        Ok(step) => found.push(step),
                        Err(error) => missing.push(Err(error)),
                    }
                }
                newest_first(found)
            }
            Way::InStates(pages) => {
                let mut all = Vec::new();
                while let Some(page) = pages.next().await? {
                    all.extend(page);
                }
                self.way = Way::Done;
                newest_first(all)
            }
            Way::Newest(pages) => {
                let Some(page) = pages.next().await? else { return Ok(None) };
                if self.filter.is_past(&page) && !pages.is_done() && self.runs_one_by_one().await? {
                    self.way = Way::Done;
                }
                page
            }
        };
        steps.retain(|step| self.filter.wants(step));
        Ok(Some(steps.into_iter().map(Ok).chain(missing).collect()))
    }

    /// Whether the job flow has only ever run one step at a time, so that an older one ended before a newer one began.
    async fn runs_one_by_one(&self) -> Result<bool> {
        let cluster = Box::pin(self.emr.describe_cluster(&self.wanted.job_flow)).await?;
        Ok(cluster.release_label.is_some_and(|label| runs_one_by_one(&label)))
    }
}

/// Whether job flows of this release run one step at a time. Those that may run several may be told how many at any time,
/// so that the number of today says nothing of the steps of yesterday.
///
/// Source: <https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-concurrent-steps.html>
fn runs_one_by_one(label: &str) -> bool {
    let software = Software::Release { label: label.to_owned(), applications: Vec::new() };
    software.release().is_some_and(|release| release < (5, 28))
}

fn newest_first(mut steps: Vec<Step>) -> Vec<Step> {
    steps.sort_by_key(|step| std::cmp::Reverse(step.created_at));
    steps
}
