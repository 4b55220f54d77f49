//! The command line of ssh-nodes.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use emr_cli::{Account, Group, NodeChoice, Options, Output, Ssh};
use emr_core::config::options::{SSH_BIND_PORTS, SSH_TUNNEL_IS_OPEN};
use emr_core::config::{Offer, Typed};
use emr_core::model::time;
use emr_ssh::reach;

const EXAMPLES: &str = "\
Examples:
  ssh-nodes j-2AXXXXXXGAPLF
  ssh-nodes j-2AXXXXXXGAPLF -- df -h /mnt
  ssh-nodes j-2AXXXXXXGAPLF --role core,task --group -- 'uname -r; nproc'
  ssh-nodes j-2AXXXXXXGAPLF --output json -- uptime | jq -r 'select(.exit_code != 0) | .node'
  ssh-nodes j-2AXXXXXXGAPLF --output-dir logs --timeout 1m -- sudo dmesg
  ssh-nodes j-2AXXXXXXGAPLF --login --node ip-10-0-0-12
  ssh-nodes j-2AXXXXXXGAPLF --tunnel
  ssh-nodes j-2AXXXXXXGAPLF --print | head -1
  list-job-flows --state RUNNING | ssh-nodes --role master -- yarn application -list";

const MANNER: &str = "What to do";

/// Run a command on the nodes of a job flow
///
/// Reaches the master, core and task nodes by ssh, all through one connection to the master. The private key stays on
/// this machine, and the agent is not forwarded. Without a command, prints a record of each node.
///
/// Several words are a command and its arguments, and reach each node unchanged. A single word is a line for the node's
/// shell. The command's stdin is empty. Its output is passed on as it arrives: each line starts with the name of the
/// node, stdout goes to stdout, stderr to stderr. With --output there is a record per node instead. The exit code is the
/// largest of all nodes. When the time is over or this tool ends, the command is ended on the nodes, too, together with
/// its background processes that still print.
///
/// Host keys are pinned when first seen, in ~/.local/state/emr-tools/known_hosts/JOB_FLOW; a changed key is an error.
/// The tool never asks for a password or passphrase: add a key that has one to an agent.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Ids of job flows [default: those on stdin, as with -]
    #[arg(value_name = "JOB_FLOW")]
    pub(crate) job_flows: Vec<String>,

    /// The command and its arguments
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,

    #[command(flatten)]
    pub(crate) choice: NodeChoice,

    /// Number of nodes that run the command at once
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..),
        hide_short_help = true)]
    pub(crate) fan_out: u16,

    /// Longest time on a node, from the start of its connection [default: no limit]
    #[arg(long, value_name = "DURATION", value_parser = time::duration)]
    pub(crate) timeout: Option<Duration>,

    /// At the end, print equal outputs once, under the names of their nodes
    #[arg(long, requires = "command", conflicts_with = "output_dir", help_heading = MANNER)]
    pub(crate) group: bool,

    /// Write stdout and stderr of the command to the files NODE.out and NODE.err in this folder
    #[arg(long, value_name = "FOLDER", requires = "command", help_heading = MANNER)]
    pub(crate) output_dir: Option<PathBuf>,

    /// Print the plain ssh command line for each node, and run nothing
    #[arg(long, conflicts_with_all = ["group", "output_dir", "login", "tunnel"], help_heading = MANNER)]
    pub(crate) print: bool,

    /// Open a shell on the master, or on the node of --node
    #[arg(long, conflicts_with_all = ["group", "output_dir", "tunnel"], help_heading = MANNER)]
    pub(crate) login: bool,

    /// Open the page of the resource manager (on AMI 2 the job tracker) at a local port until interrupted, and print
    /// its URL; a number after it is the port [default: one of --ssh-bind-ports, always the same one for a job flow]
    #[arg(long, value_name = "PORT", num_args = 0..=1, require_equals = true, conflicts_with = "command", help_heading = MANNER)]
    #[expect(clippy::option_option, reason = "the port is optional")]
    pub(crate) tunnel: Option<Option<u16>>,

    #[command(flatten)]
    tunnel_options: Options<TunnelGroup>,

    #[command(flatten)]
    pub(crate) output: Output,

    #[command(flatten)]
    pub(crate) ssh: Ssh,

    #[command(flatten)]
    pub(crate) account: Account,
}

/// The options of the tunnel.
#[derive(Debug, Clone)]
struct TunnelGroup;

impl Group for TunnelGroup {
    const OFFERS: &'static [Offer] = &[SSH_BIND_PORTS.offer(), SSH_TUNNEL_IS_OPEN.offer()];
}

/// Joins the port of `--tunnel 8157` to it, as in `--tunnel=8157`. A word of digits is a port, any other word the id of
/// a job flow.
pub(crate) fn with_port(words: Vec<OsString>) -> Vec<OsString> {
    let mut joined: Vec<OsString> = Vec::new();
    let mut words = words.into_iter();
    for word in words.by_ref() {
        if word == "--" {
            joined.push(word);
            break;
        }
        let is_port = !word.is_empty() && word.as_encoded_bytes().iter().all(u8::is_ascii_digit);
        match joined.last_mut().filter(|last| is_port && *last == "--tunnel") {
            Some(tunnel) => {
                tunnel.push("=");
                tunnel.push(word);
            }
            None => joined.push(word),
        }
    }
    joined.extend(words);
    joined
}

impl Args {
    /// The typed options that may also be set in `mrjob.conf`.
    pub(crate) fn typed(&self) -> [&Typed; 2] {
        [self.tunnel_options.typed(), self.ssh.typed()]
    }

    /// The line for a node's shell, if there is a command.
    pub(crate) fn script(&self) -> Option<String> {
        match self.command.as_slice() {
            [] => None,
            [script] => Some(script.clone()),
            words => Some(reach::line(words)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Args {
        let words = ["ssh-nodes"].iter().chain(words).map(OsString::from).collect();
        Args::try_parse_from(with_port(words)).unwrap()
    }

    #[test]
    fn digits_after_tunnel_are_its_port_but_an_id_is_not() {
        for words in [["j-A", "--tunnel", "8157"], ["--tunnel", "8157", "j-A"]] {
            let args = parsed(&words);
            assert_eq!((args.tunnel, args.job_flows), (Some(Some(8157)), vec!["j-A".to_owned()]), "{words:?}");
        }
        assert_eq!(parsed(&["j-A", "--tunnel=8157"]).tunnel, Some(Some(8157)));
        let args = parsed(&["--tunnel", "j-A"]);
        assert_eq!((args.tunnel, args.job_flows), (Some(None), vec!["j-A".to_owned()]));
    }

    #[test]
    fn words_after_the_dashes_belong_to_the_command() {
        assert_eq!(parsed(&["j-A", "--", "run", "--tunnel", "8157"]).command, ["run", "--tunnel", "8157"]);
        let words = ["ssh-nodes", "--tunnel", "99999", "j-A"].map(OsString::from).to_vec();
        assert!(Args::try_parse_from(with_port(words)).is_err());
    }
}
