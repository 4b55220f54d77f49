//! Whether the roles of job flows exist, whether EMR and EC2 may take them on, and the tag that one of AWS's policies
//! wants.

use emr_aws::Identity;
use emr_aws::identity::Role;
use emr_core::config::options::{EMR_TAGS, IAM_INSTANCE_PROFILE, IAM_SERVICE_ROLE};
use emr_core::config::setting::value;
use emr_core::config::{Config, Key};
use emr_core::error::{Error, Result};
use emr_core::launch::{DEFAULT_INSTANCE_PROFILE, DEFAULT_SERVICE_ROLE, missing_tag};

use crate::account::{advice, is_denied};
use crate::record::{CheckRecord, State};

const SERVICE_ROLE: &str = "service role";
const INSTANCE_PROFILE: &str = "instance profile";

/// What to do where there is none.
const CREATE: &str = "aws emr create-default-roles makes the default ones; set iam_service_role and \
                      iam_instance_profile where yours have other names";

pub(crate) async fn checks(identity: &Identity, config: &Config) -> Vec<CheckRecord> {
    let service_role = named(config, &IAM_SERVICE_ROLE, DEFAULT_SERVICE_ROLE);
    let profile = named(config, &IAM_INSTANCE_PROFILE, DEFAULT_INSTANCE_PROFILE);
    // Wrong values are failures of the configuration already.
    let (Ok(service_role), Ok(profile)) = (service_role, profile) else { return Vec::new() };
    let (role, policies, of_instances) = tokio::join!(
        identity.role(name(&service_role)),
        identity.policies_of_role(name(&service_role)),
        identity.role_of_instances(name(&profile)),
    );
    let service = match &role {
        Ok(role) => trusted(SERVICE_ROLE, role, "elasticmapreduce", "EMR"),
        Err(error) => unseen(SERVICE_ROLE, &service_role, error),
    };
    let instances = match &of_instances {
        Ok(Some(role)) => trusted(INSTANCE_PROFILE, role, "ec2", "EC2"),
        Ok(None) => {
            let found = format!("{profile} has no role, so that instances may do nothing");
            CheckRecord::failure(INSTANCE_PROFILE, found, "aws iam add-role-to-instance-profile")
        }
        Err(error) => unseen(INSTANCE_PROFILE, &profile, error),
    };
    [Some(service), Some(instances), tag(config, &service_role, policies)].into_iter().flatten().collect()
}

fn named(config: &Config, key: &'static Key<String>, usual: &str) -> Result<String> {
    Ok(value(config.get(key)?).unwrap_or_else(|| usual.to_owned()))
}

/// The name in an ARN, or of what is named by it alone.
fn name(role: &str) -> &str {
    role.rsplit('/').next().unwrap_or_default()
}

/// Whether `service`, which people know as `known`, may take on `role`. That the caller may pass it shows only when a job
/// flow is started.
fn trusted(check: &'static str, role: &Role, service: &str, known: &str) -> CheckRecord {
    let is_trusted = role.trusts.iter().any(|trusted| trusted.split('.').next() == Some(service));
    if is_trusted {
        let found =
            format!("{} exists, and {known} may take it on; starting a job flow needs iam:PassRole for it", role.name);
        return CheckRecord::ok(check, found);
    }
    let found =
        format!("{known} may not take on {}: its trust policy does not name {service}.amazonaws.com", role.name);
    CheckRecord::failure(check, found, "add the service to the role's trust policy")
}

/// Why it is not known whether `role` will do. Whoever may not look may still pass it.
fn unseen(check: &'static str, role: &str, error: &Error) -> CheckRecord {
    if error.code() == Some("NoSuchEntity") {
        return CheckRecord::failure(check, format!("{role} does not exist"), CREATE);
    }
    unknown(check, &format!("whether {role} exists is not known"), error)
}

/// What is not known because of `error`.
fn unknown(check: &'static str, what: &str, error: &Error) -> CheckRecord {
    let advice = if is_denied(error) { advice(error) } else { "nothing, if this endpoint has no IAM" };
    CheckRecord::error(check, State::Warning, &error.clone().on(what), advice)
}

/// The tag without which the service role may not touch a job flow: its name tells, or else its policies.
fn tag(config: &Config, role: &str, policies: Result<Vec<String>>) -> Option<CheckRecord> {
    const CHECK: &str = "tag";
    let tags: Vec<_> = config.get(&EMR_TAGS).ok()?.into_iter().map(|(key, setting)| (key, setting.value)).collect();
    let (policies, error) = policies.map_or_else(|error| (Vec::new(), Some(error)), |policies| (policies, None));
    if let Some(tag) = missing_tag(role, &policies, &tags) {
        let found = format!("{role} lets EMR do nothing to a job flow without the tag {tag}");
        let advice = "set it in emr_tags, or give --tag, and see that subnet and security groups have it, too";
        return Some(CheckRecord::warning(CHECK, found, advice));
    }
    let error = error.filter(|error| error.code() != Some("NoSuchEntity"))?;
    Some(unknown(CHECK, &format!("whether {role} wants a tag on job flows is not known"), &error))
}
