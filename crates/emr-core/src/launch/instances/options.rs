//! The options for a job flow's instances.

use serde_json::Value;

use crate::config::setting::{Source, strength};
use crate::config::{Config, Decisions, Setting, options as keys};
use crate::error::Result;

/// The options for a job flow's instances, each with its source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceOptions {
    /// All instances, including the master.
    pub total: Option<Setting<u32>>,
    /// Core instances.
    pub core: Option<Setting<u32>>,
    /// Task instances.
    pub task: Option<Setting<u32>>,
    /// The type of instances that run tasks.
    pub general_type: Option<Setting<String>>,
    /// The master's type.
    pub master_type: Option<Setting<String>>,
    /// The core instances' type.
    pub core_type: Option<Setting<String>>,
    /// The task instances' type.
    pub task_type: Option<Setting<String>>,
    /// The master's bid.
    pub master_bid: Option<Setting<String>>,
    /// The core instances' bid.
    pub core_bid: Option<Setting<String>>,
    /// The task instances' bid.
    pub task_bid: Option<Setting<String>>,
    /// A list of instance groups for `RunJobFlow`, or its text.
    pub groups: Option<Setting<Value>>,
    /// A list of instance fleets for `RunJobFlow`, or its text.
    pub fleets: Option<Setting<Value>>,
}

impl InstanceOptions {
    /// Looks the options up. Of lists and simple options those with the highest precedence count.
    pub fn look_up(config: &Config, decisions: &mut Decisions) -> Result<Self> {
        let options = Self {
            total: config.get(&keys::NUM_EC2_INSTANCES)?,
            core: config.get(&keys::NUM_EC2_CORE_INSTANCES)?,
            task: config.get(&keys::NUM_EC2_TASK_INSTANCES)?,
            general_type: config.get(&keys::EC2_INSTANCE_TYPE)?,
            master_type: config.get(&keys::EC2_MASTER_INSTANCE_TYPE)?,
            core_type: config.get(&keys::EC2_CORE_INSTANCE_TYPE)?,
            task_type: config.get(&keys::EC2_TASK_INSTANCE_TYPE)?,
            master_bid: config.get(&keys::EC2_MASTER_INSTANCE_BID_PRICE)?,
            core_bid: config.get(&keys::EC2_CORE_INSTANCE_BID_PRICE)?,
            task_bid: config.get(&keys::EC2_TASK_INSTANCE_BID_PRICE)?,
            groups: config.get(&keys::INSTANCE_GROUPS)?,
            fleets: config.get(&keys::INSTANCE_FLEETS)?,
        };
        let (groups, fleets) = (strength(options.groups.as_ref()), strength(options.fleets.as_ref()));
        if !options.is_listed() || groups < fleets {
            decisions.withdraw(&keys::INSTANCE_GROUPS);
        }
        if !options.is_listed() || fleets < groups {
            decisions.withdraw(&keys::INSTANCE_FLEETS);
        }
        Ok(options)
    }

    /// Whether a list of groups or fleets counts, rather than the simple options.
    pub(super) fn is_listed(&self) -> bool {
        let listed = strength(self.groups.as_ref()).max(strength(self.fleets.as_ref()));
        listed.is_some() && self.simple().map(Source::strength) <= listed
    }

    /// The source with the highest precedence among the simple options: numbers, types and bids.
    pub(super) fn simple(&self) -> Option<&Source> {
        let counts = [&self.total, &self.core, &self.task];
        let types = [&self.general_type, &self.master_type, &self.core_type, &self.task_type];
        let bids = [&self.master_bid, &self.core_bid, &self.task_bid];
        let numbers = counts.into_iter().flatten().map(|count| &count.source);
        let texts = types.into_iter().chain(bids).flatten().map(|text| &text.source);
        numbers.chain(texts).max_by_key(|source| source.strength())
    }
}
