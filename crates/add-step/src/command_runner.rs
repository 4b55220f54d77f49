//! What EMR's `command-runner.jar` does to arguments on their way to the command: it leaves out empty ones, and deletes
//! each `}}`.
//!
//! Source: <https://github.com/Yelp/mrjob/pull/2082>

use emr_core::error::{Error, Result};
use emr_core::model::step::NewStep;
use emr_core::streaming_step::is_command_runner;

pub(crate) use emr_core::streaming_step::COMMAND_RUNNER as JAR;

/// Whether the jar of `step` is the command runner, here or at a place of the user's.
pub(crate) fn runs(step: &NewStep) -> bool {
    is_command_runner(&step.jar)
}

/// Refuses a step whose command would get other arguments than are asked for.
pub(crate) fn check(step: &NewStep) -> Result<()> {
    let what = |arg: &String| match arg.as_str() {
        "" => Some("an empty argument, which EMR's command-runner.jar leaves out".to_owned()),
        arg if arg.contains("}}") => Some(format!("'{arg}', in which EMR's command-runner.jar deletes }}}}")),
        _ => None,
    };
    match step.args.iter().filter(|_| runs(step)).find_map(what) {
        Some(what) => Err(Error::usage(format!("the step '{}' has {what}", step.name))
            .advise("put the command into a script, and run that with --script; a blank within }} may do as well")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use emr_core::model::step::example::new_step as step;

    use super::*;

    #[test]
    fn arguments_that_would_not_arrive_are_refused() {
        assert!(check(&step(JAR, &["spark-submit", "a b", "{\"a\":{\"b\":1} }", "}"])).is_ok());
        for (bad, words) in [("", "an empty argument"), ("{\"a\":{\"b\":1}}", "deletes }}")] {
            let error = check(&step(JAR, &["x", bad])).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
            assert!(check(&step("s3://b/own.jar", &["x", bad])).is_ok(), "other jars get what is asked for");
        }
    }
}
