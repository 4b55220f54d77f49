//! Checks roles as far as possible without calling IAM.

use crate::model::job_flow::JobFlow;

/// The tag that AWS's managed policies of the second version require on a cluster.
///
/// Source: <https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-managed-iam-policies.html>
const TAG: (&str, &str) = ("for-use-with-amazon-emr-managed-policies", "true");

/// A warning if EMR will fail to start `job_flow`, because its service role has `AmazonEMRServicePolicy_v2` and the job
/// flow lacks the tag that this policy requires.
pub(super) fn doubt(job_flow: &JobFlow) -> Option<String> {
    let role = &job_flow.service_role;
    missing_tag(role, &[], &job_flow.tags).map(|tag| {
        format!(
            "the service role {role} allows EMR to manage only job flows with the tag {tag}; give --tag {tag}, and make \
             sure that the subnet and its security groups have it, too"
        )
    })
}

/// The tag `KEY=VALUE` that `role` requires of a job flow, given the ARNs of its `policies`, and that `tags` lack.
#[must_use]
pub fn missing_tag(role: &str, policies: &[String], tags: &[(String, String)]) -> Option<String> {
    let (key, value) = TAG;
    let is_tagged = tags.iter().any(|(known, is)| known == key && is == value);
    let wants = wants_tag(role) || policies.iter().any(|policy| policy.ends_with("/AmazonEMRServicePolicy_v2"));
    (wants && !is_tagged).then(|| format!("{key}={value}"))
}

/// Whether `role`, a name or an ARN, is one that AWS's documentation or console creates with that policy.
fn wants_tag(role: &str) -> bool {
    let name = role.rsplit('/').next().unwrap_or_default();
    name == "EMR_DefaultRole_V2" || name.starts_with("AmazonEMR-ServiceRole-")
}

#[cfg(test)]
mod tests {
    use super::missing_tag;
    use crate::config::options::EMR_TAGS;
    use crate::launch::{LaunchOptions, job_flow};

    #[test]
    fn a_missing_tag_that_the_role_requires_is_warned_about() {
        let warnings = |role: &str, tag: &str| {
            let (key, value) = tag.split_once('=').unwrap();
            let tags = vec![(key.to_owned(), EMR_TAGS.typed(value.to_owned()))];
            let options = LaunchOptions { service_role: Some(role.to_owned()), tags, ..Default::default() };
            job_flow(&options).unwrap().warnings
        };
        let tag = "for-use-with-amazon-emr-managed-policies=true";
        for role in ["EMR_DefaultRole_V2", "arn:aws:iam::1:role/EMR_DefaultRole_V2", "AmazonEMR-ServiceRole-2024T1"] {
            assert!(warnings(role, "a=b")[0].contains(&format!("give --tag {tag}")), "{role}");
            assert_eq!(warnings(role, tag), Vec::<String>::new(), "{role}");
        }
        for role in ["EMR_DefaultRole", "my-EMR_DefaultRole_V2x"] {
            assert_eq!(warnings(role, "a=b"), Vec::<String>::new(), "{role}");
        }
    }
    #[test]
    fn a_role_of_another_name_wants_the_tag_where_it_has_the_policy() {
        let policies = ["arn:aws:iam::aws:policy/service-role/AmazonEMRServicePolicy_v2".to_owned()];
        let tag = ("for-use-with-amazon-emr-managed-policies".to_owned(), "true".to_owned());
        let missing = missing_tag("mine", &policies, &[]);
        assert_eq!(missing.as_deref(), Some("for-use-with-amazon-emr-managed-policies=true"));
        assert_eq!(missing_tag("mine", &policies, &[tag]), None);
        assert_eq!(missing_tag("mine", &[], &[]), None);
    }
}
