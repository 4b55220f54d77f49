//! All that EMR tells of a cluster, in the shapes of its API: nothing of it is lost to types that know less.

use serde_json::Value;

use crate::model::cluster::ClusterDetail;

/// All that EMR tells of a cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// What the tools know of it.
    pub detail: ClusterDetail,
    /// As `DescribeCluster` tells it.
    pub cluster: Value,
    /// Its instance groups, as `ListInstanceGroups` tells them.
    pub groups: Vec<Value>,
    /// Its instance fleets, as `ListInstanceFleets` tells them.
    pub fleets: Vec<Value>,
    /// Its bootstrap actions, as `ListBootstrapActions` tells them.
    pub bootstrap_actions: Vec<Value>,
    /// When EMR ends it for want of work, if there is such a policy.
    pub auto_termination: Option<Value>,
    /// How EMR makes it larger and smaller, if there is such a policy.
    pub managed_scaling: Option<Value>,
}
