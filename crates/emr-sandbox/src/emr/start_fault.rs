//! Job flows that EMR accepts and that fail while they start, for `--fault`, with EMR's codes and messages.
//!
//! Sources: <https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-troubleshoot-error-errordetail.html>, and
//! reasons of real clusters.

use serde_json::{Value, json};

use super::model::cluster::{Cluster, StartFailure};
use super::model::instances::Role;

/// Why the next job flow fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StartFault {
    pub(crate) kind: StartFaultKind,
    /// Replaces EMR's own message.
    pub(crate) reason: Option<String>,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StartFaultKind {
    /// The first bootstrap action fails; without one, the installation of applications.
    BootstrapFailure,
    /// EC2 has no capacity for the instances.
    NoCapacity,
    /// The instances exceed the account's quota.
    QuotaExceeded,
    /// The zone does not offer the instance type.
    ValidationError,
}

impl StartFaultKind {
    pub(crate) const ALL: [Self; 4] =
        [Self::BootstrapFailure, Self::NoCapacity, Self::QuotaExceeded, Self::ValidationError];

    /// The name in rules.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BootstrapFailure => "bootstrap-failure",
            Self::NoCapacity => "no-capacity",
            Self::QuotaExceeded => "quota-exceeded",
            Self::ValidationError => "validation-error",
        }
    }
}

impl StartFault {
    /// How `cluster` fails.
    pub(crate) fn failure(&self, cluster: &Cluster) -> StartFailure {
        let (code, said, detail) = match self.kind {
            StartFaultKind::BootstrapFailure => bootstrap_failure(cluster),
            StartFaultKind::NoCapacity => no_capacity(cluster),
            StartFaultKind::QuotaExceeded => quota_exceeded(cluster),
            StartFaultKind::ValidationError => validation_error(cluster),
        };
        let message = self.reason.clone().unwrap_or(said);
        let details = detail.map(|detail| detail.describe(&message));
        StartFailure {
            while_bootstrapping: self.kind == StartFaultKind::BootstrapFailure,
            code,
            details: details.into_iter().collect(),
            message,
        }
    }
}

/// The code of the state change reason, its message, and for some an entry of `ErrorDetails`.
type Failure = (&'static str, String, Option<Detail>);

/// An entry of `ErrorDetails`.
struct Detail {
    code: &'static str,
    data: Vec<(&'static str, String)>,
}

impl Detail {
    fn describe(self, message: &str) -> Value {
        let page = format!("https://docs.aws.amazon.com/emr/latest/ManagementGuide/{}.html", self.code);
        let data = self.data.into_iter().chain([("public-doc", page)]);
        let data: Vec<_> = data.map(|(key, value)| json!({ key: value })).collect();
        json!({ "ErrorCode": self.code, "ErrorData": data, "ErrorMessage": message })
    }
}

fn no_capacity(cluster: &Cluster) -> Failure {
    let (instance_type, zone) = (instance_type(cluster), zone(cluster));
    let message = format!(
        "EC2 is out of capacity for {instance_type} in availability zone {zone}. Learn more at \
         https://docs.aws.amazon.com/console/elasticmapreduce/ERROR_noinstancecapacity"
    );
    let detail = Detail {
        code: "INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ",
        data: vec![("instance-type", instance_type), ("availability-zone", zone)],
    };
    ("INTERNAL_ERROR", message, Some(detail))
}

fn quota_exceeded(cluster: &Cluster) -> Failure {
    let message = format!(
        "The request to create the EMR cluster or add EC2 instances to it failed. The number of vCPUs for instance \
         type {} exceeds the EC2 service quota for that type. Request a service quota increase for your AWS account \
         or choose a different instance type and retry the request. For more information, see \
         https://docs.aws.amazon.com/console/elasticmapreduce/vcpu-limit",
        instance_type(cluster)
    );
    ("INTERNAL_ERROR", message, None)
}

fn validation_error(cluster: &Cluster) -> Failure {
    let (instance_type, zone) = (instance_type(cluster), zone(cluster));
    let message = format!(
        "The requested instance type {instance_type} is not supported in the requested availability zone. Learn more \
         at https://docs.aws.amazon.com/console/elasticmapreduce/ERROR_noinstancetype"
    );
    let detail = Detail {
        code: "VALIDATION_ERROR_INSTANCE_TYPE_NOT_SUPPORTED",
        data: vec![("instance-type", instance_type), ("availability-zone", zone)],
    };
    ("VALIDATION_ERROR", message, Some(detail))
}

fn bootstrap_failure(cluster: &Cluster) -> Failure {
    const CODE: &str = "BOOTSTRAP_FAILURE";
    let first = cluster.instances.first().and_then(|instance| instance.ec2_instance_id.clone());
    let instance = first.unwrap_or_default();
    let Some(action) = cluster.bootstrap_actions.first() else {
        return (CODE, format!("On the master instance ({instance}), application provisioning failed"), None);
    };
    let message = format!("On the master instance ({instance}), bootstrap action 1 returned a non-zero return code");
    let detail = Detail {
        code: "BOOTSTRAP_FAILURE_PRIMARY_WITH_NON_ZERO_CODE",
        data: vec![
            ("primary-instance-id", instance),
            ("bootstrap-action", "1".to_owned()),
            ("return-code", "1".to_owned()),
            ("amazon-s3-path", action["ScriptPath"].as_str().unwrap_or_default().to_owned()),
        ],
    };
    (CODE, message, Some(detail))
}

/// The instance type of the core nodes, or else of the first group or fleet.
fn instance_type(cluster: &Cluster) -> String {
    let groups = cluster.instance_groups.iter().map(|group| (group.instance_group_type, &group.instance_type));
    let fleets = cluster.instance_fleets.iter().filter_map(|fleet| {
        let first = fleet.instance_type_specifications.first()?;
        Some((fleet.instance_fleet_type, &first.instance_type))
    });
    let types: Vec<_> = groups.chain(fleets).collect();
    let core = types.iter().find(|(role, _)| *role == Role::Core);
    core.or(types.first()).map(|(_, name)| (*name).clone()).unwrap_or_default()
}

fn zone(cluster: &Cluster) -> String {
    let attributes = cluster.description.rest.get("Ec2InstanceAttributes");
    let zone = attributes.and_then(|attributes| attributes["Ec2AvailabilityZone"].as_str());
    zone.unwrap_or_default().to_owned()
}
