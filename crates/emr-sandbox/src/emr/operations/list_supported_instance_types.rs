//! `ListSupportedInstanceTypes`.

use emr_core::model::instance_type;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::error::Error;
use crate::emr::page::{Marker, with_marker};
use crate::emr::{instance_types, limits};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListSupportedInstanceTypes {
    release_label: String,
    #[serde(default)]
    marker: Marker,
}

pub(super) fn answer(request: &ListSupportedInstanceTypes) -> Result<Value, Error> {
    limits::known_release(&request.release_label)?;
    let types: Vec<_> = instance_type::known().collect();
    let (page, marker) = request.marker.page(&types, |_| true);
    let page: Vec<_> = page.into_iter().map(instance_types::describe).collect();
    Ok(with_marker(json!({ "SupportedInstanceTypes": page }), marker))
}
