//! Steps written as JSON: an array, one object a line, or a whole request, in the shape of EMR's API or in that of the AWS
//! CLI. A key that is not understood is refused: what it asks for would be left out.

mod kind;
mod object;
mod unique;

use std::io::Read;
use std::path::Path;

use emr_core::error::{Error, Result};
use emr_core::model::cluster::ClusterDetail;
use emr_core::model::step::{ActionOnFailure, NewStep};
use serde_json::error::Category;
use serde_json::{Map, Value};

use crate::files::LocalFiles;
use crate::named_files;
use object::Object;
use unique::Unique;

/// The JSON of steps, and what it is called in messages.
pub(crate) struct StepText {
    pub(crate) text: String,
    pub(crate) origin: String,
}

impl StepText {
    /// The JSON that `named` is, or that is in the file which `named` is; - is stdin.
    pub(crate) fn named(named: &str) -> Result<Self> {
        if named.trim_start().starts_with(['[', '{']) {
            return Ok(Self { text: named.to_owned(), origin: "--steps".to_owned() });
        }
        if named == "-" {
            let mut text = String::new();
            let read = std::io::stdin().lock().read_to_string(&mut text);
            read.map_err(|cause| Error::file("read", Path::new("stdin"), &cause))?;
            return Ok(Self { text, origin: "stdin".to_owned() });
        }
        let path = Path::new(named.strip_prefix("file://").unwrap_or(named));
        let text = std::fs::read_to_string(path).map_err(|cause| Error::file("read", path, &cause))?;
        Ok(Self { text, origin: path.display().to_string() })
    }
}

/// What holds for steps that do not say it, and of which cluster they are.
pub(crate) struct Defaults<'a> {
    pub(crate) action_on_failure: ActionOnFailure,
    pub(crate) cluster: &'a ClusterDetail,
    pub(crate) region: &'a str,
}

/// The steps in `text`, their local files noted in `files`.
pub(crate) fn read(text: &StepText, defaults: &Defaults<'_>, files: &mut LocalFiles) -> Result<Vec<NewStep>> {
    let StepText { text, origin } = text;
    let malformed = |cause: serde_json::Error| match cause.classify() {
        Category::Data => Error::usage(format!("{origin}: {cause}")),
        _ => Error::usage(format!("{origin}: not JSON: {cause}")),
    };
    // Editors on Windows mark the beginning of a text in this way.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut steps = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Unique>() {
        let Unique(value) = value.map_err(malformed)?;
        for value in values(value, defaults).map_err(|error| error.on(origin))? {
            let place = format!("{origin}: step {}", steps.len() + 1);
            steps.push(step(&value, defaults, files).map_err(|error| error.on(place))?);
        }
    }
    if steps.is_empty() {
        return Err(Error::usage(format!("{origin} contains no step")));
    }
    Ok(steps)
}

/// The steps in `value`: those of a list, of a request such as `--dry-run` prints, or one.
fn values(value: Value, defaults: &Defaults<'_>) -> Result<Vec<Value>> {
    match value {
        Value::Array(values) => Ok(values),
        Value::Object(mut request) if request.contains_key("Steps") => {
            Object::of(&request).refuse_others(&["JobFlowId", "Steps"])?;
            let of = Object::of(&request).text("JobFlowId")?;
            let id = defaults.cluster.cluster.id.as_str();
            if let Some(other) = of.filter(|other| *other != id) {
                return Err(Error::usage(format!("the steps are for {other}, and are to be added to {id}")));
            }
            match request.remove("Steps") {
                Some(Value::Array(values)) => Ok(values),
                _ => Err(Error::usage("Steps is not a list")),
            }
        }
        value => Ok(vec![value]),
    }
}

fn step(value: &Value, defaults: &Defaults<'_>, files: &mut LocalFiles) -> Result<NewStep> {
    let map: &Map<String, Value> = value.as_object().ok_or_else(|| Error::usage("is not an object"))?;
    let object = Object::of(map);
    let program = match map.get("HadoopJarStep") {
        Some(jar) => {
            object.refuse_others(&["Name", "ActionOnFailure", "HadoopJarStep"])?;
            let jar = jar.as_object().ok_or_else(|| Error::usage("HadoopJarStep is not an object"))?;
            Object::of(jar).refuse_others(&["Jar", "Args", "MainClass", "Properties"])?;
            kind::of_jar(Object::of(jar), "step")?
        }
        None => kind::of_cli(object, defaults)?,
    };
    let action = object.text("ActionOnFailure")?;
    let step = NewStep {
        name: object.text("Name")?.unwrap_or(program.name).to_owned(),
        jar: program.jar,
        main_class: program.main_class,
        args: program.args,
        properties: program.properties,
        action_on_failure: action.map_or(Ok(defaults.action_on_failure), str::parse)?,
    };
    named_files::with_uploads(step, files)
}

#[cfg(test)]
mod tests;
