//! `--print-iam-policy`: the least policy for tools, narrowed by the options.

use emr_cli::{Account, Text};
use emr_core::config::Config;
use emr_core::config::options::{
    AWS_REGION, EMR_TAGS, IAM_INSTANCE_PROFILE, IAM_SERVICE_ROLE, INSTANCE_GROUPS, S3_LOG_URI, S3_SCRATCH_URI,
    S3_SSE_KMS_KEY_ID,
};
use emr_core::config::setting::value;
use emr_core::error::{Error, Outcome, Result};
use emr_core::iam::{self, Scope};
use emr_core::model::s3_uri::S3Uri;
use emr_core::model::scratch_uri::ScratchUri;
use emr_core::text::escaped_json;

use crate::store::place;

/// Prints the policy for `tools`, or for all.
pub(crate) fn print(tools: &[String], config: &Config, region: Option<String>, data: &[S3Uri]) -> Result<Outcome> {
    let named: Vec<_> = tools.iter().map(String::as_str).collect();
    let tools = if named.is_empty() { iam::tools().collect() } else { named };
    let policy = iam::policy(&tools, &scope(config, region, data)?);
    for unknown in &policy.unknown {
        emr_cli::warn(unknown);
    }
    for reason in &policy.reasons {
        emr_cli::detail(reason);
    }
    let json = serde_json::to_string_pretty(&policy.document);
    let json = json.map_err(|cause| Error::new(Outcome::Bug, format!("a policy has no JSON: {cause}")))?;
    let lines: String = json.lines().map(|line| escaped_json(line) + "\n").collect();
    let mut out = Text::on_stdout();
    out.print(lines.as_bytes());
    out.end().map(|_| Outcome::Done)
}

/// The region of the options, or else that of the profile. `None` where there is none, or the profile cannot be read.
pub(crate) async fn region(account: &Account, config: &Config) -> Result<Option<String>> {
    match value(config.get(&AWS_REGION)?) {
        Some(region) => Ok(Some(region)),
        None => Ok(account.connect(config).await.ok().map(|aws| aws.region().to_owned())),
    }
}

/// What the options say of where the tools work.
fn scope(config: &Config, region: Option<String>, data: &[S3Uri]) -> Result<Scope> {
    let scratch = place(config, &S3_SCRATCH_URI)?;
    let below = scratch.as_ref().map(|scratch| scratch.to_string().parse::<ScratchUri>()).transpose()?;
    let groups = value(config.get(&INSTANCE_GROUPS)?);
    Ok(Scope {
        region,
        logs: place(config, &S3_LOG_URI)?.or_else(|| below.map(|scratch| scratch.logs())),
        scratch,
        data: data.to_vec(),
        service_role: value(config.get(&IAM_SERVICE_ROLE)?),
        instance_profile: value(config.get(&IAM_INSTANCE_PROFILE)?),
        tags: config.get(&EMR_TAGS)?.into_iter().map(|(key, setting)| (key, setting.value)).collect(),
        key: value(config.get(&S3_SSE_KMS_KEY_ID)?),
        scales: groups.is_some_and(|groups| groups.to_string().contains("\"AutoScalingPolicy\"")),
    })
}
