//! `ListReleaseLabels`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::error::Error;
use crate::emr::release;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListReleaseLabels {
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

pub(super) fn answer(request: &ListReleaseLabels) -> Result<Value, Error> {
    let prefix = request.filters.prefix.as_deref().unwrap_or("");
    let labels = release::labels().into_iter().filter(|label| label.starts_with(prefix));
    let from = match &request.next_token {
        Some(token) => {
            token.parse().map_err(|_| Error::invalid_request(format!("NextToken '{token}' is not valid.")))?
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
