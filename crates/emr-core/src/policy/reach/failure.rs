//! What `ssh` says when it fails, in the words of a person who knows EMR.

use super::Reach;
use crate::error::{Error, Outcome};
use crate::model::instance::Node;

/// Words in what `ssh` says, what they mean, and what to do. The first that fits counts.
const CAUSES: &[(&str, Outcome, &str, &str)] = &[
    ("bad configuration option", Outcome::Config, "ssh does not understand its configuration", "look at ssh_config"),
    (
        "bad owner or permissions",
        Outcome::Config,
        "ssh refuses its configuration",
        "look at the owner and mode of ssh_config",
    ),
    ("unprotected private key", Outcome::Config, "others can read the private key", "chmod 600 it"),
    (
        "permission denied",
        Outcome::Denied,
        "the node does not let us in",
        "name the private key of the job flow's key pair with --ec2-key-pair-file, or load it into the agent with ssh-add if it has a passphrase",
    ),
    (
        "too many authentication failures",
        Outcome::Denied,
        "the node does not let us in",
        "name the private key with --ec2-key-pair-file: the agent has too many",
    ),
    (
        "could not resolve",
        Outcome::Unavailable,
        "its name is not known here",
        "choose another address with --ssh-address, or look at the network",
    ),
    ("connection refused", Outcome::Unavailable, "nothing listens there", "is it up, and is this its address?"),
    (
        "timed out",
        Outcome::Unavailable,
        "it does not answer",
        "let SSH in by the security group of the master, or choose another address with --ssh-address",
    ),
    ("not responding", Outcome::Unavailable, "it does not answer any more", "look whether the node is still there"),
    (
        "unreachable",
        Outcome::Unavailable,
        "there is no way to it from here",
        "leave out --direct, or choose another address with --ssh-address",
    ),
    ("no route to host", Outcome::Unavailable, "it does not answer from here", "look whether the node is still there"),
];

/// The error that `stderr`, which a failed `ssh` to `node` has said, means.
#[must_use]
pub fn failure(node: &Node, reach: &Reach, stderr: &[u8]) -> Error {
    let text = String::from_utf8_lossy(stderr);
    let lower = text.to_lowercase();
    if lower.contains("identification has changed") || lower.contains("host key verification failed") {
        return changed_key(node, reach);
    }
    let said = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("the connection was lost");
    match CAUSES.iter().find(|(words, ..)| lower.contains(words)) {
        Some((_, outcome, cause, advice)) => {
            Error::new(*outcome, format!("{}: {cause} ({said})", node.id)).advise(*advice)
        }
        None => Error::new(Outcome::Unavailable, format!("{}: {said}", node.id)),
    }
}

fn changed_key(node: &Node, reach: &Reach) -> Error {
    let (id, file) = (&node.id, reach.known_hosts.display());
    let message = format!("{id}: its host key is not the one that was pinned in {file}; somebody may be in between");
    Error::new(Outcome::Denied, message).advise(format!("if you know why it changed: ssh-keygen -R {id} -f {file}"))
}
