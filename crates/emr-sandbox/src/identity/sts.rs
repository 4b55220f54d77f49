//! STS: who calls.

use super::xml::element;
use super::{ACCOUNT, Refusal};

/// Every caller.
const USER: &str = "sandbox";

/// What is in the result of `action`.
pub(super) fn answer(action: &str) -> Result<String, Refusal> {
    match action {
        "GetCallerIdentity" => Ok([
            element("Arn", &format!("arn:aws:iam::{ACCOUNT}:user/{USER}")),
            element("UserId", "AIDAEMRSANDBOXEXAMPLE"),
            element("Account", ACCOUNT),
        ]
        .concat()),
        _ => Err(Refusal::lacking(action)),
    }
}
