//! EMR's regions. Each has an account and quotas of its own, made when a request first asks for it.
//!
//! The one endpoint stands for those of all regions, so a request belongs to the region that it is signed for. One
//! without a signature belongs to the sandbox's own region.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::driver::Driver;
use crate::emr::{Cluster, Settings};
use crate::gateway::quotas::Quotas;
use crate::lock::lock;
use crate::run::{Machine, Runner};
use crate::s3::{self, Store};

/// EMR in a region.
pub(crate) struct Region {
    pub(crate) emr: Arc<Driver>,
    pub(crate) quotas: Option<Mutex<Quotas>>,
}

/// What all regions share.
pub(crate) struct Common {
    /// How clusters start, and the sandbox's own region.
    pub(crate) settings: Settings,
    /// The folder for logs and working files of steps.
    pub(crate) data: PathBuf,
    pub(crate) store: Arc<Store>,
    /// The endpoint for processes of steps.
    pub(crate) endpoint: String,
    /// Whether each region enforces EMR's quotas.
    pub(crate) has_quotas: bool,
}

/// All regions.
pub(crate) struct Regions {
    common: Common,
    known: Mutex<BTreeMap<String, Arc<Region>>>,
}

impl Regions {
    pub(crate) fn new(common: Common) -> Self {
        Self { common, known: Mutex::default() }
    }

    /// The name of the region that a request `signed` for this one belongs to. Clients of old take a part of the
    /// endpoint's address for a region; that is the sandbox's own.
    pub(crate) fn name<'a>(&'a self, signed: Option<&'a str>) -> &'a str {
        signed.filter(|name| s3::is_region(name)).unwrap_or(&self.common.settings.region)
    }

    /// The region of this name.
    pub(crate) fn of(&self, name: &str) -> Arc<Region> {
        let mut known = lock(&self.known);
        let region = known.entry(name.to_owned()).or_insert_with(|| Arc::new(self.made(name.to_owned())));
        Arc::clone(region)
    }

    fn made(&self, name: String) -> Region {
        let Common { settings, data, store, endpoint, has_quotas } = &self.common;
        let machine = Machine::new(data, Arc::clone(store), endpoint.clone(), name.clone());
        let emr = Driver::new(Settings { region: name, ..settings.clone() }, Runner::new(machine));
        Region { emr, quotas: has_quotas.then(|| Mutex::new(Quotas::new(Duration::ZERO))) }
    }

    /// Adds recorded clusters, each to the region of its ARN, or else to the sandbox's own. Warns of those elsewhere,
    /// which a client of another region does not see.
    pub(crate) fn replay(&self, clusters: Vec<Cluster>) -> Result<(), String> {
        let mut of_regions: BTreeMap<String, Vec<Cluster>> = BTreeMap::new();
        for cluster in clusters {
            let name = self.name(cluster.region()).to_owned();
            of_regions.entry(name).or_default().push(cluster);
        }
        for (name, clusters) in of_regions {
            if name != self.common.settings.region {
                log::warn!(
                    "loaded into {name}, where a client asks with AWS_REGION={name}: {} clusters",
                    clusters.len()
                );
            }
            self.of(&name).emr.replay(clusters)?;
        }
        Ok(())
    }

    /// Kills all running processes, at the end of the sandbox.
    pub(crate) fn stop(&self) {
        for region in lock(&self.known).values() {
            region.emr.stop();
        }
    }
}
