//! The instances of a job flow: groups of one type each, or fleets that choose among several.
//!
//! The terms are those of `RunJobFlow`:
//! <https://docs.aws.amazon.com/emr/latest/APIReference/API_JobFlowInstancesConfig.html>

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::bid::Bid;
use crate::model::configuration::Configuration;

/// The role of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Coordinates the others; there is always one.
    Master,
    /// Stores data and runs tasks.
    Core,
    /// Runs tasks only.
    Task,
}

impl Role {
    /// All roles, from the one that a cluster needs most.
    pub const ALL: [Self; 3] = [Self::Master, Self::Core, Self::Task];

    /// The role's name in EMR's API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Master => "MASTER",
            Self::Core => "CORE",
            Self::Task => "TASK",
        }
    }

    /// The role of this name in EMR's API.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// The name of the instance group of this role, as in mrjob, because scripts use it.
    #[must_use]
    pub fn group_name(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Core => "core",
            Self::Task => "task",
        }
    }
}

/// All instances of a job flow, in one of EMR's two forms.
#[derive(Debug, Clone, PartialEq)]
pub enum Instances {
    /// Groups: a master group, at most one core group, any number of task groups.
    Groups(Vec<InstanceGroup>),
    /// Fleets: at most one of each role.
    Fleets(Vec<InstanceFleet>),
}

impl Instances {
    /// Whether a group has an automatic scaling policy.
    #[must_use]
    pub fn has_scaling(&self) -> bool {
        matches!(self, Self::Groups(groups) if groups.iter().any(|group| group.rest.contains_key("AutoScalingPolicy")))
    }

    /// The `rest` of each group, or of each fleet and type.
    #[must_use]
    pub fn rests(&self) -> Vec<&Map<String, Value>> {
        match self {
            Self::Groups(groups) => groups.iter().map(|group| &group.rest).collect(),
            Self::Fleets(fleets) => {
                let of_types = fleets.iter().flat_map(|fleet| &fleet.types).map(|config| &config.rest);
                fleets.iter().map(|fleet| &fleet.rest).chain(of_types).collect()
            }
        }
    }

    /// The names of all instance types, with repetitions.
    #[must_use]
    pub fn types(&self) -> Vec<&str> {
        match self {
            Self::Groups(groups) => groups.iter().map(|group| group.instance_type.as_str()).collect(),
            Self::Fleets(fleets) => {
                fleets.iter().flat_map(|fleet| &fleet.types).map(|config| config.instance_type.as_str()).collect()
            }
        }
    }
}

/// Instances of one role and type.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceGroup {
    /// What they are for.
    pub role: Role,
    /// Their type, such as `m5.xlarge`.
    pub instance_type: String,
    /// How many, at least one.
    pub count: u32,
    /// On demand or spot.
    pub market: Market,
    /// The EBS volumes of each.
    pub ebs: Ebs,
    /// Their settings that differ from the cluster's.
    pub setup: Setup,
    /// The other members of its `InstanceGroupConfig`, sent to EMR as written.
    pub rest: Map<String, Value>,
}

impl InstanceGroup {
    /// A group without further members.
    #[must_use]
    pub fn new(role: Role, instance_type: String, count: u32, market: Market) -> Self {
        let (ebs, setup) = (Ebs::default(), Setup::default());
        Self { role, instance_type, count, market, ebs, setup, rest: Map::new() }
    }
}

/// Settings of a group, or of a type in a fleet, that differ from the cluster's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Setup {
    /// Configurations that replace the cluster's.
    pub configurations: Vec<Configuration>,
    /// Image (AMI) that replaces the cluster's.
    pub image: Option<String>,
}

/// How instances are bought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Market {
    /// At the on-demand price, until terminated.
    OnDemand,
    /// At the spot price, until that rises above the bid.
    Spot(Bid),
}

/// EBS volumes of one instance, besides the root volume.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ebs {
    /// The volumes; equal ones are listed separately.
    pub volumes: Vec<Volume>,
    /// Whether the instance has dedicated bandwidth for them (`EbsOptimized`), if set.
    pub optimized: Option<bool>,
}

/// One EBS volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// Its type, such as `gp3`.
    pub volume_type: String,
    /// Its size in GiB.
    pub size_gib: u32,
    /// IOPS, if set.
    pub iops: Option<u32>,
    /// MiB a second, if set.
    pub throughput: Option<u32>,
}

/// Instances of one role, of several types among which EMR chooses.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceFleet {
    /// What they are for.
    pub role: Role,
    /// On-demand units. An instance counts for as many units as its type's weight.
    pub on_demand: u32,
    /// Spot units.
    pub spot: u32,
    /// The types to choose from.
    pub types: Vec<TypeConfig>,
    /// The other members of its `InstanceFleetConfig`, sent to EMR as written.
    pub rest: Map<String, Value>,
}

impl InstanceFleet {
    /// A fleet without further members.
    #[must_use]
    pub fn new(role: Role, on_demand: u32, spot: u32, types: Vec<TypeConfig>) -> Self {
        Self { role, on_demand, spot, types, rest: Map::new() }
    }

    /// Whether it has an allocation strategy for the start of the cluster.
    #[must_use]
    pub fn has_allocation_strategy(&self) -> bool {
        let launch = self.rest.get("LaunchSpecifications").unwrap_or(&Value::Null);
        let spot = &launch["SpotSpecification"]["AllocationStrategy"];
        // An OnDemandSpecification always has a strategy.
        !spot.is_null() || !launch["OnDemandSpecification"].is_null()
    }
}

/// One of the types of a fleet.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeConfig {
    /// The type, such as `m5.xlarge`.
    pub instance_type: String,
    /// The units that one instance counts for, at least one.
    pub weight: u32,
    /// The bid for a spot instance of this type.
    pub bid: Bid,
    /// The EBS volumes of each.
    pub ebs: Ebs,
    /// The settings of this type that differ from the cluster's.
    pub setup: Setup,
    /// The other members of its `InstanceTypeConfig`, sent to EMR as written.
    pub rest: Map<String, Value>,
}

impl TypeConfig {
    /// A type without further members.
    #[must_use]
    pub fn new(instance_type: String, weight: u32, bid: Bid) -> Self {
        Self { instance_type, weight, bid, ebs: Ebs::default(), setup: Setup::default(), rest: Map::new() }
    }
}

/// Members about names and provisioning, which do not change the instances themselves. Pools ignore them.
///
/// Sources: <https://docs.aws.amazon.com/emr/latest/APIReference/API_InstanceGroupConfig.html>,
/// <https://docs.aws.amazon.com/emr/latest/APIReference/API_InstanceFleetConfig.html> and
/// <https://docs.aws.amazon.com/emr/latest/APIReference/API_InstanceTypeConfig.html>
const OF_PROVISIONING: [&str; 6] =
    ["AutoScalingPolicy", "Context", "LaunchSpecifications", "Name", "Priority", "ResizeSpecifications"];

/// The unknown members in the `rest` of a group, a fleet or a type. They may change the instances, so pools compare
/// them.
pub fn unknown_members(rest: &Map<String, Value>) -> impl Iterator<Item = (&str, &Value)> {
    let all = rest.iter().map(|(name, value)| (name.as_str(), value));
    all.filter(|(name, _)| !OF_PROVISIONING.contains(name))
}
