//! The table of a description: one row per key.

use emr_cli::Output;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::record::Record;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::record::DescriptionRecord;

/// A key of a description, and its value as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Row {
    key: String,
    value: String,
}

impl Record for Row {
    const COLUMNS: &'static [&'static str] = &["KEY", "VALUE"];

    const PROSE: Option<&'static str> = Some("VALUE");

    fn cells(&self) -> Vec<String> {
        vec![self.key.clone(), self.value.clone()]
    }

    fn id(&self) -> &str {
        &self.key
    }
}

/// Prints the table of `record`.
pub(crate) fn print(record: &DescriptionRecord, output: &Output) -> Result<()> {
    let mut printer = output.printer();
    let json = serde_json::to_value(record);
    let json = json.map_err(|cause| Error::new(Outcome::Bug, format!("a record has no JSON: {cause}")))?;
    for (key, value) in json.as_object().into_iter().flatten() {
        for row in rows(key, value) {
            printer.print(&row)?;
        }
    }
    printer.finish()
}

/// The rows of `value`: one per mapping of a list of mappings, otherwise one.
fn rows(key: &str, value: &Value) -> Vec<Row> {
    let row = |value: &Value| Row { key: key.to_owned(), value: phrase(value) };
    match value {
        Value::Array(list) if list.iter().any(Value::is_object) => list.iter().map(row).collect(),
        value => vec![row(value)],
    }
}

/// A value as one line.
fn phrase(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(phrase).collect::<Vec<_>>().join(", "),
        Value::Object(members) => members_in_a_line(members),
        value => value.to_string(),
    }
}

fn members_in_a_line(members: &Map<String, Value>) -> String {
    let member = |(key, value): (&String, &Value)| match value {
        Value::Object(_) | Value::Array(_) => format!("{key} ({})", phrase(value)),
        value => format!("{key} {}", phrase(value)),
    };
    members.iter().map(member).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_of_mappings_has_a_line_for_each() {
        let groups = json!([{"role": "MASTER", "status": {"state": "RUNNING"}}, {"role": "CORE"}]);
        let lines = |key, value| rows(key, &value).into_iter().map(|row| row.value).collect::<Vec<_>>();
        assert_eq!(lines("groups", groups), ["role MASTER, status (state RUNNING)", "role CORE"]);
        assert_eq!(lines("zones", json!(["a", "b"])), ["a, b"]);
        assert_eq!(lines("count", json!(3)), ["3"]);
    }
}
