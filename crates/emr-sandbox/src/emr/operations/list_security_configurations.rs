//! `ListSecurityConfigurations`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::page::{Marker, with_marker};
use crate::emr::security_configurations::SecurityConfiguration;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListSecurityConfigurations {
    #[serde(default)]
    marker: Marker,
}

pub(super) fn answer(account: &Account, request: &ListSecurityConfigurations) -> Value {
    let (page, marker) = request.marker.page(&account.security_configurations, |_| true);
    let describe = |of: &SecurityConfiguration| json!({ "Name": of.name, "CreationDateTime": of.created_at });
    let page: Vec<_> = page.into_iter().map(describe).collect();
    with_marker(json!({ "SecurityConfigurations": page }), marker)
}
