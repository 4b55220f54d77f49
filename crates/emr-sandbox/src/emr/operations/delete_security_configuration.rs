//! `DeleteSecurityConfiguration`.

use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::request::NameRequest;

pub(super) fn answer(account: &mut Account, request: &NameRequest) -> Result<Value, Error> {
    let index = account.security_configuration(&request.name)?;
    account.security_configurations.remove(index);
    Ok(json!({}))
}
