//! What can be asked of ssh-nodes.

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
/// this machine, and no agent is forwarded. Without a command it prints a record of each node.
///
/// A command of several words arrives on each node as these words, whatever is in them. One word alone is a line for
/// the node's shell. Its stdin is empty. Its output comes as it is made, each line behind the name of its node, stdout
/// on stdout and stderr on stderr; with --output each node is a record. The exit code is the largest of all nodes. The
/// command ends on the nodes, too, when its time is over or this tool ends, with what it has left in the background and
/// still prints.
///
/// Host keys are pinned when they are first seen, in ~/.local/state/emr-tools/known_hosts/JOB_FLOW; a key that has
/// changed is an error. Nothing waits for a password or a passphrase: a key that has one belongs into an agent.
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

    /// How many nodes run the command at once
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..),
        hide_short_help = true)]
    pub(crate) fan_out: u16,

    /// How long the command may take on a node, counted from the start of its connection [default: no limit]
    #[arg(long, value_name = "DURATION", value_parser = time::duration)]
    pub(crate) timeout: Option<Duration>,

    /// Print equal outputs once, at the end, under the names of their nodes
    #[arg(long, requires = "command", conflicts_with = "output_dir", help_heading = MANNER)]
    pub(crate) group: bool,

    /// Write the command's stdout and stderr into the files NODE.out and NODE.err of this folder
    #[arg(long, value_name = "FOLDER", requires = "command", help_heading = MANNER)]
    pub(crate) output_dir: Option<PathBuf>,

    /// Print a plain ssh command line for each node, and run nothing
    #[arg(long, conflicts_with_all = ["group", "output_dir", "login", "tunnel"], help_heading = MANNER)]
    pub(crate) print: bool,

    /// Open a shell on the master, or on the node that --node names
    #[arg(long, conflicts_with_all = ["group", "output_dir", "tunnel"], help_heading = MANNER)]
    pub(crate) login: bool,

    /// Open the page of the resource manager (on AMI 2 the job tracker) at a local port until interrupted, and print its
    /// URL; a word of digits behind it is the port [default: one of --ssh-bind-ports, the same for a job flow each time]
    #[arg(long, value_name = "PORT", num_args = 0..=1, require_equals = true, conflicts_with = "command", help_heading = MANNER)]
    #[expect(clippy::option_option, reason = "it may be asked for without a port")]
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

/// `words` with the port of `--tunnel 8157` joined to it, as in `--tunnel=8157`. A word of digits alone is a port, and
/// any other the id of a job flow.
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
    /// What was typed of the options that may stand in `mrjob.conf`, too.
    pub(crate) fn typed(&self) -> [&Typed; 2] {
        [self.tunnel_options.typed(), self.ssh.typed()]
    }

    /// What a node's shell is to run, if anything.
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
    fn a_word_of_digits_behind_tunnel_is_its_port_and_an_id_is_not() {
        for words in [["j-A", "--tunnel", "8157"], ["--tunnel", "8157", "j-A"]] {
            let args = parsed(&words);
            assert_eq!((args.tunnel, args.job_flows), (Some(Some(8157)), vec!["j-A".to_owned()]), "{words:?}");
        }
        assert_eq!(parsed(&["j-A", "--tunnel=8157"]).tunnel, Some(Some(8157)));
        let args = parsed(&["--tunnel", "j-A"]);
        assert_eq!((args.tunnel, args.job_flows), (Some(None), vec!["j-A".to_owned()]));
    }

    #[test]
    fn what_stands_behind_the_dashes_is_the_command_s() {
        assert_eq!(parsed(&["j-A", "--", "run", "--tunnel", "8157"]).command, ["run", "--tunnel", "8157"]);
        let words = ["ssh-nodes", "--tunnel", "99999", "j-A"].map(OsString::from).to_vec();
        assert!(Args::try_parse_from(with_port(words)).is_err());
    }
}
