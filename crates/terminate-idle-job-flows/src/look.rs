//! A look at one job flow: is it idle, is it selected, and has a job claimed it?

use emr_aws::Aws;
use emr_aws::emr::Look;
use emr_cli::Side;
use emr_core::error::{Error, Outcome, Result};
use emr_core::idle::{Busy, Idleness, Limits, Scope};
use emr_core::model::cluster::{Cluster, ClusterDetail};
use emr_core::model::s3_uri::S3Uri;
use emr_core::model::scratch_uri::ScratchUri;
use emr_core::pool::{self, Membership, PooledBy, locks};
use tokio::time::Instant;

/// How to look at job flows.
#[derive(Clone, Copy)]
pub(crate) struct Looking<'a> {
    pub(crate) side: &'a Side,
    pub(crate) limits: Limits,
    pub(crate) scope: &'a Scope,
    /// Whether spared job flows are printed with their idle time, which then must be exact.
    pub(crate) explains: bool,
    /// The scratch URI of early mrjob's locks, if it is known.
    pub(crate) scratch: Option<&'a ScratchUri>,
    /// The age in seconds up to which such a lock counts.
    pub(crate) max_locked_s: u64,
}

/// The result of a look.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) cluster: Cluster,
    pub(crate) idleness: Idleness,
    /// Its pool; `None` if it is in none, or the look ended before.
    pub(crate) member: Option<Membership>,
    /// The folder of its pool's locks, if it can be claimed.
    pub(crate) locks: Option<S3Uri>,
    /// The URI of its lock, if it can be claimed.
    pub(crate) lock: Option<S3Uri>,
    /// Why it is spared; `None` if it will be terminated.
    pub(crate) spared: Option<String>,
    /// When its steps were listed.
    pub(crate) as_of: Instant,
}

impl<'a> Looking<'a> {
    pub(crate) fn aws(&self) -> &'a Aws {
        &self.side.aws
    }

    /// Why `cluster` is spared, from its entry in a list alone; `None` if it must be looked at.
    pub(crate) fn spare_unseen(&self, cluster: &Cluster) -> Option<String> {
        let member = Membership::of_name(&cluster.name);
        let of_other_pool = member.and_then(|member| self.scope.spare_member(Some(&member)));
        of_other_pool.or_else(|| self.limits.spare_unseen(cluster, self.aws().emr.now()))
    }

    /// Looks at `cluster`, but stops once it is known to be spared.
    pub(crate) async fn look(&self, cluster: &Cluster) -> Result<Seen> {
        self.look_within(cluster, None).await
    }

    /// Looks again. The pool is not looked up again, as it never changes.
    pub(crate) async fn look_again(&self, seen: &Seen) -> Result<Seen> {
        self.look_within(&seen.cluster, Some(seen)).await
    }

    /// Looks at `cluster`, with the result of the look `before`, if there was one.
    async fn look_within(&self, cluster: &Cluster, before: Option<&Seen>) -> Result<Seen> {
        let is_enough = |look: &Look| !self.explains && self.spare(look).is_some();
        let look = self.aws().emr.idleness(cluster.clone(), is_enough).await?;
        let mut spared = self.spare(&look);
        if let (None, Some(detail)) = (&spared, &look.detail) {
            spared = self.aws().emr.busy_in_session(detail).await?.map(|busy| busy.to_string());
        }
        let Look { cluster, idleness, detail, as_of } = look;
        let member = Membership::of_name(&cluster.name);
        let seen = Seen { cluster, idleness, member, locks: None, lock: None, spared, as_of };
        match detail {
            Some(detail) if seen.spared.is_none() => self.look_at_pool(seen, &detail, before).await,
            _ => Ok(seen),
        }
    }

    /// Why it is spared, from its Name, times, steps and description.
    fn spare(&self, look: &Look) -> Option<String> {
        let member = Membership::of_name(&look.cluster.name);
        let of_other_pool = member.and_then(|member| self.scope.spare_member(Some(&member)));
        of_other_pool.or_else(|| self.limits.spare(&look.idleness)).or_else(|| {
            let detail = look.detail.as_ref()?;
            let busy = Busy::of_description(detail, self.aws().emr.now());
            busy.map(|busy| busy.to_string()).or_else(|| self.scope.spare_tagged(&detail.tags))
        })
    }

    /// Looks up its pool, and the lock of its pool.
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
                seen.locks = Some(place);
            }
            Some(PooledBy::Mrjob) if self.is_locked_by_early_mrjob(detail).await? => {
                seen.spared = Some("a job of mrjob's has locked it".to_owned());
            }
            _ => {}
        }
        Ok(seen)
    }

    /// The pool that it is in. Early mrjob stores that only in a bootstrap action.
    async fn membership(&self, detail: &ClusterDetail) -> Result<Option<Membership>> {
        let told = Membership::of_name(&detail.cluster.name).or_else(|| Membership::of_tags(&detail.tags));
        if told.is_some() {
            return Ok(told);
        }
        Ok(Membership::of_bootstrap_actions(&self.aws().emr.bootstrap_actions(&detail.cluster.id).await?))
    }

    /// The scratch URI below which mrjob up to 0.7.2 locks the job flow, if it is known. In a sweep of several regions it
    /// is known in the region of its bucket alone: jobs in another have another one, and their locks are out of sight.
    async fn scratch_for(&self, detail: &ClusterDetail) -> Result<Option<&'a ScratchUri>> {
        // Later versions lock by a tag, and write the pool into the Name.
        if !self.side.is_one_of_several() || Membership::of_name(&detail.cluster.name).is_some() {
            return Ok(self.scratch);
        }
        let Some(scratch) = self.scratch else { return Err(out_of_sight(detail)) };
        let bucket = pool::mrjob_locks(scratch, &detail.cluster.id).bucket;
        let region = self.aws().s3.bucket_region(&bucket).await?;
        if region.as_deref() == Some(self.aws().region()) { Ok(Some(scratch)) } else { Err(out_of_sight(detail)) }
    }

    /// Whether it has a lock of mrjob up to 0.7.2 that is recent enough to count.
    async fn is_locked_by_early_mrjob(&self, detail: &ClusterDetail) -> Result<bool> {
        let Some(scratch) = self.scratch_for(detail).await? else { return Ok(false) };
        let listed = self.aws().s3.list_locks(&pool::mrjob_locks(scratch, &detail.cluster.id)).await?;
        Ok(listed.iter().any(|lock| lock.age_s <= self.max_locked_s))
    }
}

/// The error of a job flow whose jobs of mrjob's may have locked it where this sweep does not look.
fn out_of_sight(detail: &ClusterDetail) -> Error {
    let id = &detail.cluster.id;
    let text = format!("{id} is in a pool of mrjob's whose locks are not known in its region, and is left alone");
    Error::new(Outcome::No, text)
        .advise("sweep its region by itself, with --region and the --s3-scratch-uri of the jobs there")
}

fn unlockable(detail: &ClusterDetail) -> Error {
    let id = &detail.cluster.id;
    let text = format!("{id} has lost the tag that says where its claims are kept, and is left alone");
    Error::new(Outcome::No, text).advise("terminate-job-flow ends it")
}
