//! The tools by name.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;

/// A tool that this executable can act as.
pub(crate) struct Tool {
    /// The name that it is called by.
    pub(crate) name: &'static str,
    /// What it does, in the first words of its own help.
    pub(crate) about: &'static str,
    /// Runs it with the words of a command line, its name first.
    pub(crate) run: fn(Vec<OsString>) -> ExitCode,
}

/// All tools, by name. The texts are repeated here so that listing them builds no parser; a test compares them with the
/// tools' own.
pub(crate) const TOOLS: &[Tool] = &[
    Tool { name: "add-step", about: "Add steps to a job flow", run: add_step::run },
    Tool { name: "audit-usage", about: "Report what job flows used and wasted", run: audit_usage::run },
    Tool { name: "cancel-step", about: "Cancel steps", run: cancel_step::run },
    Tool { name: "create-job-flow", about: "Start a job flow and print its record", run: create_job_flow::run },
    Tool { name: "describe-job-flow", about: "Describe job flows", run: describe_job_flow::run },
    Tool {
        name: "emr-doctor",
        about: "Check what the tools need, and print the IAM policy of each",
        run: emr_doctor::run,
    },
    Tool {
        name: "emr-sandbox",
        about: "Serve a local EMR and S3 that run steps as processes of this machine",
        run: emr_sandbox::run,
    },
    Tool {
        name: "fetch-logs",
        about: "Print the logs of steps and of their tasks, or why they failed",
        run: fetch_logs::run,
    },
    Tool { name: "fetch-output", about: "Print the output of completed steps", run: fetch_output::run },
    Tool {
        name: "fill-pool",
        about: "Keep job flows of a pool free, so that jobs find one at once",
        run: fill_pool::run,
    },
    Tool {
        name: "find-pool",
        about: "Find the best free job flow of a pool, claim it, and print its record",
        run: find_pool::run,
    },
    Tool { name: "list-job-flows", about: "List job flows", run: list_job_flows::run },
    Tool { name: "list-steps", about: "List steps of job flows", run: list_steps::run },
    Tool {
        name: "report-long-jobs",
        about: "Report job flows and steps that take too long",
        run: report_long_jobs::run,
    },
    Tool { name: "s3-lock", about: "Hold a lock that is one object on S3", run: s3_lock::run },
    Tool { name: "s3-tmpwatch", about: "Delete old files below the scratch URI", run: s3_tmpwatch::run },
    Tool {
        name: "ssh-core-dump",
        about: "List and pull core dumps from all nodes of a job flow",
        run: ssh_core_dump::run,
    },
    Tool { name: "ssh-nodes", about: "Run a command on the nodes of a job flow", run: ssh_nodes::run },
    Tool {
        name: "terminate-idle-job-flows",
        about: "Terminate job flows that have been idle for too long",
        run: terminate_idle_job_flows::run,
    },
    Tool { name: "terminate-job-flow", about: "Terminate job flows", run: terminate_job_flow::run },
    Tool { name: "wait-job-flow", about: "Wait until job flows are ready or have ended", run: wait_job_flow::run },
    Tool { name: "wait-step", about: "Wait for steps to end and say how they ended", run: wait_step::run },
];

/// The tool that is called `name`, which may be a path to it.
pub(crate) fn called(name: &OsStr) -> Option<&'static Tool> {
    let name = Path::new(name).file_name()?;
    TOOLS.iter().find(|tool| name == tool.name)
}

/// The name of the tool that is most like `name`, if one is near enough to be meant.
pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    nearest_of(name, TOOLS.iter().map(|tool| tool.name))
}

/// The one of `names` that is most like `name`, if one is near enough to be meant.
pub(crate) fn nearest_of(name: &str, names: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let (distance, near) = names.map(|known| (strsim::damerau_levenshtein(name, known), known)).min()?;
    (distance <= name.len() / 3).then_some(near)
}
