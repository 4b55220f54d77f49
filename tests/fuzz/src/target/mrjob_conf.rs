//! mrjob.conf, in YAML or JSON, and the job flow that is planned with it. A form feed separates two files, of which the second overrides the first.

use std::path::Path;

use emr_core::config::{Config, Document, Surroundings, Typed};
use emr_core::launch::bootstrap::BootstrapOptions;
use emr_core::launch::{LaunchOptions, job_flow};
use emr_core::model::content::Content;
use emr_core::pool::pool_hash;
use emr_core::setup::{Machine, packs_none};
use serde_json::Value;

/// Runs the target.
pub fn run(input: &[u8]) {
    let mut config = Config::new(Typed::default(), Surroundings::default());
    for (number, file) in input.split(|byte| *byte == b'\x0c').take(2).enumerate() {
        let path = format!("{number}.conf");
        let path = Path::new(&path);
        let read = Document::read(path, file.to_vec());
        let Ok(document) = read else { return assert_names(&read.unwrap_err().to_string(), path) };
        if let Err(error) = document.included(path) {
            assert_names(&error.to_string(), path);
        }
        match config.clone().with(path, &document) {
            Ok(with) => config = with,
            Err(error) => return assert_names(&error.to_string(), path),
        }
    }
    launch(&config);
    if let Ok(json) = serde_json::from_slice::<Value>(input) {
        assert_eq!(planned(&json), planned(&backwards(json.clone())), "the order of keys does not matter");
    }
}

/// The hash of the job flow that a file with this content asks for.
fn planned(json: &Value) -> Option<String> {
    let path = Path::new("0.conf");
    let document = Document::read(path, json.to_string().into_bytes()).ok()?;
    launch(&Config::new(Typed::default(), Surroundings::default()).with(path, &document).ok()?)
}

/// The same with the keys of all objects in the opposite order.
fn backwards(json: Value) -> Value {
    match json {
        Value::Object(entries) => entries.into_iter().rev().map(|(key, value)| (key, backwards(value))).collect(),
        Value::Array(items) => items.into_iter().map(backwards).collect(),
        other => other,
    }
}

/// The hash of the job flow that `config` asks for.
fn launch(config: &Config) -> Option<String> {
    let content = |_: &Path| Ok(Content::from([7; 32]));
    let machine = Machine { expand: &str::to_owned, content: &content, pack: &packs_none };
    let options = LaunchOptions::look_up(config).ok()?;
    let options = LaunchOptions { bootstrap: BootstrapOptions::look_up(config, &machine).ok()?, ..options };
    let plan = job_flow(&options).ok()?;
    let locks = "s3://bucket/tmp/locks/".parse().unwrap();
    Some(pool_hash(&plan.job_flow, &locks).to_string())
}

fn assert_names(message: &str, path: &Path) {
    assert!(message.starts_with(path.to_str().unwrap()), "{message}");
}
