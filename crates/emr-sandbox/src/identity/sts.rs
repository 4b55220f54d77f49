//! STS: the identity of the caller.

use super::xml::element;
use super::{ACCOUNT, Refusal};

/// The user that every caller is.
const USER: &str = "sandbox";

/// The content of the result of `action`.
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
