//! From the command line to steps and the local files that they need. Nothing is uploaded or asked here.

use emr_core::config::options::EMR_ACTION_ON_FAILURE;
use emr_core::config::{Config, Setting};
use emr_core::error::{Error, Result};
use emr_core::model::cluster::ClusterDetail;
use emr_core::model::run_id::RunId;
use emr_core::model::step::{ActionOnFailure, NewStep};
use emr_core::text::one_line;
use emr_core::upload::Item;

use crate::args::Args;
use crate::files::LocalFiles;
use crate::step_file::{Defaults, StepText};
use crate::{command_runner, named_files, places, spark, step_file, streaming_job};

/// EMR takes no more steps in one call.
const STEPS_PER_CALL: usize = 256;

/// EMR takes no more in the strings of one step.
const ARGUMENT_CHARACTERS: usize = 10_240;

/// What is asked for, and of which cluster.
pub(crate) struct Request<'a> {
    pub(crate) args: &'a Args,
    pub(crate) config: &'a Config,
    pub(crate) cluster: &'a ClusterDetail,
    pub(crate) region: &'a str,
    pub(crate) run: &'a RunId,
}

/// The steps that `request` asks for; `files` says where each local file will be on S3.
pub(crate) fn steps(request: &Request<'_>, files: &mut LocalFiles) -> Result<Vec<NewStep>> {
    let Request { args, config, cluster, region, .. } = *request;
    let action_on_failure = action_on_failure(config, cluster)?;
    if let Some(named) = &args.steps {
        let defaults = Defaults { action_on_failure, cluster, region };
        let steps = step_file::read(&StepText::named(named)?, &defaults, files)?;
        if let Some((one, other)) = places::dependents(&steps) {
            let why = format!("step {} reads what step {} writes", other + 1, one + 1);
            refuse_side_by_side(cluster, &why)?;
        }
        let typed = config.get(&EMR_ACTION_ON_FAILURE)?.filter(Setting::is_typed);
        if let Some(action) = typed.filter(|action| steps.iter().all(|step| step.action_on_failure != action.value)) {
            let text = "has no effect: each of the steps has an ActionOnFailure of its own";
            return Err(action.wrong(text));
        }
        return within_limits(steps);
    }
    if args.streaming {
        return within_limits(streaming_job::steps(request, action_on_failure, files)?);
    }
    let program = program(request, files)?;
    let (name, main_class) = (args.name.clone().unwrap_or(program.name), args.main_class.clone());
    let main_class = main_class.filter(|_| args.jar.is_some());
    let step =
        NewStep { name, jar: program.jar, main_class, args: program.args, properties: Vec::new(), action_on_failure };
    let is_in_own_words = args.spark.is_none() && args.script.is_none();
    within_limits(vec![if is_in_own_words { named_files::with_uploads(step, files)? } else { step }])
}

/// Refuses a `cluster` that would run steps at once of which one needs the other, `why` says how.
pub(crate) fn refuse_side_by_side(cluster: &ClusterDetail, why: &str) -> Result<()> {
    if cluster.step_concurrency <= 1 {
        return Ok(());
    }
    let (id, number) = (&cluster.cluster.id, cluster.step_concurrency);
    Err(Error::usage(format!("{id} runs {number} steps side by side, and {why}"))
        .advise("add the steps one by one, each behind wait-step, or all to a job flow that runs one step at a time"))
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

/// What a step runs.
pub(crate) struct Program {
    /// The step's name by default.
    pub(crate) name: String,
    pub(crate) jar: String,
    pub(crate) args: Vec<String>,
}

fn program(request: &Request<'_>, files: &mut LocalFiles) -> Result<Program> {
    let Request { args, cluster, region, .. } = *request;
    if let Some(program) = &args.spark {
        let (jar, args) = spark::job(program, &args.command, args.main_class.as_deref(), request, files)?;
        return Ok(Program { name: base_name(program), jar, args });
    }
    if let Some(jar) = &args.jar {
        return Ok(Program { name: base_name(jar), jar: jar_place(jar, files)?, args: args.command.clone() });
    }
    if let Some(script) = &args.script {
        let mut runner_args = vec![place(script, files)?];
        runner_args.extend(args.command.iter().cloned());
        return Ok(Program { name: base_name(script), jar: script_runner(region), args: runner_args });
    }
    let name = args.command.first().map_or_else(String::new, |command| base_name(command));
    if cluster.release_label.is_none() {
        let version = cluster.ami_version.as_deref().unwrap_or("2 or 3");
        return Err(Error::usage(format!("{} runs AMI version {version}, which runs no commands", cluster.cluster.id))
            .advise("put the command into a script and use --script"));
    }
    Ok(Program { name, jar: command_runner::JAR.to_owned(), args: args.command.clone() })
}

/// The jar that runs scripts, which AWS keeps in a bucket of each region.
pub(crate) fn script_runner(region: &str) -> String {
    format!("s3://{region}.elasticmapreduce/libs/script-runner/script-runner.jar")
}

/// `text` where it is a URI; where it is a local file, where that will be.
pub(crate) fn place(text: &str, files: &mut LocalFiles) -> Result<String> {
    match Item::read(text) {
        Item::Remote(uri) => Ok(uri),
        // What stands on the master's own disk has an absolute path there, and none here.
        Item::Local(path) if path.is_absolute() && !path.exists() => Ok(text.to_owned()),
        Item::Local(path) if text == command_runner::JAR && !path.exists() => Ok(text.to_owned()),
        Item::Local(path) => files.add(&path),
    }
}

/// The same for a jar, of which `file://` says that it is on the master, as in mrjob.
pub(crate) fn jar_place(text: &str, files: &mut LocalFiles) -> Result<String> {
    text.strip_prefix("file://").map_or_else(|| place(text, files), |path| Ok(path.to_owned()))
}

/// A name from the last part of a path or URI.
fn base_name(text: &str) -> String {
    let last = text.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let name = one_line(last, 64);
    if name.trim().is_empty() { "step".to_owned() } else { name }
}
