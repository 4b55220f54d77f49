//! A node: an EC2 instance of a cluster, with its addresses.

use crate::model::id::InstanceId;
use crate::model::instances::Role;

/// An instance of a cluster, from `ListInstances`.
///
/// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_Instance.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its EC2 instance id, which is never reused. Addresses are.
    pub id: InstanceId,
    /// Its role.
    pub role: Role,
    /// Its state in EMR's API, such as `RUNNING`.
    pub state: String,
    /// The id of its instance group or fleet.
    pub group: Option<String>,
    /// Its private DNS name, such as `ip-10-0-0-1.ec2.internal`.
    pub private_dns: Option<String>,
    /// Its private address.
    pub private_ip: Option<String>,
    /// Its public DNS name; `None` in a private subnet.
    pub public_dns: Option<String>,
    /// Its public address; `None` in a private subnet.
    pub public_ip: Option<String>,
}

impl Node {
    /// A short name for people: its private DNS name without the domain, as in Hadoop's logs, or else its id.
    ///
    /// It is safe in terminals, shells and file names.
    #[must_use]
    pub fn label(&self) -> &str {
        let short = self.private_dns.as_deref().and_then(|name| name.split('.').next());
        let is_plain = |name: &&str| {
            name.starts_with(|c: char| c.is_ascii_alphanumeric())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        short.filter(is_plain).unwrap_or(self.id.as_str())
    }

    /// Whether `name` is its instance id, an address, or a DNS name, with or without the domain.
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

    /// The node `i-{number}` with the private address `10.0.0.{number}`, and as a master with a public name.
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
    fn an_unsafe_name_is_not_a_label() {
        let named = |name: &str| Node { private_dns: Some(name.to_owned()), ..example::node(7, Role::Core) };
        assert_eq!(named("ip-10-0-0-7.ec2.internal").label(), "ip-10-0-0-7");
        for name in ["", ".", "../x.y", "-x", "a\u{1b}[2J", "$(id)", "ä"] {
            assert_eq!(named(name).label(), "i-7", "{name}");
        }
    }

    #[test]
    fn a_node_is_found_by_id_address_or_name() {
        let node = example::node(7, Role::Master);
        for name in ["i-7", "10.0.0.7", "ip-10-0-0-7", "ip-10-0-0-7.ec2.internal", "ec2-1-1-1-7"] {
            assert!(node.is_named(name), "{name}");
        }
        for name in ["", "i-", "10.0.0", "ip", "ec2.internal", "ip-10-0-0-7.ec2"] {
            assert!(!node.is_named(name), "{name}");
        }
    }
}
