//! The options for parameters of `RunJobFlow` that have no option of their own.

use clap::Args;
use emr_core::config::setting::Setting;
use emr_core::config::{Config, Origin};
use emr_core::error::{Error, Result};
use serde_json::Value;

use crate::setting::of_files;

/// Further parameters of `RunJobFlow`.
#[derive(Debug, Clone, Args)]
pub(super) struct ExtraParameters {
    /// Further parameter of EMR's `RunJobFlow`, such as `Instances.ServiceAccessSecurityGroup=sg-1`; the value is JSON
    /// or text, and null takes a parameter away; may be repeated
    #[arg(long = "extra-cluster-param", value_name = "NAME=JSON", value_parser = assignment, help_heading = "Job flow")]
    extra: Vec<(String, String)>,

    /// The same with a value that is text, as mrjob 0.4 had it
    #[arg(long = "emr-api-param", value_name = "NAME=VALUE", value_parser = assignment, help_heading = "Job flow",
        hide_short_help = true)]
    of_query_api: Vec<(String, String)>,

    /// Parameter of `RunJobFlow` to leave out, as mrjob 0.4 had it
    #[arg(long = "no-emr-api-param", value_name = "NAME", help_heading = "Job flow", hide_short_help = true)]
    left_out: Vec<String>,
}

impl ExtraParameters {
    /// These parameters after those that `config` has, mrjob's older name first.
    pub(super) fn named(&self, config: &Config) -> Result<Vec<(String, Value)>> {
        let text = |(name, value): &(String, String)| (name.clone(), Value::String(value.clone()));
        let mut all = entries(of_files(&self.of_query_api[..], config, "emr_api_params", Config::document)?);
        let newer = entries(of_files(&self.extra[..], config, "extra_cluster_params", Config::document)?);
        all.extend(newer);
        all.extend(self.of_query_api.iter().map(text));
        if !self.left_out.is_empty() {
            config.enter("no_emr_api_params", self.left_out.clone(), Origin::CommandLine);
        }
        all.extend(self.left_out.iter().map(|name| (name.clone(), Value::Null)));
        for (name, value) in &self.extra {
            all.push((name.clone(), json(name, value)?));
        }
        Ok(all)
    }
}

fn assignment(text: &str) -> Result<(String, String)> {
    let (name, value) = text.split_once('=').ok_or_else(|| Error::usage(format!("'{text}' is not NAME=VALUE")))?;
    Ok((name.to_owned(), value.to_owned()))
}

fn entries(of_files: Option<Setting<Value>>) -> Vec<(String, Value)> {
    match of_files.map(|setting| setting.value) {
        Some(Value::Object(entries)) => entries.into_iter().collect(),
        _ => Vec::new(),
    }
}

/// mrjob's rule: JSON, or text that does not begin as JSON's lists, mappings and texts do.
fn json(name: &str, text: &str) -> Result<Value> {
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        Err(cause) if text.trim_start().starts_with(['[', '{', '"']) => {
            Err(Error::usage(format!("--extra-cluster-param {name} is not JSON: {cause}")))
        }
        Err(_) => Ok(Value::String(text.to_owned())),
    }
}
