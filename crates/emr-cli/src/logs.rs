//! How the logs of a job flow are reached: over SSH or on S3.

use emr_aws::Aws;
use emr_core::config::Config;
use emr_core::error::Result;
use emr_core::model::cluster::ClusterDetail;
use emr_ssh::Session;

use super::messages::warn;
use super::ssh::{self, Ssh};

/// A session with the nodes of `cluster`, if they are up, and if there is a key or an agent to log in with or only the
/// nodes have logs. If S3 may have the logs as well, a failure to connect is a warning.
pub async fn session(aws: &Aws, cluster: &ClusterDetail, options: &Ssh, config: &Config) -> Result<Option<Session>> {
    let on_s3 = cluster.log_uri.is_some();
    let may_log_in = ssh::has_key(config)? || std::env::var_os("SSH_AUTH_SOCK").is_some();
    if cluster.cluster.state.has_ended() || on_s3 && !may_log_in {
        return Ok(None);
    }
    match open(aws, cluster, options, config).await {
        Ok(session) => Ok(Some(session)),
        Err(error) if on_s3 => {
            warn(&format!("{error}; reading logs on S3"));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// A session with the nodes of `cluster`, which lives.
pub async fn open(aws: &Aws, cluster: &ClusterDetail, options: &Ssh, config: &Config) -> Result<Session> {
    let nodes = Box::pin(aws.emr.nodes(cluster)).await?;
    Session::open(&nodes, &options.reach(config, &cluster.cluster.id)?).await
}
