//! YAML (and JSON, which is YAML) as plain values, scalars as they were written.
//!
//! `0.40` is a bid price and stays `0.40`: nothing here turns text into numbers.

use saphyr::{ScalarStyle, ScanError, Tag, Yaml, YamlLoader};
use saphyr_parser::Parser;

/// A value of a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// Nothing: `null`, `~` or no text.
    Null,
    /// A scalar, as written.
    Scalar(String),
    /// A list.
    List(Vec<Value>),
    /// A mapping, in the order of the file.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// The value under `key` of a mapping.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The entries of a mapping, where there is one; nothing is an empty mapping, and anything else is none.
    pub(super) fn entries(value: Option<&Self>) -> Option<&[(String, Self)]> {
        match value {
            None | Some(Self::Null) => Some(&[]),
            Some(Self::Map(entries)) => Some(entries),
            Some(_) => None,
        }
    }

    /// The same as JSON, scalars as text.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Scalar(text) => text.clone().into(),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(entries) => entries.iter().map(|(key, value)| (key.clone(), value.to_json())).collect(),
        }
    }

    /// The items of a list; any other value is a list of one.
    pub(super) fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { std::slice::from_ref(self) }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Scalar(text.to_owned())
    }
}

impl From<&[String]> for Value {
    fn from(items: &[String]) -> Self {
        Self::List(items.iter().map(|item| item.as_str().into()).collect())
    }
}

impl From<&[(String, String)]> for Value {
    fn from(pairs: &[(String, String)]) -> Self {
        Self::Map(pairs.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect())
    }
}

/// The only document of `text`. The error says line, column and what was expected.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let mut loader = YamlLoader::<Yaml>::default();
    loader.early_parse(false);
    let parsed = Parser::new_from_str(text).load(&mut loader, false);
    if let Some(error) = parsed.err().as_ref().or(loader.error()) {
        return Err(place(error));
    }
    loader.into_documents().first().map_or(Ok(Value::Null), value)
}

fn place(error: &ScanError) -> String {
    format!("line {}, column {}: {}", error.marker().line(), error.marker().col() + 1, error.info())
}

fn value(yaml: &Yaml) -> Result<Value, String> {
    let strange = |tag: &Tag| Err(format!("the tag !{} is not understood", tag.suffix));
    Ok(match yaml {
        Yaml::Representation(_, _, Some(tag)) if !tag.is_yaml_core_schema() => return strange(tag),
        Yaml::Representation(text, ScalarStyle::Plain, _) if matches!(&**text, "" | "~" | "null" | "Null" | "NULL") => {
            Value::Null
        }
        Yaml::Representation(text, ..) => Value::Scalar(text.to_string()),
        Yaml::Sequence(items) => Value::List(items.iter().map(value).collect::<Result<_, _>>()?),
        Yaml::Mapping(entries) => {
            let entry = |(key, item): (&Yaml, &Yaml)| match value(key)? {
                Value::Scalar(key) if key == "<<" => Err("merge keys (<<) are not understood".to_owned()),
                Value::Scalar(key) => Ok((key, value(item)?)),
                _ => Err("a key is not a plain word".to_owned()),
            };
            Value::Map(entries.iter().map(entry).collect::<Result<_, String>>()?)
        }
        Yaml::Tagged(tag, _) => return strange(tag),
        _ => return Err("a value is neither text, list nor mapping".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(text: &str) -> Value {
        Value::Scalar(text.to_owned())
    }

    #[test]
    fn scalars_stay_as_written() {
        let parsed = parse("a: 0.40\nb: '0.42'\nc: ~\nd: yes\ne: [1, two]\n").unwrap();
        assert_eq!(parsed.get("a"), Some(&scalar("0.40")));
        assert_eq!(parsed.get("b"), Some(&scalar("0.42")));
        assert_eq!(parsed.get("c"), Some(&Value::Null));
        assert_eq!(parsed.get("d"), Some(&scalar("yes")));
        assert_eq!(parsed.get("e"), Some(&Value::List(vec![scalar("1"), scalar("two")])));
    }

    #[test]
    fn json_is_read_too() {
        let parsed = parse("{\"runners\": {\"emr\": {\"num_ec2_instances\": 12}}}").unwrap();
        let emr = parsed.get("runners").and_then(|runners| runners.get("emr")).unwrap();
        assert_eq!(emr.get("num_ec2_instances"), Some(&scalar("12")));
    }

    #[test]
    fn a_broken_file_is_told_with_line_and_column() {
        let error = parse("runners:\n  emr: [1, 2\n").unwrap_err();
        assert!(error.starts_with("line 3, column "), "{error}");
    }

    #[test]
    fn a_tag_of_somebody_s_own_is_not_passed_over() {
        assert_eq!(parse("a: !clear 1").unwrap_err(), "the tag !clear is not understood");
        assert_eq!(parse("a: !!str 1").unwrap().get("a"), Some(&scalar("1")));
    }

    #[test]
    fn an_empty_file_is_nothing() {
        assert_eq!(parse(""), Ok(Value::Null));
        assert_eq!(parse("# only a comment\n"), Ok(Value::Null));
    }
}
