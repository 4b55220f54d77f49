//! ssh-nodes on hosts that run sshd.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod failing;
mod reaching;
mod running;
mod trusting;

use harness::{Hosts, Ran, Sandbox, Tools};

const TOOL: &str = env!("CARGO_BIN_EXE_ssh-nodes");

/// Hosts, and a sandbox that knows them.
struct Cluster {
    sandbox: Sandbox,
    hosts: Hosts,
}

impl Cluster {
    /// A master and `slaves`; none where nobody may have hosts.
    fn start(slaves: usize) -> Option<Self> {
        let hosts = Hosts::start(slaves)?;
        Some(Self { sandbox: hosts.sandbox(&Tools::beside(TOOL)), hosts })
    }

    /// Runs ssh-nodes on their job flow.
    fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.hosts.tool(&self.sandbox, "ssh-nodes").arg(Hosts::JOB_FLOW).args(args))
    }
}

/// The lines of `text`, in order.
fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}
