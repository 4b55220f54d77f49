//! The minimums of the pools of one side: which of their idle job flows a sweep leaves alone.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use emr_aws::{Aws, PoolAt};
use emr_core::error::{Error, Result};
use emr_core::model::cluster::ClusterDetail;
use emr_core::model::id::JobFlowId;
use emr_core::model::pool::Marker;
use emr_core::model::s3_uri::S3Uri;
use emr_core::pool::locks;
use tokio::sync::OnceCell;

/// Those that the minimum of a pool keeps, once they are known; or why they are not, until that has been told.
type Kept = Rc<OnceCell<std::result::Result<BTreeSet<JobFlowId>, RefCell<Option<Error>>>>>;

/// Whether a minimum keeps a job flow.
pub(crate) enum Keeps {
    /// It does.
    Yes,
    /// It does not, or there is none.
    No,
    /// The minimum of its pool cannot be read or counted. The error is there once for each pool.
    Unknown(Option<Error>),
}

/// The minimums, each read and counted once, when the first idle job flow of its pool is seen.
pub(crate) struct Minimums<'a> {
    aws: &'a Aws,
    known: RefCell<BTreeMap<S3Uri, Kept>>,
}

impl<'a> Minimums<'a> {
    pub(crate) fn new(aws: &'a Aws) -> Self {
        Self { aws, known: RefCell::default() }
    }

    /// Whether a minimum keeps the job flow of `detail`, which is idle.
    pub(crate) async fn keeps(&self, detail: &ClusterDetail) -> Keeps {
        let Some((marker, folder)) = Marker::read(&detail.cluster.name).zip(locks::of_tags(&detail.tags)) else {
            return Keeps::No;
        };
        let pool = PoolAt { marker: &marker, locks: &folder };
        let uri = locks::of_minimum(&folder, &marker.pool_name, &marker.hash, self.aws.region());
        let cell = Rc::clone(self.known.borrow_mut().entry(uri.clone()).or_default());
        let ask = async || Box::pin(self.kept(pool, &uri)).await.map_err(|error| RefCell::new(Some(error)));
        match cell.get_or_init(ask).await {
            Ok(kept) if kept.contains(&detail.cluster.id) => Keeps::Yes,
            Ok(_) => Keeps::No,
            Err(error) => Keeps::Unknown(error.take()),
        }
    }

    async fn kept(&self, pool: PoolAt<'_>, uri: &S3Uri) -> Result<BTreeSet<JobFlowId>> {
        let minimum = self.aws.s3.minimum(uri).await?.content.transpose()?;
        match minimum.as_ref().and_then(|minimum| minimum.wanted_at(self.aws.emr.now())) {
            Some(wanted) => self.aws.kept(pool, wanted).await,
            None => Ok(BTreeSet::new()),
        }
    }
}
