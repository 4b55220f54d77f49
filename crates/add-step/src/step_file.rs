//! Steps written as JSON: an array, or one object a line, in the shape of EMR's API or in that of the AWS CLI.

use emr_core::error::{Error, Result};
use emr_core::model::step::{ActionOnFailure, NewStep};
use serde_json::{Map, Value};

/// The steps in `text`, which comes from `origin`. Without an `ActionOnFailure` of its own a step has `default`.
pub(crate) fn read(text: &str, origin: &str, default: ActionOnFailure) -> Result<Vec<NewStep>> {
    let malformed = |cause: serde_json::Error| Error::usage(format!("{origin}: not JSON: {cause}"));
    let mut steps = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        let values = match value.map_err(malformed)? {
            Value::Array(values) => values,
            value => vec![value],
        };
        for value in values {
            let place = format!("{origin}: step {}", steps.len() + 1);
            steps.push(step(&value, default).map_err(|error| error.on(place))?);
        }
    }
    if steps.is_empty() {
        return Err(Error::usage(format!("{origin} contains no step")));
    }
    Ok(steps)
}

fn step(value: &Value, default: ActionOnFailure) -> Result<NewStep> {
    let step = value.as_object().ok_or_else(|| Error::usage("is not an object"))?;
    // The API puts the jar one level deeper than the CLI's CUSTOM_JAR.
    let jar = match step.get("HadoopJarStep") {
        Some(jar) => jar.as_object().ok_or_else(|| Error::usage("HadoopJarStep is not an object"))?,
        None => step,
    };
    if let Some(kind) = text(step, "Type")?.filter(|kind| !kind.eq_ignore_ascii_case("CUSTOM_JAR")) {
        return Err(Error::usage(format!("steps of the type {kind} are not understood"))
            .advise("write it as CUSTOM_JAR with command-runner.jar"));
    }
    Ok(NewStep {
        name: text(step, "Name")?.unwrap_or("step").to_owned(),
        jar: text(jar, "Jar")?.ok_or_else(|| Error::usage("has no Jar"))?.to_owned(),
        main_class: text(jar, "MainClass")?.map(str::to_owned),
        args: args(jar)?,
        properties: properties(jar)?,
        action_on_failure: text(step, "ActionOnFailure")?.map_or(Ok(default), str::parse)?,
    })
}

fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Error::usage(format!("{key} is not a string"))),
    }
}

fn args(jar: &Map<String, Value>) -> Result<Vec<String>> {
    let Some(args) = jar.get("Args") else { return Ok(Vec::new()) };
    let wrong = || Error::usage("Args is not a list of strings");
    let args = args.as_array().ok_or_else(wrong)?;
    args.iter().map(|arg| arg.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
}

/// Properties as the API has them: `[{"Key": …, "Value": …}]`.
fn properties(jar: &Map<String, Value>) -> Result<Vec<(String, String)>> {
    let Some(list) = jar.get("Properties").filter(|list| !list.is_null()) else { return Ok(Vec::new()) };
    let wrong = || Error::usage("Properties is not a list of objects with Key and Value");
    let pair = |property: &Value| {
        let word = |key| property.get(key).and_then(Value::as_str).map(str::to_owned);
        Some((word("Key")?, word("Value").unwrap_or_default()))
    };
    list.as_array().ok_or_else(wrong)?.iter().map(|property| pair(property).ok_or_else(wrong)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str) -> Result<Vec<NewStep>> {
        read(text, "steps.json", ActionOnFailure::Continue)
    }

    #[test]
    fn the_api_s_shape_and_the_cli_s_are_one_step() {
        let api = r#"[{"Name":"a","ActionOnFailure":"CANCEL_AND_WAIT","HadoopJarStep":
            {"Jar":"x.jar","Args":["1",""],"Properties":[{"Key":"k","Value":"v"}],"MainClass":"M"}}]"#;
        let expected = NewStep {
            name: "a".to_owned(),
            jar: "x.jar".to_owned(),
            main_class: Some("M".to_owned()),
            args: vec!["1".to_owned(), String::new()],
            properties: vec![("k".to_owned(), "v".to_owned())],
            action_on_failure: ActionOnFailure::CancelAndWait,
        };
        assert_eq!(read_all(api).unwrap(), std::slice::from_ref(&expected));
        let cli = r#"{"Type":"CUSTOM_JAR","Name":"a","ActionOnFailure":"CANCEL_AND_WAIT","Jar":"x.jar",
            "Args":["1",""],"Properties":[{"Key":"k","Value":"v"}],"MainClass":"M"}"#;
        assert_eq!(read_all(cli).unwrap(), [expected]);
    }

    #[test]
    fn steps_one_a_line_are_read_in_order() {
        let steps = read_all("{\"Name\":\"a\",\"Jar\":\"x\"}\n{\"Name\":\"b\",\"Jar\":\"y\"}\n").unwrap();
        assert_eq!(steps.iter().map(|step| step.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(steps[0].action_on_failure, ActionOnFailure::Continue);
    }

    #[test]
    fn what_is_wrong_is_told_with_the_number_of_the_step() {
        let cases = [
            ("", "steps.json contains no step"),
            ("[]", "steps.json contains no step"),
            ("[{\"Jar\":\"x\"},{\"Name\":\"b\"}]", "steps.json: step 2: has no Jar"),
            ("[{\"Jar\":1}]", "steps.json: step 1: Jar is not a string"),
            ("[{\"Jar\":\"x\",\"Args\":\"a b\"}]", "steps.json: step 1: Args is not a list of strings"),
            ("[3]", "steps.json: step 1: is not an object"),
        ];
        for (text, message) in cases {
            assert_eq!(read_all(text).unwrap_err().to_string(), message);
        }
        assert!(read_all("[{").unwrap_err().to_string().starts_with("steps.json: not JSON: "));
        assert!(read_all("[{\"Type\":\"HIVE\",\"Jar\":\"x\"}]").is_err());
    }
}
