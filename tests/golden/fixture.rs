//! The fixture files: commands and their expected results.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::layout;

/// Cases that share a sandbox.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fixture {
    pub(crate) about: String,
    #[serde(default)]
    pub(crate) clusters: Vec<Value>,
    #[serde(default)]
    pub(crate) files: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) objects: BTreeMap<String, String>,
    pub(crate) slaves: Option<usize>,
    #[serde(default)]
    pub(crate) command: Vec<Value>,
    #[serde(default)]
    pub(crate) pick: Vec<String>,
    pub(crate) cases: Vec<Case>,
}

/// A command and its expected result.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) args: Vec<Value>,
    pub(crate) conf: Option<Value>,
    #[serde(default)]
    pub(crate) env: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) stdin: Value,
    #[serde(default)]
    expected: Value,
    #[serde(default)]
    code: i32,
    #[serde(default)]
    objects: Map<String, Value>,
}

/// The result of a case.
#[derive(Debug)]
pub(crate) struct Found {
    /// The command line, for messages.
    pub(crate) line: String,
    /// The records that it printed.
    pub(crate) records: Value,
    /// Its exit code.
    pub(crate) code: i32,
    /// The objects that it wrote.
    pub(crate) objects: Map<String, Value>,
}

impl Fixture {
    pub(crate) fn read(name: &str) -> Self {
        let text = fs::read_to_string(path(name)).unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path(name).display()))
    }

    /// The names of all fixtures.
    pub(crate) fn names() -> impl Iterator<Item = String> {
        let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
        let fixtures = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
        fixtures.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
    }

    /// Replaces the expected results in the fixture `name`.
    pub(crate) fn write(name: &str, found: &[Found]) {
        let text = fs::read_to_string(path(name)).unwrap();
        let mut fixture: Value = serde_json::from_str(&text).unwrap();
        for (case, found) in fixture["cases"].as_array_mut().unwrap().iter_mut().zip(found) {
            let case = case.as_object_mut().unwrap();
            case.retain(|key, _| !["expected", "code", "objects"].contains(&key.as_str()));
            case.extend(found.to_json().as_object().unwrap().clone());
        }
        fs::write(path(name), layout::layout(&fixture)).unwrap();
    }
}

impl Case {
    pub(crate) fn expected(&self) -> Found {
        let Self { expected, code, objects, .. } = self;
        Found { line: String::new(), records: expected.clone(), code: *code, objects: objects.clone() }
    }
}

impl Found {
    /// The result as it stands in a fixture.
    pub(crate) fn to_json(&self) -> Value {
        let mut found = json!({"expected": self.records});
        if self.code != 0 {
            found["code"] = self.code.into();
        }
        if !self.objects.is_empty() {
            found["objects"] = self.objects.clone().into();
        }
        found
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden")
}

fn path(name: &str) -> PathBuf {
    folder().join(name).with_extension("json")
}
