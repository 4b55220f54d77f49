//! What `ssh` says when it fails, in the words of a person who knows EMR.

use emr_core::error::{Error, Outcome};
use emr_core::model::instance::Node;

use super::Reach;

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
        "name the private key with --ec2-key-pair-file; one that has a passphrase belongs into an agent (ssh-add)",
    ),
    (
        "too many authentication failures",
        Outcome::Denied,
        "the node does not let us in",
        "the agent has too many keys: name the right one with --ec2-key-pair-file",
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
        "look at the network, or choose another address with --ssh-address",
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
            Error::new(*outcome, format!("{cause} ({said})")).on(&node.id).advise(*advice)
        }
        None => Error::new(Outcome::Unavailable, said).on(&node.id),
    }
}

fn changed_key(node: &Node, reach: &Reach) -> Error {
    let (id, file) = (&node.id, reach.known_hosts.display());
    let message = format!("its host key is not the one that was pinned in {file}; somebody may be in between");
    let advice = format!("if you know why it changed: ssh-keygen -R {id} -f {file}");
    Error::new(Outcome::Denied, message).on(id).advise(advice)
}

#[cfg(test)]
mod tests {
    use super::super::example::reach;
    use super::*;
    use emr_core::model::instance::example::node;
    use emr_core::model::instances::Role;

    fn of(stderr: &str) -> Error {
        failure(&node(7, Role::Core), &reach(), stderr.as_bytes())
    }

    #[test]
    fn each_cause_has_its_exit_code_and_says_what_to_do() {
        let denied = of("hadoop@10.0.0.7: Permission denied (publickey).\r\n");
        assert_eq!(denied.outcome, Outcome::Denied);
        let text =
            "i-7: the node does not let us in (hadoop@10.0.0.7: Permission denied (publickey).); name the private";
        assert!(denied.to_string().starts_with(text), "{denied}");
        for (said, outcome) in [
            ("ssh: connect to host 10.0.0.7 port 22: Connection refused", Outcome::Unavailable),
            ("ssh: connect to host 10.0.0.7 port 22: Connection timed out", Outcome::Unavailable),
            ("channel 0: open failed: connect failed: No route to host\nstdio forwarding failed", Outcome::Unavailable),
            ("Connection closed by UNKNOWN port 65535", Outcome::Unavailable),
            ("", Outcome::Unavailable),
            ("/c: line 1: Bad configuration option: x\n/c: terminating, 1 bad configuration options", Outcome::Config),
        ] {
            assert_eq!(of(said).outcome, outcome, "{said}");
        }
    }

    #[test]
    fn a_changed_key_names_the_file_and_the_way_to_pin_anew() {
        let error =
            of("@@@@\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\n@@@@\nHost key verification failed.\r\n");
        assert_eq!(error.outcome, Outcome::Denied);
        let text = error.to_string();
        assert!(text.ends_with("ssh-keygen -R i-7 -f /state/known_hosts/j-A"), "{text}");
    }

    #[test]
    fn what_ssh_says_cannot_move_the_cursor() {
        assert!(!of("\u{1b}[2J\u{7}").to_string().contains('\u{1b}'));
    }
}
