//! `ListAttachedRolePolicies`: the managed policies of a role.

use emr_core::error::Result;

use super::Identity;
use crate::call::Repeat;

impl Identity {
    /// The ARNs of the managed policies of the role of this name. A role has twenty at most, which is less than a page.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html>
    pub async fn policies_of_role(&self, name: &str) -> Result<Vec<String>> {
        let request = self.iam.list_attached_role_policies().role_name(name);
        let answer = self.caller.call("ListAttachedRolePolicies", Repeat::Harmless, || request.clone().send()).await?;
        Ok(answer.attached_policies.unwrap_or_default().into_iter().filter_map(|policy| policy.policy_arn).collect())
    }
}
