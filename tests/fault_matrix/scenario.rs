//! A run of a tool with a call that fails.

use std::process::Command;

use harness::{Ran, Sandbox};

use crate::account::{Account, POOL, tools};
use crate::after::After;

/// The lock that tools are asked for.
pub(crate) const LOCK: &str = "s3://bucket/locks/x";

/// A run of a tool.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) tool: &'static str,
    pub(crate) args: &'static [&'static str],
    pub(crate) before: Before,
    /// The calls that it makes.
    pub(crate) calls: &'static [&'static str],
    /// The exit code that says that it is done.
    pub(crate) done: i32,
    /// What is wrong with saying so.
    pub(crate) is_done: fn(&After) -> Result<(), String>,
    /// What is wrong with saying that it failed.
    pub(crate) is_told: fn(&After) -> Result<(), String>,
}

/// What is there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// The account alone.
    Account,
    /// No job flow at all.
    Nothing,
    /// A claim of `j-A`, on stdin.
    Claim,
    /// A lock that is held, its record on stdin.
    Lock,
    /// Logs of a step.
    Logs,
}

impl Scenario {
    /// Runs it with `fault`, which is of `api`. Returns whether the call was made.
    pub(crate) fn run(&self, account: &Account, api: &str, fault: &str) -> (After, bool) {
        let made = if self.before == Before::Account || self.before == Before::Nothing {
            0
        } else {
            let setting_up = self.sandbox(account, &[]);
            let _ = self.set_up(&setting_up);
            setting_up.requests(api).len()
        };
        let as_it_was = format!("{api}:delay:{made}:0");
        let mut faults = vec!["--fault", fault];
        if made > 0 {
            faults.splice(0..0, ["--fault", &as_it_was]);
        }
        let sandbox = self.sandbox(account, &faults);
        let stdin = self.set_up(&sandbox);
        sandbox.file("job.sh", "true");
        let mut command = sandbox.tool(self.tool);
        command.args(self.args).env("AWS_MAX_ATTEMPTS", "2");
        if matches!(self.tool, "fill-pool" | "find-pool") {
            command.args(POOL);
        }
        let ran = Ran::with_stdin(&mut command, &stdin);
        let is_hit = sandbox.requests(api).len() > made;
        (After { ran, sandbox }, is_hit)
    }

    fn sandbox(&self, account: &Account, faults: &[&str]) -> Sandbox {
        let file = account.file().join("account.json");
        let load = ["--load", file.to_str().expect("it is text")];
        let load = if self.before == Before::Nothing { &[][..] } else { &load[..] };
        Sandbox::start(&tools(), &[load, faults].concat())
    }

    /// Makes what is there before, and returns what is on stdin.
    fn set_up(&self, sandbox: &Sandbox) -> String {
        match self.before {
            Before::Account | Before::Nothing => String::new(),
            Before::Claim => Ran::of(sandbox.tool("find-pool").args(POOL)).ok().stdout,
            Before::Lock => sandbox.run("s3-lock", &["acquire", LOCK, "--no-conf"]).ok().stdout,
            Before::Logs => {
                let log = sandbox.file("log", "java.lang.Error: a log\n");
                let url = format!("{}/bucket/logs/j-A/steps/s-FAILED/stderr", sandbox.endpoint());
                let put = Command::new("curl").args(["-fsS", "-T"]).arg(log).arg(url).status();
                assert!(put.expect("curl is installed").success());
                String::new()
            }
        }
    }
}
