//! From the command line to steps and the local files that they need. Nothing is uploaded or asked here.

use std::io::Read;
use std::path::Path;

use emr_core::config::Config;
use emr_core::config::options::EMR_ACTION_ON_FAILURE;
use emr_core::error::{Error, Result};
use emr_core::model::cluster::ClusterDetail;
use emr_core::model::step::{ActionOnFailure, NewStep};
use emr_core::text::one_line;
use emr_core::upload::Item;

use crate::args::Args;
use crate::files::LocalFiles;
use crate::{command_runner, step_file, streaming_job};

/// EMR takes no more steps in one call.
const STEPS_PER_CALL: usize = 256;

/// EMR takes no more in the strings of one step.
const ARGUMENT_CHARACTERS: usize = 10_240;

/// The steps that `args` ask for on `cluster`; `files` says where each local file will be on S3.
pub(crate) fn steps(
    args: &Args,
    config: &Config,
    cluster: &ClusterDetail,
    region: &str,
    files: &mut LocalFiles,
) -> Result<Vec<NewStep>> {
    let action_on_failure = action_on_failure(config, cluster)?;
    if let Some(path) = &args.steps {
        let origin = if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() };
        return within_limits(step_file::read(&read_text(path)?, &origin, action_on_failure)?);
    }
    let (default_name, jar, jar_args) = jar_and_args(args, config, cluster, region, files)?;
    let name = args.name.clone().unwrap_or(default_name);
    let main_class = args.main_class.clone();
    let step = NewStep { name, jar, main_class, args: jar_args, properties: Vec::new(), action_on_failure };
    within_limits(vec![step])
}

pub(crate) fn within_limits(steps: Vec<NewStep>) -> Result<Vec<NewStep>> {
    if steps.len() > STEPS_PER_CALL {
        return Err(Error::usage(format!("{} steps are too many", steps.len()))
            .advise(format!("EMR takes {STEPS_PER_CALL} at a time, and holds as many unfinished ones")));
    }
    for step in &steps {
        if step.name.trim().is_empty() {
            return Err(Error::usage("a step needs a name"));
        }
        command_runner::check(step)?;
        let length = step.jar.len() + step.args.iter().map(|arg| arg.chars().count()).sum::<usize>();
        if length > ARGUMENT_CHARACTERS {
            return Err(Error::usage(format!("the step '{}' has arguments of {length} characters", step.name))
                .advise(format!("EMR takes {ARGUMENT_CHARACTERS}; put them into a file")));
        }
    }
    Ok(steps)
}

/// Where steps run side by side EMR takes nothing but CONTINUE.
pub(crate) fn action_on_failure(config: &Config, cluster: &ClusterDetail) -> Result<ActionOnFailure> {
    let side_by_side = cluster.step_concurrency > 1;
    let Some(action) = config.get(&EMR_ACTION_ON_FAILURE)? else {
        return Ok(if side_by_side { ActionOnFailure::Continue } else { ActionOnFailure::CancelAndWait });
    };
    if side_by_side && action.value != ActionOnFailure::Continue {
        let text = format!(
            "{} runs {} steps side by side, and EMR takes no {} there",
            cluster.cluster.id,
            cluster.step_concurrency,
            action.value.as_str()
        );
        return Err(action.blame(Error::usage(text).advise("leave out --action-on-failure, or use CONTINUE")));
    }
    Ok(action.value)
}

/// The step's name by default, its jar, and the jar's arguments.
fn jar_and_args(
    args: &Args,
    config: &Config,
    cluster: &ClusterDetail,
    region: &str,
    files: &mut LocalFiles,
) -> Result<(String, String, Vec<String>)> {
    if args.streaming {
        let (jar, jar_args) = streaming_job::of(args, config, files)?.jar_and_args(cluster);
        return Ok(("streaming".to_owned(), jar, jar_args));
    }
    if let Some(jar) = &args.jar {
        return Ok((base_name(jar), place(jar, files)?, args.command.clone()));
    }
    if let Some(script) = &args.script {
        // AWS keeps the jar that runs scripts in a bucket of each region.
        let runner = format!("s3://{region}.elasticmapreduce/libs/script-runner/script-runner.jar");
        let mut runner_args = vec![place(script, files)?];
        runner_args.extend(args.command.iter().cloned());
        return Ok((base_name(script), runner, runner_args));
    }
    if cluster.release_label.is_none() {
        let version = cluster.ami_version.as_deref().unwrap_or("2 or 3");
        return Err(Error::usage(format!("{} runs AMI version {version}, which runs no commands", cluster.cluster.id))
            .advise("put the command into a script and use --script"));
    }
    let name = args.command.first().map_or_else(String::new, |command| base_name(command));
    Ok((name, command_runner::JAR.to_owned(), args.command.clone()))
}

/// `text` where it is a URI; where it is a local file, where that will be.
pub(crate) fn place(text: &str, files: &mut LocalFiles) -> Result<String> {
    match Item::read(text) {
        Item::Remote(uri) => Ok(uri),
        // Jars that stand on the master's own disk have absolute paths there, and none here.
        Item::Local(path) if path.is_absolute() && !path.exists() => Ok(text.to_owned()),
        Item::Local(path) if text == command_runner::JAR && !path.exists() => Ok(text.to_owned()),
        Item::Local(path) => files.add(&path),
    }
}

/// A name from the last part of a path or URI.
fn base_name(text: &str) -> String {
    let last = text.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let name = one_line(last, 64);
    if name.trim().is_empty() { "step".to_owned() } else { name }
}

fn read_text(path: &Path) -> Result<String> {
    if path == Path::new("-") {
        let mut text = String::new();
        let read = std::io::stdin().lock().read_to_string(&mut text);
        return read.map(|_| text).map_err(|cause| Error::file("read", Path::new("stdin"), &cause));
    }
    std::fs::read_to_string(path).map_err(|cause| Error::file("read", path, &cause))
}
