//! Notes the parts of a recording that cannot be kept.

use std::collections::BTreeMap;

use serde_json::Value;

/// Shapes of which the model knows every member. Any other member of them cannot be kept.
const WHOLE: [(&str, &[&str]); 5] = [
    ("AutoTerminationPolicy", &["IdleTimeout"]),
    ("Config", &["Args", "Jar", "MainClass", "Properties"]),
    ("FailureDetails", &["LogFile", "Message", "Reason"]),
    ("StateChangeReason", &["Code", "Message"]),
    ("Timeline", &["CreationDateTime", "EndDateTime", "ReadyDateTime", "StartDateTime"]),
];

/// Names of members, and how often each was left out.
#[derive(Debug, Default)]
pub(super) struct LeftOut(BTreeMap<String, usize>);

impl LeftOut {
    pub(super) fn note(&mut self, name: impl Into<String>) {
        *self.0.entry(name.into()).or_default() += 1;
    }

    /// Notes everything in `value`, at any depth, that the model cannot keep.
    pub(super) fn note_below(&mut self, value: &Value) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.note_below(value)),
            Value::Object(members) => {
                for (key, member) in members {
                    self.note_member(key, member);
                }
            }
            _ => {}
        }
    }

    fn note_member(&mut self, key: &str, member: &Value) {
        let whole = WHOLE.iter().find(|(name, _)| *name == key);
        match (whole, member) {
            (Some((name, known)), Value::Object(members)) => {
                for unknown in members.keys().filter(|key| !known.contains(&key.as_str())) {
                    self.note(format!("{name}.{unknown}"));
                }
            }
            _ => self.note_below(member),
        }
    }

    /// A sentence for each name.
    pub(super) fn sentences(&mut self) -> Vec<String> {
        let notes = std::mem::take(&mut self.0).into_iter();
        let say = |(name, count): (String, usize)| match name.as_str() {
            "Marker" | "NextToken" => format!("a list ends with `{name}` ({count} times): EMR has more pages"),
            _ => format!("left out, because clusters have no such member: `{name}` ({count} times)"),
        };
        notes.map(say).collect()
    }
}
