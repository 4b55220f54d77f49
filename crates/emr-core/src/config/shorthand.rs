//! The AWS CLI's shorthand syntax: a word `KEY=VALUE,KEY=VALUE` for each object.

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// Converts shorthand to a JSON object of strings. Any other word is returned as it is.
pub fn object(word: &str) -> Result<String> {
    if word.trim_start().starts_with(['[', '{']) || !word.contains('=') {
        return Ok(word.to_owned());
    }
    if word.contains(['[', '{']) {
        let nested = Error::usage(format!("'{word}' has lists or objects in its values"));
        return Err(nested.advise("write it as JSON, or name a file with file://PATH"));
    }
    let mut object = Map::new();
    for pair in word.split(',') {
        let (key, value) = pair
            .split_once('=')
            .filter(|(key, _)| !key.is_empty())
            .ok_or_else(|| Error::usage(format!("'{pair}' is not KEY=VALUE")))?;
        object.insert(key.to_owned(), value.into());
    }
    Ok(Value::Object(object).to_string())
}

/// A JSON list of the objects `words`. A single word that is not an object is the list already.
#[must_use]
pub fn list(words: &[String]) -> String {
    match words {
        [whole] if !whole.trim_start().starts_with('{') => whole.clone(),
        objects => format!("[{}]", objects.join(",")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(words: &[&str]) -> String {
        list(&words.iter().map(|word| object(word).unwrap()).collect::<Vec<_>>())
    }

    #[test]
    fn each_word_is_an_object() {
        let groups = ["InstanceGroupType=MASTER,InstanceCount=1", "InstanceGroupType=CORE,BidPrice=0.40"];
        let json =
            r#"[{"InstanceGroupType":"MASTER","InstanceCount":"1"},{"InstanceGroupType":"CORE","BidPrice":"0.40"}]"#;
        assert_eq!(listed(&groups), json);
        assert_eq!(listed(&groups[..1]), r#"[{"InstanceGroupType":"MASTER","InstanceCount":"1"}]"#);
    }

    #[test]
    fn json_is_kept_and_nested_shorthand_is_refused() {
        assert_eq!(listed(&[r#" [{"a=": 1}]"#]), r#" [{"a=": 1}]"#);
        for bad in ["a=1,b", "a=1,=2", "Name=x,Ebs={VolumeSize=1}"] {
            assert!(object(bad).is_err(), "{bad}");
        }
    }
}
