//! What a job says of itself, as `ask.py` prints it.

use std::collections::BTreeMap;

use emr_core::error::Error;
use serde::Deserialize;
use serde_json::{Map, Value};

/// What a job would ask of mrjob's runner.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Description {
    /// The version of its mrjob.
    pub(super) version: String,
    /// The file with the job's class, which the tasks run.
    pub(super) script: Option<String>,
    pub(super) steps: Vec<Step>,
    /// The arguments of each of its tasks.
    pub(super) arguments: Vec<Argument>,
    /// What it is to read, of the words after `--`.
    pub(super) inputs: Vec<String>,
    /// Where its last step is to write, where its own options say.
    pub(super) output_dir: Option<String>,
    /// Where the others are.
    pub(super) step_output_dir: Option<String>,
    /// Class that reads the input of the first step.
    pub(super) inputformat: Option<String>,
    /// Class that writes the output of the last step.
    pub(super) outputformat: Option<String>,
    /// Whether reducers get their values sorted.
    pub(super) sort_values: bool,
    /// Options of mrjob's runner that the job's class sets.
    pub(super) attributes: Map<String, Value>,
    /// Options of mrjob's runner among the words after `--`.
    pub(super) switches: Map<String, Value>,
    /// How each of those is written there.
    #[serde(default)]
    pub(super) spelt: BTreeMap<String, String>,
    /// Modules that the script imports from its own folder: name and path.
    pub(super) neighbours: BTreeMap<String, String>,
    /// What its script would do next, behind the job.
    #[serde(default)]
    pub(super) behind: Option<Behind>,
}

/// A line of a script.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Behind {
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) text: String,
}

/// An argument of a task.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Argument {
    Word(String),
    /// A file, which the task gets under another name.
    File {
        path: String,
        name: Option<String>,
    },
}

/// A step, in the shape of mrjob's step descriptions.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Step {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) mapper: Option<Substep>,
    pub(super) combiner: Option<Substep>,
    pub(super) reducer: Option<Substep>,
    /// Whether the mapper gets the names of files to read, and not their lines.
    pub(super) input_manifest: bool,
    /// Hadoop properties; null takes one away.
    pub(super) jobconf: BTreeMap<String, Option<String>>,
    pub(super) jar: Option<String>,
    pub(super) script: Option<String>,
    pub(super) main_class: Option<String>,
    pub(super) args: Option<Vec<String>>,
    pub(super) spark_args: Option<Vec<String>>,
}

/// A mapper, combiner or reducer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Substep {
    /// The job's script does it, behind a command of the shell where there is one.
    Script { pre_filter: Option<String> },
    /// A command does it.
    Command { command: String },
}

/// Why a job could not describe itself.
#[derive(Debug, Deserialize)]
struct Refusal {
    refusal: String,
    detail: String,
}

/// Why a job has no description.
#[derive(Debug)]
pub(super) struct Unread {
    pub(super) error: Error,
    /// Whether the Python that asked it has no mrjob.
    pub(super) lacks_mrjob: bool,
}

impl Description {
    /// Reads the `line` that the job `name` printed.
    pub(super) fn read(line: &[u8], name: &str) -> Result<Self, Unread> {
        if let Ok(refusal) = serde_json::from_slice::<Refusal>(line) {
            return Err(Unread { lacks_mrjob: refusal.refusal == "no_mrjob", error: refusal.into_error(name) });
        }
        serde_json::from_slice(line).map_err(|cause| {
            let text = format!("{name}: the job describes itself in a way that is not understood: {cause}");
            Unread { error: Error::config(text), lacks_mrjob: false }
        })
    }
}

impl Refusal {
    fn into_error(self, name: &str) -> Error {
        let make: fn(String) -> Error = match self.refusal.as_str() {
            "own_arguments" | "relative_import" | "task" => |text| Error::usage(text),
            _ => |text| Error::config(text),
        };
        let (text, advice) = match self.refusal.as_str() {
            "no_mrjob" => (
                format!("{name}: this Python cannot import mrjob: {}", self.detail),
                "install mrjob for it, or name a Python that has it with --steps-python-bin; mrjob 0.7 needs one before \
                 3.13, and setuptools where that is 3.12",
            ),
            "no_job" => (
                format!("{name}: the script ended without running a job"),
                "let it end with: if __name__ == '__main__': YourJob.run()",
            ),
            "own_runner" => (
                format!("{name}: the script makes a runner by itself, and does more than to run its job"),
                "name the file of the job's class, which ends with YourJob.run()",
            ),
            "own_run" => (
                format!("{name}: {} is the job's own, and may do more than to run the job", self.detail),
                "nothing runs here behind the job: move that into a command that follows wait-step",
            ),
            "own_arguments" => (
                format!("{name}: the script gives its job arguments of its own, and those behind -- would be left out"),
                "end it with YourJob.run(), and write its arguments behind --",
            ),
            "task" => (
                format!("{name}: {} has a script run a task, and not the job", self.detail),
                "leave it out: the tasks get it from their step",
            ),
            "relative_import" => (
                format!(
                    "{name}: the job's file says '{}', and the tasks run the file outside its package",
                    self.detail
                ),
                "import the module by its whole name, and have its package travel with --dir or --py-files",
            ),
            "packed_mrjob" => (
                format!("{name}: mrjob is not installed as a folder, but at {}", self.detail),
                "install it with pip, so that it can travel with the job",
            ),
            other => (format!("{name}: the job cannot be asked: {other}: {}", self.detail), "run it with python"),
        };
        make(text).advise(advice)
    }
}

#[cfg(test)]
pub(super) mod example {
    use super::*;

    /// What a word count says of itself, with these `steps` as JSON.
    pub(in crate::mrjob) fn description(steps: &Value) -> Description {
        let value = serde_json::json!({
            "version": "0.7.4", "script": "/src/mr_wc.py", "steps": steps, "arguments": [], "inputs": [],
            "output_dir": null, "step_output_dir": null, "inputformat": null, "outputformat": null,
            "sort_values": false, "attributes": {}, "switches": {}, "neighbours": {},
        });
        Description::read(value.to_string().as_bytes(), "mr_wc.py").unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_arguments_of_all_kinds_are_read() {
        let mut job = example::description(&serde_json::json!([
            {"type": "streaming", "mapper": {"type": "script", "pre_filter": "grep x"},
             "reducer": {"type": "command", "command": "wc -l"}, "jobconf": {"a": "1", "b": null}},
            {"type": "jar", "jar": "x.jar", "args": ["<input>"], "main_class": null, "jobconf": {}},
        ]));
        let first = job.steps.remove(0);
        assert_eq!(first.mapper, Some(Substep::Script { pre_filter: Some("grep x".to_owned()) }));
        assert_eq!(first.reducer, Some(Substep::Command { command: "wc -l".to_owned() }));
        assert_eq!((first.combiner, first.input_manifest), (None, false));
        assert_eq!(first.jobconf["b"], None);
        assert_eq!(job.steps[0].args.as_deref(), Some(&["<input>".to_owned()][..]));
        let arguments = r#"["--n", {"type": "file", "path": "a/x.db", "name": null}]"#;
        let arguments: Vec<Argument> = serde_json::from_str(arguments).unwrap();
        assert_eq!(arguments[1], Argument::File { path: "a/x.db".to_owned(), name: None });
    }

    #[test]
    fn a_job_that_cannot_be_asked_says_why() {
        for (refusal, words, code) in [
            ("no_mrjob", "this Python cannot import mrjob: No module", 78),
            ("no_job", "ended without running a job", 78),
            ("own_runner", "makes a runner by itself", 78),
            ("own_run", "No module is the job's own", 78),
            ("own_arguments", "arguments of its own", 2),
            ("task", "No module has a script run a task", 2),
            ("relative_import", "says 'No module'", 2),
            ("packed_mrjob", "not installed as a folder", 78),
        ] {
            let line = format!(r#"{{"refusal": "{refusal}", "detail": "No module"}}"#);
            let Unread { error, lacks_mrjob } = Description::read(line.as_bytes(), "mr.py").unwrap_err();
            assert_eq!(lacks_mrjob, refusal == "no_mrjob");
            assert!(error.to_string().contains(words), "{error}");
            assert_eq!(error.outcome.exit_code(), code);
        }
        assert!(Description::read(b"{}", "mr.py").unwrap_err().error.to_string().contains("not understood"));
    }
}
