//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use emr_core::model::time;

use crate::gateway::fault::Rule;

/// Serve a local EMR and S3 that run steps as processes of this machine
///
/// Prints one JSON line with its endpoint when it is ready, and serves until it is interrupted. What
/// its steps have started ends with it.
/// Point any AWS client at it with `AWS_ENDPOINT_URL`; it takes any credentials.
///
/// Whoever can connect runs commands as you, so it listens on loopback addresses only.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Address to listen on, port 0 for any that is free
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0", value_parser = loopback)]
    pub(crate) listen: SocketAddr,

    /// Folder for objects, logs and the work of steps
    ///
    /// Without it a temporary folder is used, and removed at the end. Clusters and objects end
    /// with the process either way; the logs and the work of steps stay to be looked at.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,

    /// Recorded clusters to begin with (repeatable)
    ///
    /// What `aws emr describe-cluster` or `list-clusters` prints, one or many in a file. What
    /// `list-steps`, `list-instances` and so on print belongs to the cluster before it in the file,
    /// or stands beside it: `{"clusters": [{"Cluster": {…}, "InstanceGroups": […], "Steps": […]}]}`.
    /// Steps are history: none is run. What cannot be kept is said on stderr.
    #[arg(long, value_name = "FILE")]
    pub(crate) load: Vec<PathBuf>,

    /// Bucket to begin with (repeatable)
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: Vec<String>,

    /// How long a new cluster starts and bootstraps
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = time::duration)]
    pub(crate) provision_s: Duration,

    /// Run bootstrap actions on this machine, as you; otherwise they are only recorded
    #[arg(long)]
    pub(crate) run_bootstrap_actions: bool,

    /// How long to wait before each answer
    #[arg(long, value_name = "MILLISECONDS", default_value = "0", value_parser = time::milliseconds)]
    pub(crate) latency_ms: Duration,

    /// Whose quotas to throttle by
    #[arg(long, value_enum, default_value_t = QuotaSet::None)]
    pub(crate) quotas: QuotaSet,

    /// Go wrong on purpose: API:KIND:COUNT[:ARG] (repeatable)
    ///
    /// The next COUNT requests for API, an EMR or S3 operation, go wrong. KIND is `drop-request`
    /// (cuts the connection and does nothing), `drop-response` (does it, then cuts the
    /// connection), `throttle`, `error-500`, `deny`, `stale-signature`, or `delay` (ARG
    /// milliseconds, or a duration such as `2s`).
    ///
    /// With `RunJobFlow` KIND may also be `no-capacity`, `quota-exceeded`, `validation-error` or
    /// `bootstrap-failure`: the job flow is accepted, and ends while it starts, for EMR's reason or
    /// for ARG.
    #[arg(long, value_name = "RULE")]
    pub(crate) fault: Vec<Rule>,

    /// File to add a JSON line to for every request
    #[arg(long, value_name = "FILE")]
    pub(crate) request_log: Option<PathBuf>,
}

/// Whose quotas requests are held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum QuotaSet {
    /// EMR's published ones
    Emr,
    /// Nobody's
    None,
}

const EXAMPLES: &str = "\
Examples:
  Try EMR with no AWS account:
    emr-sandbox --listen 127.0.0.1:4566 --data ~/sandbox &
    export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x
    create-job-flow | add-step -- echo hello | wait-step

  See what a tool does when the answer to a call is lost:
    emr-sandbox --fault RunJobFlow:drop-response:1

  See what becomes of a job for which EC2 has no instances:
    emr-sandbox --fault RunJobFlow:no-capacity:1

  Look at a recorded account:
    for id in $(aws emr list-clusters --query 'Clusters[].Id' --output text)
    do aws emr describe-cluster --cluster-id $id; aws emr list-steps --cluster-id $id; done > account.json
    emr-sandbox --load account.json";

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| "an IP address and a port, such as 127.0.0.1:0".to_owned())?;
    if !address.ip().is_loopback() {
        return Err("not a loopback address: others could run commands here".to_owned());
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Args::command().debug_assert();
    }

    #[test]
    fn only_loopback_addresses_are_listened_on() {
        assert!(loopback("127.0.0.1:8000").is_ok());
        assert!(loopback("[::1]:0").is_ok());
        assert!(loopback("0.0.0.0:8000").is_err());
        assert!(loopback("localhost").is_err());
    }
}
