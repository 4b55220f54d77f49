//! The streaming job that the command line and the configuration ask for.

use emr_core::config::Config;
use emr_core::config::options::{
    CMDENV, HADOOP_EXTRA_ARGS, HADOOP_STREAMING_JAR, HADOOP_STREAMING_JAR_ON_EMR, JOBCONF, LIBJARS, PARTITIONER,
};
use emr_core::config::setting::value;
use emr_core::error::{Error, Result};
use emr_core::upload::Item;

use crate::args::Args;
use crate::files::LocalFiles;
use crate::hadoop_words;
use crate::plan::place;
use crate::streaming::{Streaming, Subfolders};
use crate::task_setup::{TaskNeeds, TaskSetup};

/// The job, its local files noted in `files`.
pub(crate) fn of(args: &Args, config: &Config, files: &mut LocalFiles) -> Result<Streaming> {
    let setup = TaskNeeds::look_up(config, files)?.place(files)?;
    let job = Streaming { inputs: inputs(args, config, files)?, ..without_files(args, config, files)? };
    warn(&job);
    let job = job.run_by(&setup.python)?.with_commands(|command| setup.wrap(command));
    let TaskSetup { files, archives, .. } = setup;
    Ok(Streaming { files, archives, ..job })
}

/// The job without what its tasks get and read.
fn without_files(args: &Args, config: &Config, files: &mut LocalFiles) -> Result<Streaming> {
    Ok(Streaming {
        mapper: args.mapper.clone().unwrap_or_default(),
        reducer: args.reducer.clone(),
        combiner: args.combiner.clone(),
        output: args.output_place()?.ok_or_else(no_output)?.to_owned(),
        inputformat: args.inputformat.clone(),
        outputformat: args.outputformat.clone(),
        cmdenv: variables(config)?,
        ..configured(config, files)?
    })
}

/// What the configuration says of any streaming job, but for its variables.
pub(crate) fn configured(config: &Config, files: &mut LocalFiles) -> Result<Streaming> {
    Ok(Streaming {
        libjars: config.get(&LIBJARS)?.iter().map(|jar| place(&jar.value, files)).collect::<Result<_>>()?,
        partitioner: value(config.get(&PARTITIONER)?),
        extra_args: config.get(&HADOOP_EXTRA_ARGS)?.into_iter().map(|arg| arg.value).collect(),
        jobconf: jobconf(config)?,
        jar: jar(config, files)?,
        ..Default::default()
    })
}

/// The variables of its tasks.
pub(crate) fn variables(config: &Config) -> Result<Vec<(String, String)>> {
    let checked = config.get(&CMDENV)?.into_iter().map(|(name, said)| {
        hadoop_words::check_variable(&name, &said)?;
        Ok((name, said.value))
    });
    checked.collect()
}

fn no_output() -> Error {
    Error::usage("a streaming job needs a directory to write").advise("give --output s3://…")
}

fn jobconf(config: &Config) -> Result<Vec<(String, String)>> {
    Ok(config.get(&JOBCONF)?.into_iter().filter_map(|(name, said)| Some((name, said.value?))).collect())
}

fn inputs(args: &Args, config: &Config, files: &mut LocalFiles) -> Result<Vec<String>> {
    let subfolders = Subfolders::of(&jobconf(config)?);
    let input = |input: &String| match Item::read(input) {
        Item::Remote(uri) => Ok(uri),
        Item::Local(path) => files.add_input(&path, subfolders),
    };
    args.input.iter().map(input).collect()
}

/// The jar of Hadoop streaming, where one is named. What `file://` names is on the master.
fn jar(config: &Config, files: &mut LocalFiles) -> Result<Option<String>> {
    let on_master = config.get(&HADOOP_STREAMING_JAR_ON_EMR)?;
    let Some(jar) = config.get(&HADOOP_STREAMING_JAR)?.filter(|jar| !jar.value.is_empty()) else {
        return Ok(value(on_master.filter(|jar| !jar.value.is_empty())));
    };
    match jar.value.strip_prefix("file://") {
        Some(path) => Ok(Some(path.to_owned())),
        None => place(&jar.value, files).map(Some).map_err(|error| jar.blame(error)),
    }
}

/// Says which commands Hadoop reads otherwise than a shell would.
fn warn(job: &Streaming) {
    let commands =
        [("mapper", Some(&job.mapper)), ("reducer", job.reducer.as_ref()), ("combiner", job.combiner.as_ref())];
    for doubt in commands.iter().filter_map(|(option, command)| hadoop_words::doubt(option, command.as_ref()?)) {
        emr_cli::warn(&doubt);
    }
}
