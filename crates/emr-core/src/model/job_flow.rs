//! A job flow: the complete and consistent request for a cluster.
//!
//! [`launch`](crate::launch) makes it from options, and emr-aws sends it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::configuration::Configuration;
use crate::model::content::Content;
use crate::model::instances::Instances;
use crate::model::pool::Marker;
use crate::model::run_id::RunId;
use crate::model::s3_uri::S3Uri;

/// The software on a cluster's nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Software {
    /// EMR 4 and later: a release label such as `emr-7.14.0`, and applications by name.
    Release {
        /// The release label.
        label: String,
        /// The applications, in the order given.
        applications: Vec<String>,
    },
    /// AMI version 2 or 3, with a Hadoop version if requested.
    Ami {
        /// The AMI version, such as `3.11.0`.
        version: String,
        /// The Hadoop version, such as `2.4.0`.
        hadoop_version: Option<String>,
    },
}

impl Software {
    /// The first two numbers of a release label such as `emr-7.14.0`; `None` for a label without numbers such as
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

/// The root volume of each instance. Unset parts are EMR's default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RootVolume {
    /// Size in GiB.
    pub size_gib: Option<u32>,
    /// IOPS.
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
    /// Its identity in the pool hash, which does not depend on local paths: the hash of its content, or the URI of a
    /// script on S3.
    pub identity: String,
}

/// A file that must be on S3 before the job flow or step starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The body.
    pub body: Body,
    /// Its content, whose hash is in the key of `to`.
    pub content: Content,
    /// The destination.
    pub to: S3Uri,
}

/// The body of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Text that the tools generate.
    Text(String),
    /// Bytes that the tools generate.
    Bytes(Vec<u8>),
    /// A local file.
    File(PathBuf),
}

/// All parameters of `RunJobFlow`.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "EMR's API has these flags")]
pub struct JobFlow {
    /// Its Name, without pool marker and run id.
    pub name: String,
    /// The marker of its pool, if any.
    pub pool: Option<Marker>,
    /// Its software.
    pub software: Software,
    /// Its configurations, one for each classification.
    pub configurations: Vec<Configuration>,
    /// Custom image (AMI) of its instances (`CustomAmiId`).
    pub custom_image: Option<String>,
    /// Root volume of each instance.
    pub root_volume: RootVolume,
    /// Security configuration, by name.
    pub security_configuration: Option<String>,
    /// Whether EMR indexes its logs (the step `Setup Hadoop Debugging`).
    pub has_debugging: bool,
    /// Its instances.
    pub instances: Instances,
    /// Where EMR copies logs.
    pub log_uri: Option<String>,
    /// EC2 key pair for SSH.
    pub key_pair: Option<String>,
    /// Subnets. For groups there is at most one; for fleets EMR chooses.
    pub subnets: Vec<String>,
    /// Availability zone, if there is no subnet.
    pub zone: Option<String>,
    /// Instance profile of its EC2 instances (`JobFlowRole`).
    pub instance_profile: String,
    /// Service role (`ServiceRole`).
    pub service_role: String,
    /// Whether the whole account sees it. EMR has ignored this since 2023; older endpoints have not.
    pub visible_to_all_users: bool,
    /// Whether it is protected against termination.
    pub termination_protected: bool,
    /// Whether it stays after its last step.
    pub keep_alive: bool,
    /// Its step concurrency; `None` for EMR's default of 1.
    pub step_concurrency: Option<u32>,
    /// EMR's idle time-out, if any.
    pub auto_termination: Option<Duration>,
    /// Its bootstrap actions, in order.
    pub bootstrap_actions: Vec<BootstrapAction>,
    /// The uploads that its bootstrap actions need.
    pub uploads: Vec<Upload>,
    /// Tags, by key.
    pub tags: Vec<(String, String)>,
    /// JSON that EMR passes on to its own features (`AdditionalInfo`).
    pub additional_info: Option<String>,
    /// Parameters that are laid over the request; a null removes one.
    pub extra: Map<String, Value>,
}

impl JobFlow {
    /// Its Name when `run` starts it.
    #[must_use]
    pub fn name_of(&self, run: &RunId) -> String {
        match &self.pool {
            Some(marker) => run.name_with(&self.name, &marker.write()),
            None => run.name(&self.name),
        }
    }
}
