//! `ListSteps`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::limits;
use crate::emr::model::status::StepState;
use crate::emr::page::{Marker, with_marker};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListSteps {
    cluster_id: String,
    #[serde(default)]
    step_states: Vec<StepState>,
    #[serde(default)]
    step_ids: Vec<String>,
    #[serde(default)]
    marker: Marker,
}

pub(super) fn answer(account: &Account, request: &ListSteps) -> Result<Value, Error> {
    let cluster = account.find(&request.cluster_id)?;
    limits::length("stepIds", request.step_ids.len(), 10)?;
    let all = cluster.steps.all();
    let is_step = |id: &&String| all.iter().any(|step| step.id == **id);
    if let Some(id) = request.step_ids.iter().find(|id| !is_step(id)) {
        return Err(Error::unknown_step(id));
    }
    let (states, ids) = (&request.step_states, &request.step_ids);
    let (page, marker) = request.marker.page_newest_first(&all, |step| {
        (states.is_empty() || states.contains(&step.status.state)) && (ids.is_empty() || ids.contains(&step.id))
    });
    Ok(with_marker(json!({ "Steps": page }), marker))
}
