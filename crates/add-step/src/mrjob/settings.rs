//! The configuration with what the job says laid over it: the attributes of its class, such as `JOBCONF` and `FILES`,
//! and those options of mrjob's runner that stand among its own arguments.
//!
//! Both count as configuration files, the strongest ones: what is typed for add-step itself is stronger still. So the
//! rules by which mrjob combines options are in one place, and an error names the job's file.

use std::path::Path;

use emr_core::config::{Config, Document};
use emr_core::error::{Error, Result};
use serde_json::{Map, Value, json};

use super::Job;
use super::description::Description;

/// What errors call the arguments of the job.
const ARGUMENTS: &str = "the words after --";

/// Options of mrjob's runner that a job may have among its arguments.
const HEEDED: &[&str] = &[
    "cmdenv",
    "emr_action_on_failure",
    "hadoop_extra_args",
    "hadoop_streaming_jar",
    "jobconf",
    "label",
    "libjars",
    "py_files",
    "python_bin",
    "setup",
    "sh_bin",
    "spark_args",
    "task_python_bin",
    "upload_archives",
    "upload_dirs",
    "upload_files",
];

/// Those that change no result.
const WITHOUT_EFFECT: &[&str] = &[
    "add_steps_in_batch",
    "check_cluster_every",
    "cleanup",
    "cleanup_on_failure",
    "cloud_part_size_mb",
    "hadoop_bin",
    "local_tmp_dir",
    "owner",
    "read_logs",
    "sort_bin",
    "ssh_tunnel",
];

/// `config` with what `job` says laid over it.
pub(super) fn of(job: &Job, config: &Config) -> Result<Config> {
    let Description { script, attributes, switches, .. } = &job.description;
    check(&job.description)?;
    let heeded = |(name, _): &(&String, &Value)| HEEDED.contains(&name.as_str());
    let switches: Map<_, _> =
        switches.iter().filter(heeded).map(|(name, value)| (name.clone(), value.clone())).collect();
    let script = Path::new(script.as_deref().unwrap_or(&job.name));
    let config = config.clone().with(script, &document(attributes, script)?)?;
    config.with(Path::new(ARGUMENTS), &document(&switches, Path::new(ARGUMENTS))?)
}

fn document(options: &Map<String, Value>, path: &Path) -> Result<Document> {
    Document::read(path, json!({"runners": {"emr": options}}).to_string().into_bytes())
}

/// Refuses options that would have to be add-step's own, or were those of the job flow.
fn check(Description { switches, spelt, .. }: &Description) -> Result<()> {
    let known = |name: &str| HEEDED.contains(&name) || WITHOUT_EFFECT.contains(&name);
    let Some((name, value)) = switches.iter().find(|(name, _)| !known(name)) else { return Ok(()) };
    let option = spelt.get(name).cloned().unwrap_or_else(|| format!("--{}", name.replace('_', "-")));
    Err(match name.as_str() {
        "runner" => Error::usage(format!("{ARGUMENTS}: the job is to be run by {value}"))
            .advise("add-step runs jobs on EMR; leave out -r, or run the job with python"),
        "conf_paths" => Error::usage(format!("{ARGUMENTS}: a configuration of the job's own is not read"))
            .advise("give --conf-path or --no-conf before --"),
        _ => Error::usage(format!("{ARGUMENTS}: {option} is not an option of the job, but of mrjob's runner"))
            .advise("give options of add-step before --, and those of the job flow to create-job-flow or find-pool"),
    })
}

#[cfg(test)]
mod tests {
    use emr_core::config::options::{CMDENV, JOBCONF, LIBJARS, PYTHON_BIN};
    use emr_core::config::setting::value;
    use emr_core::config::{Surroundings, Typed};

    use super::super::description::example;
    use super::*;

    fn job(attributes: &Value, switches: &Value) -> Job {
        let mut description = example::description(&json!([]));
        description.attributes = attributes.as_object().unwrap().clone();
        description.switches = switches.as_object().unwrap().clone();
        Job { name: "mr_wc.py".to_owned(), description, package: Vec::new() }
    }

    fn jobconf(config: &Config) -> Vec<(String, Option<String>)> {
        config.get(&JOBCONF).unwrap().into_iter().map(|(name, setting)| (name, setting.value)).collect()
    }

    #[test]
    fn attributes_are_stronger_than_files_and_weaker_than_what_is_typed() {
        let mut typed = Typed::default();
        typed.entries(&JOBCONF.option, "jobconf", vec![("typed".to_owned(), "t".to_owned())]);
        let file = "runners: {emr: {jobconf: {file: f, job: f, typed: f, switch: f, gone: f}}}";
        let config = Config::new(typed, Surroundings::default())
            .with(Path::new("x"), &Document::read(Path::new("x"), file.into()).unwrap())
            .unwrap();
        let attributes = json!({"jobconf": {"job": "j", "typed": "j", "switch": "j", "gone": null},
            "libjars": ["/src/a.jar"], "partitioner": null});
        let switches =
            json!({"jobconf": {"switch": "s"}, "cmdenv": {"A": "1"}, "python_bin": "python3.9 -u", "owner": "me"});
        let config = of(&job(&attributes, &switches), &config).unwrap();
        let mut found = jobconf(&config);
        found.sort();
        let expected =
            [("file", Some("f")), ("gone", None), ("job", Some("j")), ("switch", Some("s")), ("typed", Some("t"))];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.map(str::to_owned))));
        assert_eq!(config.get(&LIBJARS).unwrap()[0].value, "/src/a.jar");
        assert_eq!(config.get(&CMDENV).unwrap()[0].1.value, "1");
        assert_eq!(value(config.get(&PYTHON_BIN).unwrap()).unwrap(), ["python3.9", "-u"]);
    }

    #[test]
    fn strings_of_python_stay_what_they_are() {
        let text = "a: 'b' \"c\" \u{1F600}\n\t\\ #x";
        let config = of(&job(&json!({"jobconf": {"x": text}}), &json!({})), &Config::default()).unwrap();
        assert_eq!(jobconf(&config), [("x".to_owned(), Some(text.to_owned()))]);
    }

    #[test]
    fn options_of_the_job_flow_and_of_other_runners_are_refused_by_name() {
        for (switches, words) in [
            (json!({"instance_type": "m5.xlarge"}), "--instance-type is not an option of the job"),
            (json!({"runner": "inline"}), "the job is to be run by \"inline\""),
            (json!({"conf_paths": []}), "a configuration of the job's own is not read"),
        ] {
            let error = of(&job(&json!({}), &switches), &Config::default()).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
            assert_eq!(error.outcome.exit_code(), 2);
        }
    }
}
