//! Settings of the programs on a cluster, in the form of EMR's API.

use std::collections::BTreeMap;

use serde::Serialize;

/// Settings for one configuration file, such as `mapred-site` (EMR 4 and later).
///
/// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_Configuration.html>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Configuration {
    /// EMR's name for the file.
    pub classification: String,
    /// The settings.
    pub properties: BTreeMap<String, String>,
    /// Parts of the file with their own classification, such as `export` in `hadoop-env`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub configurations: Vec<Configuration>,
}

impl Configuration {
    /// Whether nothing is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.properties.is_empty() && self.configurations.is_empty()
    }
}
