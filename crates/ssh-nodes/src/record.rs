//! The record of a node, and of what a command came to on it.

use emr_core::model::id::{InstanceId, JobFlowId};
use emr_core::model::instance::Node;
use emr_core::model::record::{Record, cell};
use serde::Serialize;

/// A node of a job flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct NodeRecord {
    /// The job flow.
    pub job_flow_id: JobFlowId,
    /// The node's EC2 instance id.
    pub node: InstanceId,
    /// `master`, `core` or `task`.
    pub role: &'static str,
    /// Its state when it was looked at.
    pub state: String,
    /// Its address inside its network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_ip: Option<String>,
    /// Its name inside its network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_dns: Option<String>,
    /// Its public address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_ip: Option<String>,
    /// What the command came to, where one was run to its end: 128 and a signal's number where one ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<u8>,
    /// What the command printed; what is not UTF-8 is replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdout: Option<String>,
    /// What the command said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stderr: Option<String>,
    /// The file that has what the command printed, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Why it could not be run, or not to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl NodeRecord {
    /// The record of `node`, on which nothing was run.
    #[must_use]
    pub(crate) fn new(job_flow_id: JobFlowId, node: &Node) -> Self {
        Self {
            job_flow_id,
            node: node.id.clone(),
            role: node.role.group_name(),
            state: node.state.clone(),
            private_ip: node.private_ip.clone(),
            private_dns: node.private_dns.clone(),
            public_ip: node.public_ip.clone(),
            exit_code: None,
            stdout: None,
            stderr: None,
            file: None,
            error: None,
        }
    }
}

impl Record for NodeRecord {
    const COLUMNS: &'static [&'static str] = &["NODE", "ROLE", "STATE", "PRIVATE IP", "PUBLIC IP", "EXIT CODE", "NAME"];

    /// A node is chosen by its name, so that stays whole.
    const CUT: &'static [(&'static str, usize)] = &[];

    fn cells(&self) -> Vec<String> {
        vec![
            self.node.to_string(),
            self.role.to_owned(),
            self.state.clone(),
            cell(self.private_ip.as_ref()),
            cell(self.public_ip.as_ref()),
            cell(self.exit_code),
            cell(self.private_dns.as_ref()),
        ]
    }

    fn id(&self) -> &str {
        self.node.as_str()
    }
}
