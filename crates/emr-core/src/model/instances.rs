//! The instances of a job flow: groups of one type each, or fleets that choose among several.
//!
//! The words are those of `RunJobFlow`:
//! <https://docs.aws.amazon.com/emr/latest/APIReference/API_JobFlowInstancesConfig.html>

use serde_json::Value;

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
    /// The group's name; where there is none, it is named after its role.
    pub name: Option<String>,
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
    /// When EMR makes the group larger and smaller, as EMR takes it (`AutoScalingPolicy`).
    pub scaling: Option<Value>,
}

impl InstanceGroup {
    /// A group of which no more is said.
    #[must_use]
    pub fn new(role: Role, instance_type: String, count: u32, market: Market) -> Self {
        let (ebs, setup) = (Ebs::default(), Setup::default());
        Self { role, name: None, instance_type, count, market, ebs, setup, scaling: None }
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

/// The most that a spot instance may cost an hour.
#[derive(Debug, Clone, PartialEq)]
pub enum Bid {
    /// US dollars, as they were written.
    Usd(String),
    /// Per cent of the on-demand price, finite.
    Percent(f64),
    /// The on-demand price, which caps spot instances without a bid.
    OnDemandPrice,
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
    /// The fleet's name, where it has one.
    pub name: Option<String>,
    /// Units to buy on demand; an instance counts as many as its type weighs.
    pub on_demand: u32,
    /// Units to buy as spot instances.
    pub spot: u32,
    /// The types to choose from.
    pub types: Vec<TypeConfig>,
    /// How spot instances are got at the start, where that is said.
    pub spot_provisioning: Option<SpotProvisioning>,
    /// How on-demand instances are got at the start, where that is said. There is no time-out.
    pub on_demand_provisioning: Option<Allocation>,
    /// How spot instances are got when the fleet grows later, where that is said.
    pub spot_resizing: Option<Allocation>,
    /// How on-demand instances are got when the fleet grows later, where that is said.
    pub on_demand_resizing: Option<Allocation>,
    /// `Context`, which EMR hands on.
    pub context: Option<String>,
}

impl InstanceFleet {
    /// A fleet of which no more is said.
    #[must_use]
    pub fn new(role: Role, on_demand: u32, spot: u32, types: Vec<TypeConfig>) -> Self {
        Self {
            role,
            name: None,
            on_demand,
            spot,
            types,
            spot_provisioning: None,
            on_demand_provisioning: None,
            spot_resizing: None,
            on_demand_resizing: None,
            context: None,
        }
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
    /// Its place for the allocation strategies that go by priority; less comes first.
    pub priority: Option<f64>,
    /// How instances of this type differ from the others.
    pub setup: Setup,
}

impl TypeConfig {
    /// A type of which no more is said.
    #[must_use]
    pub fn new(instance_type: String, weight: u32, bid: Bid) -> Self {
        Self { instance_type, weight, bid, ebs: Ebs::default(), priority: None, setup: Setup::default() }
    }
}

/// How a fleet gets its spot instances when the cluster starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpotProvisioning {
    /// Minutes after which the action is taken.
    pub timeout_minutes: u32,
    /// `SWITCH_TO_ON_DEMAND` or `TERMINATE_CLUSTER`.
    pub timeout_action: String,
    /// Which pools of spot instances are preferred, such as `capacity-optimized`.
    pub allocation_strategy: Option<String>,
}

/// How a fleet gets instances of one market.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allocation {
    /// Minutes after which EMR gives up.
    pub timeout_minutes: Option<u32>,
    /// Which types are preferred, such as `lowest-price`.
    pub strategy: Option<String>,
    /// Which capacity reservations are used, where that is said.
    pub reservations: Option<CapacityReservations>,
}

/// The capacity reservations of EC2 that a fleet's on-demand instances may use, in EMR's words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CapacityReservations {
    /// `use-capacity-reservations-first`.
    pub usage_strategy: Option<String>,
    /// `open` or `none`.
    pub preference: Option<String>,
    /// The group of reservations (ARN) to use.
    pub resource_group: Option<String>,
}
