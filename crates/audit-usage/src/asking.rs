//! Asks EMR in all regions side by side: first for the lists, so that a budget begins for all of them at once, and then for
//! the steps.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use emr_cli::progress::{self, Bar};
use emr_cli::{Side, Sides};
use emr_core::error::{Outcome, Result};
use emr_core::model::cluster::Cluster;
use emr_core::usage::{JobFlow, Window};
use tokio::time::Instant;

use crate::archive::Archive;
use crate::survey::{Looked, PARTS_OF_QUOTA, Survey, Waiting, foretell};
use crate::{Args, Audit};

/// What is asked, and where it goes.
pub(crate) struct Asking {
    audit: RefCell<Audit>,
    archive: Option<RefCell<Archive>>,
    window: Window,
    /// Whether lines can be added to the archive.
    can_archive: Cell<bool>,
    bar: Bar,
}

/// What came of it.
pub(crate) struct Asked {
    pub(crate) audit: Audit,
    pub(crate) outcome: Outcome,
    /// What failed, so that a part is missing. What was archived of a region before is in the audit.
    pub(crate) failed: Vec<String>,
    /// Whether all that has ended is in the archive, if there is one.
    pub(crate) is_archived: bool,
}

impl Asking {
    pub(crate) fn new(audit: Audit, archive: Option<Archive>, window: Window) -> Self {
        let bar = progress::count("job flows", 0);
        let (audit, archive) = (RefCell::new(audit), archive.map(RefCell::new));
        Self { audit, archive, window, can_archive: Cell::new(true), bar }
    }

    /// Asks `sides` for what is not archived, adds it, and archives what has ended.
    pub(crate) async fn ask(self, args: &Args, sides: &Sides) -> Result<Asked> {
        let lists: RefCell<Vec<(&Side, Waiting)>> = RefCell::default();
        let listed = sides.each(|side| Box::pin(self.list(side, &lists))).await?;
        let mut lists = lists.into_inner();
        self.count_once(&mut lists);
        let budget = args.time();
        if budget.is_none() {
            foretell(&lists.iter().map(|(_, waiting)| waiting.len()).collect::<Vec<_>>());
        }
        let deadline = budget.map(|budget| Instant::now() + budget);
        let looks = lists.into_iter().map(|(side, waiting)| Box::pin(self.look(side, waiting, deadline)));
        let looked = futures_util::future::join_all(looks).await;
        self.bar.finish_and_clear();
        let outcome = looked.iter().map(|looked| looked.outcome).fold(listed.outcome, Outcome::larger);
        let looks = match looked.iter().map(|looked| looked.failed).sum::<u64>() {
            0 => None,
            1 => Some("the look at a job flow".to_owned()),
            looks => Some(format!("{looks} looks at job flows")),
        };
        let failed = listed.left.into_iter().chain(looks).collect();
        Ok(Asked { is_archived: self.can_archive.get(), audit: self.audit.into_inner(), outcome, failed })
    }

    /// Leaves each job flow in one of `lists`: two profiles may lead to one account.
    fn count_once(&self, lists: &mut [(&Side, Waiting)]) {
        let (mut seen, mut again) = (HashSet::new(), 0);
        for (_, waiting) in lists {
            let before = waiting.len();
            waiting.retain(|(_, id), _| seen.insert(id.clone()));
            again += before - waiting.len();
        }
        if again > 0 {
            self.bar.inc(u64::try_from(again).unwrap_or_default());
            emr_cli::warn(&format!("two profiles lead to one account: {again} of the listed job flows count once"));
        }
    }

    async fn list<'a>(&self, side: &'a Side, lists: &RefCell<Vec<(&'a Side, Waiting)>>) -> Result<Outcome> {
        side.aws.emr.divide_quotas(PARTS_OF_QUOTA);
        let is_new = |cluster: &Cluster| self.archive.as_ref().is_none_or(|archive| !archive.borrow().had(&cluster.id));
        let waiting = self.survey(side).list(is_new).await?;
        lists.borrow_mut().push((side, waiting));
        Ok(Outcome::Done)
    }

    async fn look(&self, side: &Side, waiting: Waiting, deadline: Option<Instant>) -> Looked {
        let survey = self.survey(side);
        let add = |job_flow: JobFlow| self.add(&survey, &job_flow);
        survey.run(waiting, deadline, add, side).await
    }

    fn survey<'a>(&'a self, side: &'a Side) -> Survey<'a> {
        Survey::new(&side.aws.emr, self.window, &self.bar)
    }

    /// Adds `job_flow`, and archives it if it has ended. After a line that cannot be written the report goes on without
    /// the archive.
    fn add(&self, survey: &Survey<'_>, job_flow: &JobFlow) -> Result<()> {
        let now = survey.now();
        self.audit.borrow_mut().add(job_flow, now);
        match &self.archive {
            Some(archive) if self.can_archive.get() && job_flow.is_final(now) => {
                let added = archive.borrow_mut().add(job_flow);
                self.can_archive.set(added.is_ok());
                added.map_err(|error| error.advise("what this run finds from now on is left to the next one"))
            }
            _ => Ok(()),
        }
    }
}
