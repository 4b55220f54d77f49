//! Everything that EMR's API returns about a cluster, as the API's JSON, so that members unknown to our types are kept.

use serde_json::Value;

use crate::model::cluster::ClusterDetail;

/// Everything about a cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// The parsed details.
    pub detail: ClusterDetail,
    /// The answer of `DescribeCluster`.
    pub cluster: Value,
    /// Its instance groups, from `ListInstanceGroups`.
    pub groups: Vec<Value>,
    /// Its instance fleets, from `ListInstanceFleets`.
    pub fleets: Vec<Value>,
    /// Its bootstrap actions, from `ListBootstrapActions`.
    pub bootstrap_actions: Vec<Value>,
    /// Its auto-termination policy, if any.
    pub auto_termination: Option<Value>,
    /// Its managed scaling policy, if any.
    pub managed_scaling: Option<Value>,
}
