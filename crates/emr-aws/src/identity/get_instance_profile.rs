//! `GetInstanceProfile`: the role that instances have.

use emr_core::error::Result;

use super::get_role::{Role, role};
use super::{Identity, lacks};
use crate::call::Repeat;

impl Identity {
    /// The role of the instance profile of this name. `None` where it has none, and its instances no permissions.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetInstanceProfile.html>
    pub async fn role_of_instances(&self, name: &str) -> Result<Option<Role>> {
        const OPERATION: &str = "GetInstanceProfile";
        let request = self.iam.get_instance_profile().instance_profile_name(name);
        let answer = self.caller.call(OPERATION, Repeat::Harmless, || request.clone().send()).await?;
        let profile = answer.instance_profile.ok_or_else(|| lacks(OPERATION, "InstanceProfile"))?;
        Ok(profile.roles.into_iter().next().map(role))
    }
}
