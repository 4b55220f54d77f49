//! `DescribeSecurityConfiguration`.

use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::request::NameRequest;

pub(super) fn answer(account: &Account, request: &NameRequest) -> Result<Value, Error> {
    let configuration = &account.security_configurations[account.security_configuration(&request.name)?];
    Ok(json!({
        "Name": configuration.name,
        "SecurityConfiguration": configuration.text,
        "CreationDateTime": configuration.created_at,
    }))
}
