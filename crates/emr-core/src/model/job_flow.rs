//! A job flow: the request for a cluster, complete and free of contradictions.
//!
//! `policy::launch` makes it from options; `aws::emr` sends it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::model::configuration::Configuration;
use crate::model::content::Content;
use crate::model::instances::Instances;
use crate::model::pool::Marker;
use crate::model::run_id::RunId;
use crate::model::s3_uri::S3Uri;

/// What runs on a cluster's nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Software {
    /// EMR 4 and later: a release label such as `emr-7.14.0`, and applications by name.
    Release {
        /// The release label.
        label: String,
        /// The applications, in the order given.
        applications: Vec<String>,
    },
    /// AMI version 2 or 3, with the Hadoop version where one was asked for.
    Ami {
        /// The AMI version, such as `3.11.0`.
        version: String,
        /// The Hadoop version, such as `2.4.0`.
        hadoop_version: Option<String>,
    },
}

impl Software {
    /// The first two numbers of a release label such as `emr-7.14.0`; none where there are none, as in
    /// `emr-spark-8.1.0`.
    #[must_use]
    pub fn release(&self) -> Option<(u32, u32)> {
        let Self::Release { label, .. } = self else { return None };
        let mut numbers = label.strip_prefix("emr-")?.split('.').map_while(|part| part.parse().ok());
        Some((numbers.next()?, numbers.next()?))
    }
}

impl fmt::Display for Software {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Release { label, .. } => f.write_str(label),
            Self::Ami { version, .. } => write!(f, "AMI version {version}"),
        }
    }
}

/// The root volume of each instance, where it is to be another than EMR's usual one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RootVolume {
    /// Size in GiB.
    pub size_gib: Option<u32>,
    /// Operations a second.
    pub iops: Option<u32>,
    /// MiB a second.
    pub throughput: Option<u32>,
}

/// A script that EMR runs on each new instance before it installs its own software.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BootstrapAction {
    /// Its Name.
    pub name: String,
    /// The URI of the script.
    pub path: String,
    /// The arguments of the script.
    pub args: Vec<String>,
    /// What tells it from others wherever it lies: the hash of what is uploaded for it, or the URI of the user's.
    pub identity: String,
}

/// Something that has to be on S3 before what needs it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// What it is.
    pub body: Body,
    /// Its content. The key of `to` stands for it.
    pub content: Content,
    /// Where it has to be.
    pub to: S3Uri,
}

/// What is uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A text of the tools' own.
    Text(String),
    /// Bytes that the tools have made.
    Bytes(Vec<u8>),
    /// A local file.
    File(PathBuf),
}

/// Everything that `RunJobFlow` is told.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "that is how EMR is told them")]
pub struct JobFlow {
    /// Its Name without the marker of its pool and without the run id.
    pub name: String,
    /// What its Name says of its pool, where it has one.
    pub pool: Option<Marker>,
    /// What runs on it.
    pub software: Software,
    /// Settings of its programs, one for each classification.
    pub configurations: Vec<Configuration>,
    /// Image (AMI) of its instances (`CustomAmiId`), where not EMR's own.
    pub custom_image: Option<String>,
    /// Root volume of each instance.
    pub root_volume: RootVolume,
    /// Security configuration, by name.
    pub security_configuration: Option<String>,
    /// Whether EMR is to index its logs (the step `Setup Hadoop Debugging`).
    pub has_debugging: bool,
    /// Its instances.
    pub instances: Instances,
    /// Where EMR copies logs.
    pub log_uri: Option<String>,
    /// EC2 key pair for SSH.
    pub key_pair: Option<String>,
    /// Subnets. Groups have one; for fleets EMR chooses.
    pub subnets: Vec<String>,
    /// Availability zone, where no subnet decides it.
    pub zone: Option<String>,
    /// Instance profile of its EC2 instances (`JobFlowRole`).
    pub instance_profile: String,
    /// Role that EMR takes on (`ServiceRole`).
    pub service_role: String,
    /// Whether the whole account sees it. EMR has ignored this since 2023, older endpoints do not.
    pub visible_to_all_users: bool,
    /// Whether it refuses to be terminated.
    pub termination_protected: bool,
    /// Whether it stays when its steps are done.
    pub keep_alive: bool,
    /// Steps that may run at once, where not one.
    pub step_concurrency: Option<u32>,
    /// How long it may be without work before EMR ends it, where EMR is to.
    pub auto_termination: Option<Duration>,
    /// What runs on each new instance, in this order.
    pub bootstrap_actions: Vec<BootstrapAction>,
    /// What its bootstrap actions need on S3.
    pub uploads: Vec<Upload>,
    /// Tags, by key.
    pub tags: Vec<(String, String)>,
    /// JSON that EMR passes on to its own features (`AdditionalInfo`).
    pub additional_info: Option<String>,
    /// Parameters of `RunJobFlow` that are laid over the request; a null takes one away.
    pub extra: Map<String, Value>,
}

impl JobFlow {
    /// The Name that `run` starts it under.
    #[must_use]
    pub fn name_of(&self, run: &RunId) -> String {
        match &self.pool {
            Some(marker) => run.name_with(&self.name, &marker.write()),
            None => run.name(&self.name),
        }
    }
}
