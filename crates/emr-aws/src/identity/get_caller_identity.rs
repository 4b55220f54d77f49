//! `GetCallerIdentity`: whose the credentials are. Nobody can be denied it.

use emr_core::error::Result;

use super::{Identity, lacks};
use crate::call::Repeat;

/// Whose credentials are in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    /// The number of the account.
    pub account: String,
    /// The ARN of the user or of the session of a role.
    pub arn: String,
}

impl Identity {
    /// Whose credentials are in use.
    ///
    /// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
    pub async fn caller(&self) -> Result<CallerIdentity> {
        const OPERATION: &str = "GetCallerIdentity";
        let request = self.sts.get_caller_identity();
        let answer = self.caller.call(OPERATION, Repeat::Harmless, || request.clone().send()).await?;
        let account = answer.account.ok_or_else(|| lacks(OPERATION, "Account"))?;
        let arn = answer.arn.ok_or_else(|| lacks(OPERATION, "Arn"))?;
        Ok(CallerIdentity { account, arn })
    }
}
