//! Chooses the address of a node.

use emr_core::error::{Error, Outcome, Result};
use emr_core::model::instance::Node;
use emr_core::model::instances::Role;

use super::Reach;

/// An address of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// Its public name.
    PublicDns,
    /// Its public address.
    PublicIp,
    /// Its private name, for users with a VPN.
    PrivateDns,
    /// Its private address.
    PrivateIp,
    /// Its instance id, for a `ProxyCommand` in the user's `ssh_config`, such as AWS Systems Manager's.
    InstanceId,
}

/// The addresses to try, those that are reachable from anywhere first.
const EACH: [Address; 4] = [Address::PublicDns, Address::PublicIp, Address::PrivateIp, Address::PrivateDns];

/// The master, through which the other nodes are reached: the first one.
#[must_use]
pub fn master(nodes: &[Node]) -> Option<&Node> {
    nodes.iter().find(|node| node.role == Role::Master)
}

/// The address of `node`, as seen from here or from the master.
pub fn address<'a>(node: &'a Node, reach: &Reach, from_here: bool) -> Result<&'a str> {
    let found = match reach.address {
        _ if !from_here => of(node, Address::PrivateIp).or(of(node, Address::PrivateDns)),
        Some(address) => of(node, address),
        None => EACH.into_iter().find_map(|address| of(node, address)),
    };
    let missing = || Error::new(Outcome::Unavailable, format!("{} has no such address", node.id));
    let found = found.ok_or_else(|| missing().advise("choose another with --ssh-address"))?;
    if is_host(found) {
        return Ok(found);
    }
    Err(Error::new(
        Outcome::Unavailable,
        format!("{} has the address '{found}', which is neither a host name nor an IP address", node.id),
    ))
}

fn of(node: &Node, address: Address) -> Option<&str> {
    match address {
        Address::PublicDns => node.public_dns.as_deref(),
        Address::PublicIp => node.public_ip.as_deref(),
        Address::PrivateDns => node.private_dns.as_deref(),
        Address::PrivateIp => node.private_ip.as_deref(),
        Address::InstanceId => Some(node.id.as_str()),
    }
}

/// Whether `text` is a host name or an IP address, without characters that `ssh` interprets.
fn is_host(text: &str) -> bool {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b".-:_".contains(&byte);
    (1..=253).contains(&text.len()) && !text.starts_with('-') && text.bytes().all(is_fit)
}

#[cfg(test)]
mod tests {
    use super::super::example::reach;
    use super::*;
    use emr_core::model::instance::example::node;

    #[test]
    fn the_master_has_its_public_name_and_the_others_private_addresses() {
        let (master, slave) = (node(1, Role::Master), node(2, Role::Core));
        assert_eq!(address(&master, &reach(), true).unwrap(), "ec2-1-1-1-1.compute-1.amazonaws.com");
        assert_eq!(address(&slave, &reach(), false).unwrap(), "10.0.0.2");
        let private = Node { public_dns: None, ..master };
        assert_eq!(address(&private, &reach(), true).unwrap(), "10.0.0.1");
    }

    #[test]
    fn the_chosen_kind_of_address_applies_to_nodes_reached_from_here() {
        let reach = Reach { address: Some(Address::InstanceId), ..reach() };
        assert_eq!(address(&node(2, Role::Core), &reach, true).unwrap(), "i-2");
        assert_eq!(address(&node(2, Role::Core), &reach, false).unwrap(), "10.0.0.2");
        let reach = Reach { address: Some(Address::PublicDns), ..reach };
        let missing = address(&node(2, Role::Core), &reach, true).unwrap_err().to_string();
        assert_eq!(missing, "i-2 has no such address; choose another with --ssh-address");
    }

    #[test]
    fn text_that_ssh_would_interpret_is_not_an_address() {
        for bad in
            ["-oProxyCommand=id", "a b", "h\nUser root", "h*", "!h", "u@h", "h,g", "ssh://h", "%h", &"a".repeat(254)]
        {
            let node = Node { private_ip: Some(bad.to_owned()), ..node(2, Role::Core) };
            assert!(address(&node, &reach(), false).is_err(), "{bad}");
        }
        let node = Node { private_ip: Some("2600:1f18::1".to_owned()), ..node(2, Role::Core) };
        assert_eq!(address(&node, &reach(), false).unwrap(), "2600:1f18::1");
    }
}
