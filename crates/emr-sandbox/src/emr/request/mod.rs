//! Parses the bodies of requests, and refuses bad ones as EMR does.
//!
//! Each operation's file has the shape of its own request. Shapes that several share are here, under their names in
//! EMR's API.

pub(crate) mod instances;
pub(crate) mod step;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::{Error, ErrorCode};
use super::page::Marker;

/// A request that names a cluster.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ClusterRequest {
    pub(crate) cluster_id: String,
}

/// A request that names something other than a cluster.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NameRequest {
    pub(crate) name: String,
}

/// A request for a list that belongs to a cluster.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ClusterListRequest {
    pub(crate) cluster_id: String,
    #[serde(default)]
    pub(crate) marker: Marker,
}

/// Parses a body. An empty body means an empty request.
pub(crate) fn parse<Request: DeserializeOwned>(body: &[u8]) -> Result<Request, Error> {
    let body = if body.is_empty() { b"{}" } else { body };
    let mut json = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        refuse(&path, error.inner())
    })
}

fn refuse(path: &str, error: &serde_json::Error) -> Error {
    let reason = error.to_string();
    let reason = reason.rsplit_once(" at line ").map_or(reason.as_str(), |(reason, _)| reason);
    if let Some(member) = quoted(reason, "missing field ") {
        let path = if path == "." { member.to_owned() } else { format!("{path}.{member}") };
        return Error::validation(format!(
            "1 validation error detected: Value null at '{path}' failed to satisfy constraint: \
             Member must not be null"
        ));
    }
    if let Some(value) = quoted(reason, "unknown variant ") {
        let allowed = reason.split_once("expected ").map_or("", |(_, allowed)| allowed);
        return Error::validation(format!(
            "1 validation error detected: Value '{value}' at '{path}' failed to satisfy \
             constraint: Member must satisfy enum value set: [{}]",
            allowed.trim_start_matches("one of ").replace('`', "")
        ));
    }
    if reason.starts_with("Marker ") {
        return Error::invalid_request(reason);
    }
    let words = [
        ("invalid type: map,", "Start of structure or map found where not expected."),
        ("invalid type: sequence,", "Start of list found where not expected."),
    ];
    let known = words.iter().find(|(lead, _)| reason.starts_with(lead));
    let message = known.map_or_else(|| format!("{path}: {reason}"), |(_, words)| (*words).to_owned());
    Error::new(ErrorCode::Serialization, message)
}

fn quoted<'a>(reason: &'a str, lead: &str) -> Option<&'a str> {
    reason.strip_prefix(lead)?.split('`').nth(1)
}

#[cfg(test)]
mod tests {
    use super::step::StepConfig;
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Steps {
        #[expect(dead_code, reason = "the test looks at the errors of parsing only")]
        steps: Vec<StepConfig>,
    }

    fn refusal(body: &str) -> String {
        parse::<Steps>(body.as_bytes()).unwrap_err().body().to_string()
    }

    #[test]
    fn a_missing_member_is_named_with_its_path() {
        let refusal = refusal(r#"{"Steps": [{"Name": "x"}]}"#);
        assert!(refusal.contains("Value null at 'Steps[0].HadoopJarStep'"), "{refusal}");
        assert!(refusal.contains("ValidationException"), "{refusal}");
    }

    #[test]
    fn a_value_outside_its_set_is_refused_with_the_set() {
        let refusal = refusal(r#"{"Steps": [{"Name": "x", "ActionOnFailure": "PANIC"}]}"#);
        assert!(refusal.contains("Value 'PANIC' at 'Steps[0].ActionOnFailure'"), "{refusal}");
        assert!(refusal.contains("CANCEL_AND_WAIT, CONTINUE"), "{refusal}");
    }

    #[test]
    fn a_body_that_is_not_json_is_a_serialization_error() {
        assert!(refusal("{").contains("SerializationException"));
    }

    #[test]
    fn a_structure_in_place_of_a_list_is_refused_in_emrs_words() {
        let expected =
            r#"{"__type":"SerializationException","Message":"Start of structure or map found where not expected."}"#;
        assert_eq!(refusal(r#"{"Steps": {}}"#), expected);
    }
}
