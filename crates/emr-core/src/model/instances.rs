//! The instances of a job flow: groups of one type each, or fleets that choose among several.
//!
//! The words are those of `RunJobFlow`:
//! <https://docs.aws.amazon.com/emr/latest/APIReference/API_JobFlowInstancesConfig.html>

use serde_json::{Map, Value};

use crate::model::bid::Bid;
use crate::model::configuration::Configuration;

/// What an instance is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Coordinates; there is always one.
    Master,
    /// Stores data and runs tasks.
    Core,
    /// Runs tasks only.
    Task,
}

impl Role {
    /// All roles, in the order in which a cluster needs them.
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

    /// The name that mrjob, and so everyone's scripts, gave the instance group of this role.
    #[must_use]
    pub fn group_name(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Core => "core",
            Self::Task => "task",
        }
    }
}

/// All instances of a job flow, in one of EMR's two ways.
#[derive(Debug, Clone, PartialEq)]
pub enum Instances {
    /// Groups: a master group, at most one core group, any number of task groups.
    Groups(Vec<InstanceGroup>),
    /// Fleets: at most one of each role.
    Fleets(Vec<InstanceFleet>),
}

impl Instances {
    /// Whether EMR makes a group larger and smaller by a policy.
    #[must_use]
    pub fn has_scaling(&self) -> bool {
        matches!(self, Self::Groups(groups) if groups.iter().any(|group| group.rest.contains_key("AutoScalingPolicy")))
    }

    /// What the groups, or the fleets and their types, say to EMR alone.
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

    /// The names of all instance types, as often as they occur.
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
    /// How they are bought.
    pub market: Market,
    /// The EBS volumes of each.
    pub ebs: Ebs,
    /// How they differ from the other instances.
    pub setup: Setup,
    /// The other members of its `InstanceGroupConfig`, for EMR as they are written.
    pub rest: Map<String, Value>,
}

impl InstanceGroup {
    /// A group of which no more is said.
    #[must_use]
    pub fn new(role: Role, instance_type: String, count: u32, market: Market) -> Self {
        let (ebs, setup) = (Ebs::default(), Setup::default());
        Self { role, instance_type, count, market, ebs, setup, rest: Map::new() }
    }
}

/// How the instances of a group, or of a type in a fleet, differ from the cluster's others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Setup {
    /// Settings in place of the cluster's.
    pub configurations: Vec<Configuration>,
    /// Image (AMI) in place of the cluster's.
    pub image: Option<String>,
}

/// How instances are bought.
#[derive(Debug, Clone, PartialEq)]
pub enum Market {
    /// At the on-demand price, to keep.
    OnDemand,
    /// At the spot price, as long as it is not above the bid.
    Spot(Bid),
}

/// EBS volumes of one instance, besides the root volume.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ebs {
    /// Each volume, equal ones one by one.
    pub volumes: Vec<Volume>,
    /// Whether the instance has bandwidth of its own for them (`EbsOptimized`), where that is said.
    pub optimized: Option<bool>,
}

/// One EBS volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Its type, such as `gp3`.
    pub volume_type: String,
    /// Its size in GiB.
    pub size_gib: u32,
    /// Operations a second, where they are asked for.
    pub iops: Option<u32>,
    /// MiB a second, where they are asked for.
    pub throughput: Option<u32>,
}

/// Instances of one role, of whichever of several types EMR gets.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceFleet {
    /// What they are for.
    pub role: Role,
    /// Units to buy on demand; an instance counts as many as its type weighs.
    pub on_demand: u32,
    /// Units to buy as spot instances.
    pub spot: u32,
    /// The types to choose from.
    pub types: Vec<TypeConfig>,
    /// The other members of its `InstanceFleetConfig`, for EMR as they are written.
    pub rest: Map<String, Value>,
}

impl InstanceFleet {
    /// A fleet of which no more is said.
    #[must_use]
    pub fn new(role: Role, on_demand: u32, spot: u32, types: Vec<TypeConfig>) -> Self {
        Self { role, on_demand, spot, types, rest: Map::new() }
    }

    /// Whether an allocation strategy chooses among the types when the cluster starts.
    #[must_use]
    pub fn has_allocation_strategy(&self) -> bool {
        let launch = self.rest.get("LaunchSpecifications").unwrap_or(&Value::Null);
        let spot = &launch["SpotSpecification"]["AllocationStrategy"];
        // An OnDemandSpecification consists of a strategy.
        !spot.is_null() || !launch["OnDemandSpecification"].is_null()
    }
}

/// One of the types that a fleet may have.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeConfig {
    /// The type, such as `m5.xlarge`.
    pub instance_type: String,
    /// Units of the fleet's targets that one instance counts, at least one.
    pub weight: u32,
    /// The bid for a spot instance of this type.
    pub bid: Bid,
    /// The EBS volumes of each.
    pub ebs: Ebs,
    /// How instances of this type differ from the others.
    pub setup: Setup,
    /// The other members of its `InstanceTypeConfig`, for EMR as they are written.
    pub rest: Map<String, Value>,
}

impl TypeConfig {
    /// A type of which no more is said.
    #[must_use]
    pub fn new(instance_type: String, weight: u32, bid: Bid) -> Self {
        Self { instance_type, weight, bid, ebs: Ebs::default(), setup: Setup::default(), rest: Map::new() }
    }
}

/// Members that say what a group, a fleet or a type is called and how EMR gets its instances, but not what those are.
///
/// Sources: <https://docs.aws.amazon.com/emr/latest/APIReference/API_InstanceGroupConfig.html>,
/// <https://docs.aws.amazon.com/emr/latest/APIReference/API_InstanceFleetConfig.html> and
/// <https://docs.aws.amazon.com/emr/latest/APIReference/API_InstanceTypeConfig.html>
const OF_PROVISIONING: [&str; 6] =
    ["AutoScalingPolicy", "Context", "LaunchSpecifications", "Name", "Priority", "ResizeSpecifications"];

/// The members among the `rest` of a group, a fleet or a type that may make its instances other ones: whatever AWS has
/// added since these tools were written.
pub fn unknown_members(rest: &Map<String, Value>) -> impl Iterator<Item = (&str, &Value)> {
    let all = rest.iter().map(|(name, value)| (name.as_str(), value));
    all.filter(|(name, _)| !OF_PROVISIONING.contains(name))
}
