//! Writes YAML: block mappings and lists, with strings quoted unless they are plain words.

use emr_core::text::escaped_json;
use serde_json::Value;

/// Words that YAML reads as a boolean, null or number.
const WORDS: [&str; 12] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "none"];

/// The lines of the entry `key` of a mapping.
pub(crate) fn entry(key: &str, value: &Value) -> Vec<String> {
    match inline(value) {
        Some(text) => vec![format!("{}: {text}", scalar(key))],
        None => [format!("{}:", scalar(key))].into_iter().chain(indented(lines(value))).collect(),
    }
}

/// The lines of a mapping or list that has entries.
fn lines(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members.iter().flat_map(|(key, value)| entry(key, value)).collect(),
        Value::Array(list) => list.iter().flat_map(item).collect(),
        value => inline(value).into_iter().collect(),
    }
}

fn item(value: &Value) -> Vec<String> {
    let lines = match inline(value) {
        Some(text) => vec![text],
        None => lines(value),
    };
    let mark = |(number, line)| if number == 0 { format!("- {line}") } else { format!("  {line}") };
    lines.into_iter().enumerate().map(mark).collect()
}

pub(crate) fn indented(lines: Vec<String>) -> impl Iterator<Item = String> {
    lines.into_iter().map(|line| format!("  {line}"))
}

/// The value as it stands on the line of its key; `None` for a non-empty mapping or list.
fn inline(value: &Value) -> Option<String> {
    match value {
        Value::Object(members) if !members.is_empty() => None,
        Value::Array(list) if !list.is_empty() => None,
        Value::String(text) => Some(scalar(text)),
        value => Some(value.to_string()),
    }
}

/// `text` plain if YAML reads it as that string, else in double quotes with JSON's escapes, which are YAML's too.
fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    if is_plain { text.to_owned() } else { escaped_json(&Value::from(text).to_string()) }
}

#[cfg(test)]
mod tests {
    use emr_core::config::options::EXTRA_CLUSTER_PARAMS;
    use emr_core::config::{Config, Document, Surroundings, Typed};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn mappings_and_lists_are_blocks() {
        let value = json!([{"a": "x", "b": ["on", 1, {}]}, "s3://b/c", []]);
        let expected =
            ["key:", "  - a: x", "    b:", "      - \"on\"", "      - 1", "      - {}", "  - \"s3://b/c\"", "  - []"];
        assert_eq!(entry("key", &value), expected);
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            prop::sample::select(vec![
                "yes",
                "~",
                "0.40",
                "1e3",
                "0x1F",
                "a: b",
                "# c",
                "!x",
                "&y",
                "*z",
                "null",
                "2026-01-01"
            ])
            .prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map("\\PC{0,6}", inner, 0..4).prop_map(|entries| entries.into_iter().collect()),
            ]
        })
    }

    /// Writes `value` below `extra_cluster_params`, which keeps types, and reads it back.
    fn read(value: &Value) -> Value {
        let option = indented(entry("extra_cluster_params", &json!({ "Key": value })));
        let lines = ["runners:".to_owned(), "  emr:".to_owned()].into_iter().chain(indented(option.collect()));
        let text = lines.collect::<Vec<_>>().join("\n");
        let path = "x.conf".as_ref();
        let document = Document::read(path, text.into_bytes()).unwrap();
        let config = Config::new(Typed::default(), Surroundings::default()).with(path, &document).unwrap();
        config.get(&EXTRA_CLUSTER_PARAMS).unwrap().remove(0).1.value
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(value in value()) {
            prop_assert_eq!(read(&value), value);
        }
    }
}
