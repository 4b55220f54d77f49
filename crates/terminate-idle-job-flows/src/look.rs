//! Looking at one job flow: is it idle, is it one of those that are wanted, and does a job have it?

use emr_aws::Aws;
use emr_aws::emr::Look;
use emr_core::error::{Error, Outcome, Result};
use emr_core::idle::{Busy, Idleness, Limits, Scope};
use emr_core::model::cluster::{Cluster, ClusterDetail};
use emr_core::model::s3_uri::S3Uri;
use emr_core::model::scratch_uri::ScratchUri;
use emr_core::pool::{self, Membership, PooledBy, locks};
use tokio::time::Instant;

/// How job flows are looked at.
#[derive(Clone, Copy)]
pub(crate) struct Looking<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) limits: Limits,
    pub(crate) scope: &'a Scope,
    /// Whether the idle time of those that are spared is told, too, and so has to be exact.
    pub(crate) explains: bool,
    /// Below what early mrjob keeps its locks, where that is known.
    pub(crate) scratch: Option<&'a ScratchUri>,
    /// The seconds for which such a lock counts.
    pub(crate) max_locked_s: u64,
}

/// What was seen of a job flow.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) cluster: Cluster,
    pub(crate) idleness: Idleness,
    /// Its pool, as far as it was looked for.
    pub(crate) member: Option<Membership>,
    /// The lock of whoever claims it, where it has one.
    pub(crate) lock: Option<S3Uri>,
    /// Why it is not to be ended; nothing, where it is.
    pub(crate) spared: Option<String>,
    /// When its steps were told.
    pub(crate) as_of: Instant,
}

impl Looking<'_> {
    /// Why `cluster`, as a list shows it, is spared with no more calls; nothing, where it has to be looked at.
    pub(crate) fn spare_unseen(&self, cluster: &Cluster) -> Option<String> {
        let member = Membership::of_name(&cluster.name);
        let of_other_pool = member.and_then(|member| self.scope.spare_member(Some(&member)));
        of_other_pool.or_else(|| self.limits.spare_unseen(cluster, self.aws.emr.now()))
    }

    /// Looks at `cluster`, no further than until it is known to be spared.
    pub(crate) async fn look(&self, cluster: &Cluster) -> Result<Seen> {
        self.look_within(cluster, None).await
    }

    /// Looks once more at what was `seen`. Its pool is for ever the same.
    pub(crate) async fn look_again(&self, seen: &Seen) -> Result<Seen> {
        self.look_within(&seen.cluster, Some(seen)).await
    }

    /// Looks at `cluster`, which may have been seen `before`.
    async fn look_within(&self, cluster: &Cluster, before: Option<&Seen>) -> Result<Seen> {
        let is_enough = |look: &Look| !self.explains && self.spare(look).is_some();
        let look = self.aws.emr.idleness(cluster.clone(), is_enough).await?;
        let mut spared = self.spare(&look);
        if let (None, Some(detail)) = (&spared, &look.detail) {
            spared = self.aws.emr.busy_in_session(detail).await?.map(|busy| busy.to_string());
        }
        let Look { cluster, idleness, detail, as_of } = look;
        let member = Membership::of_name(&cluster.name);
        let seen = Seen { cluster, idleness, member, lock: None, spared, as_of };
        match detail {
            Some(detail) if seen.spared.is_none() => self.look_at_pool(seen, &detail, before).await,
            _ => Ok(seen),
        }
    }

    /// Why what was seen is spared, as far as its Name, times, steps and description tell.
    fn spare(&self, look: &Look) -> Option<String> {
        let member = Membership::of_name(&look.cluster.name);
        let of_other_pool = member.and_then(|member| self.scope.spare_member(Some(&member)));
        of_other_pool.or_else(|| self.limits.spare(&look.idleness)).or_else(|| {
            let detail = look.detail.as_ref()?;
            let busy = Busy::of_description(detail, self.aws.emr.now());
            busy.map(|busy| busy.to_string()).or_else(|| self.scope.spare_tagged(&detail.tags))
        })
    }

    /// Looks for its pool, and for what locks it there.
    async fn look_at_pool(&self, mut seen: Seen, detail: &ClusterDetail, before: Option<&Seen>) -> Result<Seen> {
        let id = &seen.cluster.id;
        seen.member = match before {
            Some(before) => before.member.clone(),
            None => self.membership(detail).await?,
        };
        seen.spared = self.scope.spare_member(seen.member.as_ref());
        match seen.member.as_ref().filter(|_| seen.spared.is_none()).map(|member| member.by) {
            Some(PooledBy::EmrTools) => {
                let place = locks::of_tags(&detail.tags).ok_or_else(|| unlockable(detail))?;
                seen.lock = Some(locks::of_job_flow(&place, id));
            }
            Some(PooledBy::Mrjob) if self.is_locked_by_early_mrjob(detail).await? => {
                seen.spared = Some("a job of mrjob's has locked it".to_owned());
            }
            _ => {}
        }
        Ok(seen)
    }

    /// The pool that it is in. Early mrjob tells of it nowhere but in a bootstrap action.
    async fn membership(&self, detail: &ClusterDetail) -> Result<Option<Membership>> {
        let told = Membership::of_name(&detail.cluster.name).or_else(|| Membership::of_tags(&detail.tags));
        if told.is_some() {
            return Ok(told);
        }
        Ok(Membership::of_bootstrap_actions(&self.aws.emr.bootstrap_actions(&detail.cluster.id).await?))
    }

    /// Whether a lock of mrjob up to 0.7.2 on it is young enough to count.
    async fn is_locked_by_early_mrjob(&self, detail: &ClusterDetail) -> Result<bool> {
        let Some(scratch) = self.scratch else { return Ok(false) };
        let listed = self.aws.s3.list_locks(&pool::mrjob_locks(scratch, &detail.cluster.id)).await?;
        Ok(listed.iter().any(|lock| lock.age_s <= self.max_locked_s))
    }
}

fn unlockable(detail: &ClusterDetail) -> Error {
    let id = &detail.cluster.id;
    let text = format!("{id} has lost the tag that says where its claims are kept, and is left alone");
    Error::new(Outcome::No, text).advise("terminate-job-flow ends it")
}
