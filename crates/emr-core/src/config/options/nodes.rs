//! Options for reaching nodes by SSH.

use super::keys;
use crate::config::{Argument, FilePath, Key, Nested, Takes, Words};

const HEADING: &str = "SSH";
const ACTION: &str = "What to do";

keys! { NODES:
    /// File with the private key of the key pair; by default what the SSH agent or ssh_config has.
    EC2_KEY_PAIR_FILE: FilePath = Key::named("ec2_key_pair_file")
        .typed_as(&[Argument::new(
            "ec2-key-pair-file",
            Takes::Value("PATH"),
            "Private key of the job flow's key pair; it never leaves this machine [default: what the agent or ssh_config \
             has]",
        )
        .first()
        .under(HEADING)]);

    /// Command that runs ssh; ssh by default.
    SSH_BIN: Words = Key::named("ssh_bin")
        .typed_as(&[Argument::new(
            "ssh-bin",
            Takes::Value("COMMAND"),
            "The ssh command, with options where needed [default: ssh]",
        )
        .under(HEADING)]);

    /// Local ports to try for a tunnel, a list of numbers; by default 40001 to 40840.
    SSH_BIND_PORTS: Nested = Key::named("ssh_bind_ports")
        .typed_as(&[Argument::new(
            "ssh-bind-ports",
            Takes::Value("PORTS"),
            "Local ports for the tunnel [default: 40001:40840]",
        )
        .requires(&["tunnel"])
        .under(ACTION)]);

    /// Whether other machines may use the tunnel; by default not.
    SSH_TUNNEL_IS_OPEN: bool = Key::named("ssh_tunnel_is_open")
        .typed_as(&[Argument::yes("ssh-tunnel-is-open", "Let other machines use the tunnel")
            .requires(&["tunnel"])
            .under(ACTION)]);
}
