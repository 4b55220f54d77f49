//! Parses configurations for `RunJobFlow` from JSON or a configuration file.
//!
//! The rules are mrjob's: a later configuration of a classification replaces an earlier one, an empty one removes it,
//! and every value is text. Unknown members are refused, because pools compare configurations.
//!
//! Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_Configuration.html>

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::config::{Decisions, Setting, options};
use crate::error::Result;
use crate::model::configuration::Configuration;

/// Combines `settings`, lowest precedence first. Each is a configuration, a list of them, or the text of either.
pub(super) fn combined(settings: &[Setting<Value>], decisions: &mut Decisions) -> Result<Vec<Configuration>> {
    let mut all: Vec<Configuration> = Vec::new();
    for setting in settings {
        for configuration in read(&setting.value).map_err(|wrong| setting.wrong(wrong))? {
            match all.iter_mut().find(|known| known.classification == configuration.classification) {
                Some(known) => *known = configuration,
                None => all.push(configuration),
            }
        }
    }
    all.retain(|configuration| !configuration.is_empty());
    decisions.combine(&options::EMR_CONFIGURATIONS, serde_json::to_value(&all).unwrap_or_default());
    Ok(all)
}

/// Adds `properties` to the configuration of `classification`, except those that it already sets.
pub(super) fn add(all: &mut Vec<Configuration>, classification: &str, properties: BTreeMap<String, String>) {
    let known = all.iter().position(|known| known.classification == classification);
    let place = known.unwrap_or_else(|| {
        all.push(Configuration { classification: classification.to_owned(), ..Default::default() });
        all.len() - 1
    });
    for (key, value) in properties {
        all[place].properties.entry(key).or_insert(value);
    }
}

/// Parses the configurations in `value`: one, a list, or the text of either. The error is a fragment that follows its
/// name.
pub(super) fn read(value: &Value) -> std::result::Result<Vec<Configuration>, String> {
    match value {
        Value::String(text) => read(&serde_json::from_str(text).map_err(|cause| format!("is not JSON: {cause}"))?),
        Value::Array(entries) => entries.iter().map(entry).collect(),
        value => Ok(vec![entry(value)?]),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, expecting = "an object with a Classification")]
struct Entry {
    classification: String,
    properties: Option<BTreeMap<String, Value>>,
    configurations: Option<Vec<Entry>>,
}

fn entry(value: &Value) -> std::result::Result<Configuration, String> {
    Entry::deserialize(value).map_err(|cause| format!("is not a configuration: {cause}"))?.model()
}

impl Entry {
    fn model(self) -> std::result::Result<Configuration, String> {
        let Self { classification, properties, configurations } = self;
        let text = |(key, value)| match text(&value) {
            Some(text) => Ok((key, text)),
            None => Err(format!("has no text for {key} in {classification}")),
        };
        Ok(Configuration {
            properties: properties.unwrap_or_default().into_iter().map(text).collect::<std::result::Result<_, _>>()?,
            configurations: configurations
                .unwrap_or_default()
                .into_iter()
                .map(Self::model)
                .collect::<std::result::Result<_, _>>()?,
            classification,
        })
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn of(values: &[Value]) -> Result<Vec<Configuration>> {
        let settings: Vec<_> = values.iter().cloned().map(|value| options::EMR_CONFIGURATIONS.typed(value)).collect();
        combined(&settings, &mut Decisions::default())
    }

    fn mapred(value: &Value) -> Value {
        json!({"Classification": "mapred-site", "Properties": {"a": value}})
    }

    #[test]
    fn a_later_configuration_replaces_an_earlier_one_and_an_empty_one_removes_it() {
        let core = json!({"Classification": "core-site", "Properties": {"b": "2"}});
        let both = of(&[json!([mapred(&json!("1")), core]), mapred(&json!("3"))]).unwrap();
        assert_eq!(serde_json::to_value(both).unwrap(), json!([mapred(&json!("3")), core]));
        let none = of(&[mapred(&json!("1")), json!({"Classification": "mapred-site"})]).unwrap();
        assert_eq!(none, []);
    }

    #[test]
    fn scalar_values_become_text_and_others_are_refused() {
        let value = |value: Value| of(&[mapred(&value)]).map(|all| all[0].properties["a"].clone());
        assert_eq!(value(json!(true)).unwrap(), "true");
        assert_eq!(value(json!(1024)).unwrap(), "1024");
        assert_eq!(value(json!("")).unwrap(), "");
        for strange in [json!(null), json!([1]), json!({})] {
            assert!(value(strange).unwrap_err().to_string().contains("has no text for a in mapred-site"));
        }
    }

    #[test]
    fn configurations_nest_and_unknown_members_are_refused() {
        let nested = json!({"Classification": "hadoop-env", "Properties": {}, "Configurations": [
            {"Classification": "export", "Properties": {"HADOOP_HEAPSIZE": "2048"}}]});
        let read = of(&[Value::String(nested.to_string())]).unwrap();
        assert_eq!(serde_json::to_value(&read[0]).unwrap(), nested);
        for (wrong, words) in [
            (json!("{"), "is not JSON"),
            (json!({"Properties": {}}), "missing field `Classification`"),
            (json!({"Classification": "x", "Property": {}}), "unknown field `Property`"),
            (json!([1]), "is not a configuration"),
        ] {
            let error = of(&[wrong]).unwrap_err().to_string();
            assert!(error.starts_with("--emr-configuration ") && error.contains(words), "{error}");
        }
    }

    fn configuration() -> impl Strategy<Value = Configuration> {
        let properties = || prop::collection::btree_map(any::<String>(), any::<String>(), 1..4);
        let leaf = (any::<String>(), properties()).prop_map(|(classification, properties)| Configuration {
            classification,
            properties,
            configurations: Vec::new(),
        });
        leaf.prop_recursive(3, 12, 3, move |nested| {
            (any::<String>(), properties(), prop::collection::vec(nested, 0..3)).prop_map(
                |(classification, properties, configurations)| Configuration {
                    classification,
                    properties,
                    configurations,
                },
            )
        })
    }

    proptest! {
        #[test]
        fn writing_and_parsing_return_the_same(made in configuration()) {
            let written = serde_json::to_value(&made).unwrap();
            prop_assert_eq!(read(&written).unwrap(), vec![made.clone()]);
            prop_assert_eq!(of(&[Value::String(written.to_string())]).unwrap(), vec![made]);
        }
    }

    #[test]
    fn existing_properties_are_not_overwritten() {
        let mut all = of(&[mapred(&json!("1"))]).unwrap();
        let pair = |key: &str| BTreeMap::from([(key.to_owned(), "9".to_owned())]);
        add(&mut all, "mapred-site", pair("a"));
        add(&mut all, "mapred-site", pair("b"));
        add(&mut all, "yarn-site", pair("c"));
        let values: Vec<_> = all.iter().flat_map(|one| one.properties.values()).collect();
        assert_eq!(values, ["1", "9", "9"]);
    }
}
