//! The record of a node, and of the result of a command on it.

use emr_core::model::id::{InstanceId, JobFlowId};
use emr_core::model::instance::Node;
use emr_core::model::record::{Record, cell};
use serde::Serialize;

/// A node of a job flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct NodeRecord {
    /// The id of the job flow.
    pub job_flow_id: JobFlowId,
    /// The node's EC2 instance id.
    pub node: InstanceId,
    /// `master`, `core` or `task`.
    pub role: &'static str,
    /// Its state when the nodes were listed.
    pub state: String,
    /// Its private address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_ip: Option<String>,
    /// Its private name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_dns: Option<String>,
    /// Its public address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_ip: Option<String>,
    /// The exit code of the command, if it ran to its end; 128 plus the signal if a signal ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<u8>,
    /// The stdout of the command, lossily converted to UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdout: Option<String>,
    /// The stderr of the command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stderr: Option<String>,
    /// The file with the stdout of the command, with `--output-dir`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Why the command did not run, or not to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl NodeRecord {
    /// The record of `node`, without a result of a command.
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

    /// Names are not cut, as `--node` takes them.
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
