//! Settings of the programs that run on a cluster, as EMR takes them.

use std::collections::BTreeMap;

use serde::Serialize;

/// Settings for one file of a program's configuration, such as `mapred-site`; from EMR 4 on.
///
/// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_Configuration.html>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Configuration {
    /// The file, in EMR's words.
    pub classification: String,
    /// What is set in it.
    pub properties: BTreeMap<String, String>,
    /// Parts of the file that have a classification of their own, such as `export` in `hadoop-env`.
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
