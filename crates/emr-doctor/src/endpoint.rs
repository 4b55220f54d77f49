//! Where requests go: the region, and AWS's own endpoints or others.

use emr_aws::Aws;
use emr_aws::identity::CallerIdentity;
use emr_core::config::options::{AWS_REGION, EMR_ENDPOINT, S3_ENDPOINT};
use emr_core::config::{Config, Key, Setting};

use crate::record::CheckRecord;

/// The region, and who says so.
pub(crate) fn region(config: &Config, aws: &Aws) -> CheckRecord {
    let source = match config.get(&AWS_REGION) {
        Ok(Some(setting)) => setting.source.origin.to_string(),
        _ => "the profile".to_owned(),
    };
    CheckRecord::ok("region", format!("{} ({source})", aws.region()))
}

/// An endpoint that is not AWS's own.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    url: String,
    source: String,
}

/// Which endpoints answer, where `caller` is known.
pub(crate) fn endpoint(config: &Config, aws: &Aws, caller: Option<&CallerIdentity>) -> CheckRecord {
    const CHECK: &str = "endpoint";
    match (named(config, aws, &EMR_ENDPOINT), named(config, aws, &S3_ENDPOINT)) {
        (None, None) => CheckRecord::ok(CHECK, "AWS's own"),
        (Some(emr), Some(s3)) if emr.url == s3.url => {
            let is_sandbox = caller.is_some_and(is_sandbox);
            let what = if is_sandbox { "emr-sandbox, which runs steps on its machine" } else { "not AWS's own" };
            CheckRecord::ok(CHECK, format!("{} ({}): {what}", emr.url, emr.source))
        }
        (emr, s3) => {
            let at = |named: Option<Named>| named.map_or_else(|| "AWS's own".to_owned(), |named| named.url);
            let found = format!("EMR at {}, S3 at {}", at(emr), at(s3));
            CheckRecord::warning(CHECK, found, "see that both are meant: AWS_ENDPOINT_URL names one for all")
        }
    }
}

/// Whether some endpoint is not AWS's own: it may lack STS and IAM.
pub(crate) fn is_foreign(config: &Config, aws: &Aws) -> bool {
    named(config, aws, &EMR_ENDPOINT).or_else(|| named(config, aws, &S3_ENDPOINT)).is_some()
}

fn named(config: &Config, aws: &Aws, key: &'static Key<String>) -> Option<Named> {
    let said = config.get(key).ok().flatten();
    let said = said.map(|Setting { value, source }| Named { url: value, source: source.origin.to_string() });
    let of_profile = || aws.endpoint_url().map(|url| Named { url: url.to_owned(), source: "the profile".to_owned() });
    said.or_else(of_profile).map(|named| Named { url: named.url.trim_end_matches('/').to_owned(), ..named })
}

/// Whether it is the only user that emr-sandbox has.
fn is_sandbox(caller: &CallerIdentity) -> bool {
    caller.arn == "arn:aws:iam::123456789012:user/sandbox"
}
