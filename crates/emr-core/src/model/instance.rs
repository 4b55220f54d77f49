//! A node: an EC2 instance of a cluster, and the addresses that it has.

use crate::model::id::InstanceId;
use crate::model::instances::Role;

/// An instance of a cluster, as `ListInstances` tells of it.
///
/// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_Instance.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The id of its EC2 instance, which no other instance ever gets; addresses are used again.
    pub id: InstanceId,
    /// What it is for.
    pub role: Role,
    /// Its state in EMR's words, such as `RUNNING`.
    pub state: String,
    /// The id of its instance group or fleet.
    pub group: Option<String>,
    /// Its name inside its network, such as `ip-10-0-0-1.ec2.internal`.
    pub private_dns: Option<String>,
    /// Its address inside its network.
    pub private_ip: Option<String>,
    /// Its public name; none in a private subnet.
    pub public_dns: Option<String>,
    /// Its public address; none in a private subnet.
    pub public_ip: Option<String>,
}

impl Node {
    /// What people call it: its name without the domain, as in Hadoop's logs, or else its id.
    ///
    /// It has nothing in it that a terminal, a shell or a file system would read as more than a name.
    #[must_use]
    pub fn label(&self) -> &str {
        let short = self.private_dns.as_deref().and_then(|name| name.split('.').next());
        let is_plain = |name: &&str| {
            name.starts_with(|c: char| c.is_ascii_alphanumeric())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        short.filter(is_plain).unwrap_or(self.id.as_str())
    }

    /// Whether `name` is its instance id, one of its addresses, or one of its names, whole or without the domain.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        let names = [&self.private_dns, &self.public_dns].into_iter().flatten();
        let ips = [&self.private_ip, &self.public_ip].into_iter().flatten();
        let short = |full: &String| full.split('.').next() == Some(name);
        self.id.as_str() == name
            || ips.into_iter().any(|ip| ip == name)
            || names.into_iter().any(|full| full == name || short(full))
    }
}

/// Nodes for tests.
#[cfg(any(test, feature = "examples"))]
pub mod example {
    use super::{Node, Role};

    /// The node `i-{number}`, which has the private address `10.0.0.{number}`, and as a master a public name.
    #[must_use]
    pub fn node(number: u8, role: Role) -> Node {
        Node {
            id: format!("i-{number}").parse().expect("an id"),
            role,
            state: "RUNNING".to_owned(),
            group: None,
            private_dns: Some(format!("ip-10-0-0-{number}.ec2.internal")),
            private_ip: Some(format!("10.0.0.{number}")),
            public_dns: (role == Role::Master).then(|| format!("ec2-1-1-1-{number}.compute-1.amazonaws.com")),
            public_ip: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_more_than_a_name_is_no_label() {
        let named = |name: &str| Node { private_dns: Some(name.to_owned()), ..example::node(7, Role::Core) };
        assert_eq!(named("ip-10-0-0-7.ec2.internal").label(), "ip-10-0-0-7");
        for name in ["", ".", "../x.y", "-x", "a\u{1b}[2J", "$(id)", "ä"] {
            assert_eq!(named(name).label(), "i-7", "{name}");
        }
    }

    #[test]
    fn a_node_is_known_by_its_id_its_addresses_and_its_names() {
        let node = example::node(7, Role::Master);
        for name in ["i-7", "10.0.0.7", "ip-10-0-0-7", "ip-10-0-0-7.ec2.internal", "ec2-1-1-1-7"] {
            assert!(node.is_named(name), "{name}");
        }
        for name in ["", "i-", "10.0.0", "ip", "ec2.internal", "ip-10-0-0-7.ec2"] {
            assert!(!node.is_named(name), "{name}");
        }
    }
}
