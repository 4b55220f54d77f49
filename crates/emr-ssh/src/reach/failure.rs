//! Translates what `ssh` says when it fails into a cause and advice for users of EMR.

use emr_core::error::{Error, Outcome};
use emr_core::model::instance::Node;

use super::Reach;

/// Text in the output of `ssh`, what it means, and what to do. The first match counts.
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
    (
        "connection refused",
        Outcome::Unavailable,
        "nothing listens there",
        "check that the node is up, and that this is its address",
    ),
    (
        "timed out",
        Outcome::Unavailable,
        "it does not answer",
        "let SSH in by the security group of the master, or choose another address with --ssh-address",
    ),
    ("not responding", Outcome::Unavailable, "it does not answer any more", "check that the node still runs"),
    (
        "unreachable",
        Outcome::Unavailable,
        "there is no way to it from here",
        "look at the network, or choose another address with --ssh-address",
    ),
    ("no route to host", Outcome::Unavailable, "it does not answer from here", "check that the node still runs"),
];

/// How an `ssh` ended without the exit code of its command.
#[derive(Debug, Clone, Copy)]
pub struct Failed<'a> {
    /// Its exit code; `None` if it was killed.
    pub code: Option<i32>,
    /// Whether the command began.
    pub began: bool,
    /// What it, or the login shell, wrote to stderr.
    pub said: &'a [u8],
    /// What the `ssh` that holds the connection to the master wrote to stderr, if there is one. Only that one learns why
    /// the master opens no channel to a node.
    pub holder: &'a [u8],
}

/// The error of an `ssh` to `node` that has failed.
#[must_use]
pub fn failure(node: &Node, reach: &Reach, failed: Failed<'_>) -> Error {
    let text = String::from_utf8_lossy(failed.said);
    let said = text.lines().map(str::trim).rfind(|line| !line.is_empty());
    match failed.code {
        // 255 is `ssh`'s exit code for its own failures.
        Some(code) if code != 255 && !failed.began => shell_ended(node, code, said),
        _ if forbids_forwarding(&text, failed.holder) => {
            let message = "the master forbids forwarding (administratively prohibited), and so the way through it";
            let advice =
                "allow it there (AllowTcpForwarding in sshd_config), or reach each node from here with --direct";
            Error::new(Outcome::Denied, message).on(&node.id).advise(advice)
        }
        _ => ssh_failed(node, reach, &text.to_lowercase(), said),
    }
}

/// Whether an `ssh` that wrote `said` failed because the master forbids forwarding.
fn forbids_forwarding(said: &str, holder: &[u8]) -> bool {
    const FORBIDDEN: &str = "administratively prohibited";
    let is_refused = said.contains("Stdio forwarding request failed");
    said.contains(FORBIDDEN) || is_refused && String::from_utf8_lossy(holder).contains(FORBIDDEN)
}

fn ssh_failed(node: &Node, reach: &Reach, text: &str, said: Option<&str>) -> Error {
    if text.contains("identification has changed") || text.contains("host key verification failed") {
        return changed_key(node, reach);
    }
    let said = said.unwrap_or("the connection was lost");
    match CAUSES.iter().find(|(words, ..)| text.contains(words)) {
        Some((_, outcome, cause, advice)) => {
            Error::new(*outcome, format!("{cause} ({said})")).on(&node.id).advise(*advice)
        }
        None => Error::new(Outcome::Unavailable, said).on(&node.id),
    }
}

fn shell_ended(node: &Node, code: i32, said: Option<&str>) -> Error {
    let said = said.map_or_else(String::new, |said| format!(" ({said})"));
    let message = format!("the login shell ended with {code} before the command began{said}");
    Error::new(Outcome::Unavailable, message).on(&node.id).advise("look at .bashrc there")
}

fn changed_key(node: &Node, reach: &Reach) -> Error {
    let (id, file) = (&node.id, reach.known_hosts.display());
    let message = format!("its host key differs from the one pinned in {file}; somebody may intercept the connection");
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
        failed(Failed { code: Some(255), began: false, said: stderr.as_bytes(), holder: b"" })
    }

    fn failed(failed: Failed<'_>) -> Error {
        failure(&node(7, Role::Core), &reach(), failed)
    }

    #[test]
    fn each_cause_has_its_exit_code_and_advice() {
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
    fn a_master_that_forbids_forwarding_differs_from_a_node_that_closes_the_connection() {
        let prohibited = b"channel 3: open failed: administratively prohibited: open failed\r\n";
        let refused = "Stdio forwarding request failed: Session open refused by peer\r\n";
        let closed = "kex_exchange_identification: Connection closed by remote host\r\n";
        let through =
            |said: &str, holder| failed(Failed { code: Some(255), began: false, said: said.as_bytes(), holder });
        let forbidden = through(&format!("{refused}{closed}"), &prohibited[..]);
        assert_eq!(forbidden.outcome, Outcome::Denied);
        let text = forbidden.to_string();
        assert!(text.starts_with("i-7: the master forbids forwarding") && text.ends_with("with --direct"), "{text}");
        assert_eq!(through(closed, prohibited).outcome, Outcome::Unavailable, "it came through");
        assert_eq!(through(refused, b"").outcome, Outcome::Unavailable);
    }

    #[test]
    fn a_login_shell_that_ends_too_early_is_not_a_lost_connection() {
        let early = failed(Failed { code: Some(3), began: false, said: b"no space left on /home\n", holder: b"" });
        let text =
            "i-7: the login shell ended with 3 before the command began (no space left on /home); look at .bashrc";
        assert!(early.to_string().starts_with(text), "{early}");
        let lost = failed(Failed { code: None, began: true, said: b"", holder: b"" });
        assert_eq!(lost.to_string(), "i-7: the connection was lost");
    }

    #[test]
    fn the_error_about_a_changed_key_says_how_to_remove_it() {
        let error =
            of("@@@@\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\n@@@@\nHost key verification failed.\r\n");
        assert_eq!(error.outcome, Outcome::Denied);
        let text = error.to_string();
        assert!(text.ends_with("ssh-keygen -R i-7 -f /state/known_hosts/j-A"), "{text}");
    }

    #[test]
    fn output_of_ssh_cannot_move_the_cursor() {
        assert!(!of("\u{1b}[2J\u{7}").to_string().contains('\u{1b}'));
    }
}
