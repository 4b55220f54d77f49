//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use emr_core::model::time;

use crate::gateway::fault::Rule;

/// Serve a local EMR and S3 that run steps as processes of this machine
///
/// Prints one JSON line with its endpoint when it is ready, and serves until it is interrupted. Then it kills what its
/// steps started. Point an AWS client at it with `AWS_ENDPOINT_URL` and a region; it accepts any credentials. Each region
/// has clusters of its own.
///
/// Anyone who can connect can run commands as you, so it listens on loopback addresses only.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Address to listen on; port 0 picks a free port
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0", value_parser = loopback)]
    pub(crate) listen: SocketAddr,

    /// Folder for objects, logs and working files of steps
    ///
    /// Logs and working files stay there; clusters and objects end with the process. Without it, a temporary folder is
    /// used and removed at the end.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,

    /// File of recorded clusters to start with (repeatable)
    ///
    /// The output of `aws emr describe-cluster` or `list-clusters`, one or many in a file. The output of `list-steps`,
    /// `list-instances` and so on belongs to the cluster before it in the file, or stands beside it: `{"clusters":
    /// [{"Cluster": {…}, "InstanceGroups": […], "Steps": […]}]}`. Loaded steps are history and do not run. Objects of S3
    /// have a time and a text: `{"objects": [{"Bucket": "b", "Key": "k", "LastModified": "2026-01-01T00:00:00Z", "Body":
    /// "text"}]}`. What cannot be loaded is reported on stderr. A cluster is in the region of its ARN, or else in `AWS_REGION`.
    #[arg(long, value_name = "FILE")]
    pub(crate) load: Vec<PathBuf>,

    /// Bucket to create at the start (repeatable)
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: Vec<String>,

    /// How long a new cluster takes to start and bootstrap
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = time::duration)]
    pub(crate) provision_s: Duration,

    /// Run bootstrap actions on this machine, as you; otherwise they are only recorded
    #[arg(long)]
    pub(crate) run_bootstrap_actions: bool,

    /// How long to wait before each answer
    #[arg(long, value_name = "MILLISECONDS", default_value = "0", value_parser = time::milliseconds)]
    pub(crate) latency_ms: Duration,

    /// Which quotas to enforce
    #[arg(long, value_enum, default_value_t = QuotaSet::None)]
    pub(crate) quotas: QuotaSet,

    /// Inject a fault: API[@REGION]:KIND:COUNT[:ARG] (repeatable)
    ///
    /// The next COUNT requests for API, an EMR or S3 operation, fail. With @REGION only those that are signed for this
    /// region count. KIND is `drop-request` (cut the connection and do nothing), `drop-response` (do the work, then cut
    /// the connection), `throttle`, `error-500`, `deny`, `not-enabled` (as in a region that the account has not enabled),
    /// `stale-signature`, or `delay` (ARG milliseconds, or a duration such as `2s`).
    ///
    /// With `RunJobFlow` KIND may also be `no-capacity`, `quota-exceeded`, `validation-error` or `bootstrap-failure`:
    /// the job flow is accepted and fails while it starts, with EMR's reason or with ARG.
    #[arg(long, value_name = "RULE")]
    pub(crate) fault: Vec<Rule>,

    /// File to append a JSON line to for every request
    #[arg(long, value_name = "FILE")]
    pub(crate) request_log: Option<PathBuf>,
}

/// The quotas that the sandbox enforces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum QuotaSet {
    /// EMR's published quotas
    Emr,
    /// No throttling
    None,
}

const EXAMPLES: &str = "\
Examples:
  Try EMR with no AWS account:
    emr-sandbox --listen 127.0.0.1:4566 --data ~/sandbox &
    export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
    export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x
    create-job-flow | add-step -- echo hello | wait-step

  See what a tool does when the answer to a call is lost:
    emr-sandbox --fault RunJobFlow:drop-response:1

  See what happens when EC2 has no instances for a job:
    emr-sandbox --fault RunJobFlow:no-capacity:1

  Look at a recorded account:
    for id in $(aws emr list-clusters --query 'Clusters[].Id' --output text)
    do aws emr describe-cluster --cluster-id $id; aws emr list-steps --cluster-id $id; done > account.json
    emr-sandbox --load account.json";

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr =
        text.parse().map_err(|_| "expected an IP address and a port, such as 127.0.0.1:0".to_owned())?;
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
