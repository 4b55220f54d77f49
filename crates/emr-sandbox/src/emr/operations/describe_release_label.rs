//! `DescribeReleaseLabel`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::error::Error;
use crate::emr::{limits, release};

/// Applications of every release: a sample, where EMR lists all.
const APPLICATIONS: [&str; 3] = ["Hadoop", "Hive", "Spark"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeReleaseLabel {
    release_label: Option<String>,
}

pub(super) fn answer(request: &DescribeReleaseLabel) -> Result<Value, Error> {
    let newest = release::labels().into_iter().next().unwrap_or_default();
    let label = request.release_label.clone().unwrap_or(newest);
    limits::known_release(&label)?;
    let applications: Vec<_> = APPLICATIONS.iter().map(|name| json!({ "Name": name })).collect();
    Ok(json!({ "ReleaseLabel": label, "Applications": applications }))
}
