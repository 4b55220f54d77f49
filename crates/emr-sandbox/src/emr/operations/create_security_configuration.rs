//! `CreateSecurityConfiguration`.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::model::timestamp::Timestamp;
use crate::emr::security_configurations::SecurityConfiguration;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateSecurityConfiguration {
    name: String,
    security_configuration: String,
}

pub(super) fn answer(
    account: &mut Account,
    request: CreateSecurityConfiguration,
    now: Timestamp,
) -> Result<Value, Error> {
    let name = request.name;
    if account.security_configuration(&name).is_ok() {
        return Err(Error::invalid_request(format!("Security configuration with name '{name}' already exists.")));
    }
    if let Err(error) = serde_json::from_str::<IgnoredAny>(&request.security_configuration) {
        return Err(Error::invalid_request(format!("Security configuration '{name}' is not valid JSON: {error}.")));
    }
    let answer = json!({ "Name": name, "CreationDateTime": now });
    let text = request.security_configuration;
    account.security_configurations.push(SecurityConfiguration { name, text, created_at: now });
    Ok(answer)
}
