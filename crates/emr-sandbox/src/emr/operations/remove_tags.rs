//! `RemoveTags`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RemoveTags {
    resource_id: String,
    tag_keys: Vec<String>,
}

pub(super) fn answer(account: &mut Account, request: &RemoveTags) -> Result<Value, Error> {
    let cluster = account.find_taggable(&request.resource_id)?;
    cluster.description.tags.retain(|tag| !request.tag_keys.contains(&tag.key));
    Ok(json!({}))
}
