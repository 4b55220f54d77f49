//! Since when live job flows and unfinished steps may use what lies below the scratch URI.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use emr_aws::Emr;
use emr_aws::emr::ClusterFilter;
use emr_core::error::{Error, Result};
use emr_core::model::cluster::{Cluster, ClusterState};
use emr_core::scratch::Live;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::sync::{Mutex, watch};

/// How long an answer counts: job flows that start meanwhile use files that are younger than two days.
const FRESH: Duration = Duration::from_hours(1);

/// Concurrent calls, within EMR's quotas.
const LOOKS_AT_ONCE: usize = 4;

/// What lives, asked for when it is first needed.
pub(crate) struct Living<'a> {
    emr: &'a Emr,
    known: Mutex<Known>,
}

#[derive(Default)]
enum Known {
    /// Nobody has asked.
    #[default]
    Unasked,
    /// It was so then.
    Since(Instant, Live),
    /// EMR did not tell, and is not asked again in this run.
    Untold,
}

/// An answer to what lives.
pub(crate) enum Look {
    /// This does.
    Live(Live),
    /// EMR does not tell. The error is there once a run.
    Untold(Option<Error>),
    /// A signal has come, and nobody asked.
    Stopped,
}

impl<'a> Living<'a> {
    pub(crate) fn new(emr: &'a Emr) -> Self {
        Self { emr, known: Mutex::default() }
    }

    /// What lives. Steps of job flows that were created after `young` are not looked at. Ends early if `stop` is sent.
    pub(crate) async fn look(&self, young: DateTime<Utc>, stop: &watch::Sender<bool>) -> Look {
        let mut known = self.known.lock().await;
        match *known {
            Known::Since(at, live) if at.elapsed() < FRESH => return Look::Live(live),
            Known::Untold => return Look::Untold(None),
            _ => {}
        }
        let at = Instant::now();
        let mut stopped = stop.subscribe();
        let asked = tokio::select! {
            biased;
            _ = stopped.wait_for(|stop| *stop) => return Look::Stopped,
            asked = self.ask(young) => asked,
        };
        match asked {
            Ok(live) => {
                *known = Known::Since(at, live);
                Look::Live(live)
            }
            Err(error) => {
                *known = Known::Untold;
                Look::Untold(Some(error))
            }
        }
    }

    async fn ask(&self, young: DateTime<Utc>) -> Result<Live> {
        let mut clusters = Vec::new();
        let mut pages = self.emr.clusters(ClusterFilter { states: ClusterState::ALIVE.to_vec(), ..Default::default() });
        while let Some(page) = pages.next().await? {
            clusters.extend(page);
        }
        let job_flow = clusters.iter().map(created).min();
        let old: Vec<_> = clusters.into_iter().filter(|cluster| created(cluster) < young).collect();
        let steps = stream::iter(&old).map(|cluster| self.oldest_step(cluster)).buffer_unordered(LOOKS_AT_ONCE);
        let steps: Vec<_> = steps.try_collect().await?;
        Ok(Live { job_flow, step: steps.into_iter().flatten().min() })
    }

    /// The creation of the oldest step of `cluster` that has not ended.
    async fn oldest_step(&self, cluster: &Cluster) -> Result<Option<DateTime<Utc>>> {
        let steps = self.emr.unfinished_steps(&cluster.id).await?;
        Ok(steps.iter().map(|step| step.created_at.unwrap_or(DateTime::<Utc>::MIN_UTC)).min())
    }
}

/// When `cluster` was created; before all time if that is not known.
fn created(cluster: &Cluster) -> DateTime<Utc> {
    cluster.created_at.unwrap_or(DateTime::<Utc>::MIN_UTC)
}
