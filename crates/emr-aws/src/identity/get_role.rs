//! `GetRole`: a role and who may take it on.

use emr_core::error::Result;
use emr_core::iam;

use super::{Identity, lacks};
use crate::call::Repeat;

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// The services that may take it on, such as `ec2.amazonaws.com`.
    pub trusts: Vec<String>,
}

impl Identity {
    /// The role of this name.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html>
    pub async fn role(&self, name: &str) -> Result<Role> {
        let request = self.iam.get_role().role_name(name);
        let answer = self.caller.call("GetRole", Repeat::Harmless, || request.clone().send()).await?;
        answer.role.map(role).ok_or_else(|| lacks("GetRole", "Role").into())
    }
}

/// A role as IAM tells of it.
pub(super) fn role(role: aws_sdk_iam::types::Role) -> Role {
    let document = role.assume_role_policy_document.unwrap_or_default();
    // IAM escapes documents as they stand in a URL.
    let document = urlencoding::decode(&document).unwrap_or_default();
    Role { name: role.role_name, trusts: iam::trusted_services(&document) }
}
