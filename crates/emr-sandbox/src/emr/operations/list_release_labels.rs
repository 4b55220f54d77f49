//! `ListReleaseLabels`, `DescribeReleaseLabel` and `ListSupportedInstanceTypes`.

use emr_core::model::instance_type;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::error::Failure;
use crate::emr::instance_types;
use crate::emr::page::{Marker, with_marker};
use crate::emr::release;

/// The applications of a release, in the sandbox's simple view of them.
const APPLICATIONS: [&str; 3] = ["Hadoop", "Hive", "Spark"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListReleaseLabels {
    #[serde(default)]
    filters: Filters,
    next_token: Option<String>,
    max_results: Option<usize>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filters {
    prefix: Option<String>,
}

pub(crate) fn list_release_labels(request: &ListReleaseLabels) -> Result<Value, Failure> {
    let prefix = request.filters.prefix.as_deref().unwrap_or("");
    let labels = release::labels().into_iter().filter(|label| label.starts_with(prefix));
    let from = match &request.next_token {
        Some(token) => {
            token.parse().map_err(|_| Failure::invalid_request(format!("NextToken '{token}' is not valid.")))?
        }
        None => 0_usize,
    };
    let limit = request.max_results.unwrap_or(100).clamp(1, 100);
    let mut labels = labels.skip(from);
    let page: Vec<_> = labels.by_ref().take(limit).collect();
    let mut answer = json!({ "ReleaseLabels": page });
    if labels.next().is_some() {
        answer["NextToken"] = json!(from.saturating_add(limit).to_string());
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeReleaseLabel {
    release_label: Option<String>,
}

pub(crate) fn describe_release_label(request: &DescribeReleaseLabel) -> Result<Value, Failure> {
    let newest = release::labels().into_iter().next().unwrap_or_default();
    let label = request.release_label.clone().unwrap_or(newest);
    known(&label)?;
    let applications: Vec<_> = APPLICATIONS.iter().map(|name| json!({ "Name": name })).collect();
    Ok(json!({ "ReleaseLabel": label, "Applications": applications }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSupportedInstanceTypes {
    release_label: String,
    #[serde(default)]
    marker: Marker,
}

pub(crate) fn list_supported_instance_types(request: &ListSupportedInstanceTypes) -> Result<Value, Failure> {
    known(&request.release_label)?;
    let types: Vec<_> = instance_type::known().collect();
    let (page, marker) = request.marker.page(&types, |_| true);
    let page: Vec<_> = page.into_iter().map(instance_types::describe).collect();
    Ok(with_marker(json!({ "SupportedInstanceTypes": page }), marker))
}

fn known(label: &str) -> Result<(), Failure> {
    if release::is_known(label) {
        return Ok(());
    }
    Err(Failure::invalid_request(format!("The supplied release label is invalid: {label}.")))
}
