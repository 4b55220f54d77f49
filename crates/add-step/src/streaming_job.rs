//! The streaming job that the command line and the configuration ask for.

use emr_core::config::Config;
use emr_core::config::options::{
    CMDENV, HADOOP_EXTRA_ARGS, HADOOP_STREAMING_JAR, HADOOP_STREAMING_JAR_ON_EMR, JOBCONF, LIBJARS, PARTITIONER,
    S3_SCRATCH_URI,
};
use emr_core::config::setting::value;
use emr_core::error::Result;
use emr_core::model::run_id::RunId;
use emr_core::model::scratch_uri::ScratchUri;
use emr_core::upload::Item;

use crate::args::Args;
use crate::files::LocalFiles;
use crate::hadoop_words;
use crate::places;
use crate::plan::{Request, jar_place};
use crate::streaming::{Streaming, Subfolders};
use crate::task_setup::{TaskNeeds, TaskSetup};

/// The job, its local files noted in `files`.
pub(crate) fn of(request: &Request<'_>, files: &mut LocalFiles) -> Result<Streaming> {
    let Request { args, config, .. } = *request;
    let setup = TaskNeeds::look_up(config, files)?.place(files)?;
    let job = Streaming { inputs: inputs(args, config, files)?, ..without_files(request, files)? };
    warn(&job);
    let job = job.run_by(&setup.python)?.with_commands(|command| setup.wrap(command));
    let TaskSetup { files, archives, .. } = setup;
    Ok(Streaming { files, archives, ..job })
}

/// The job without what its tasks get and read.
fn without_files(request: &Request<'_>, files: &mut LocalFiles) -> Result<Streaming> {
    let Request { args, config, .. } = *request;
    let place = args.output_place()?;
    Ok(Streaming {
        mapper: args.mapper.clone().unwrap_or_default(),
        reducer: args.reducer.clone(),
        combiner: args.combiner.clone(),
        output: output(place, config, request.run)?,
        inputformat: args.inputformat.clone(),
        outputformat: args.outputformat.clone(),
        cmdenv: variables(config)?,
        ..configured(config, files)?
    })
}

/// What the configuration says of any streaming job, but for its variables.
pub(crate) fn configured(config: &Config, files: &mut LocalFiles) -> Result<Streaming> {
    Ok(Streaming {
        libjars: config.get(&LIBJARS)?.iter().map(|jar| jar_place(&jar.value, files)).collect::<Result<_>>()?,
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

/// Where a job of `run` writes: the `place` that it is told, or a folder of this run's own.
pub(crate) fn output(place: Option<&str>, config: &Config, run: &RunId) -> Result<String> {
    if let Some(place) = place {
        places::check_output(place)?;
        return Ok(place.to_owned());
    }
    let scratch = value(config.get(&S3_SCRATCH_URI)?);
    let scratch = ScratchUri::for_output(scratch.as_deref(), "a job without --output writes below the scratch URI")?;
    Ok(scratch.output(run).to_string())
}

fn jobconf(config: &Config) -> Result<Vec<(String, String)>> {
    Ok(config.get(&JOBCONF)?.into_iter().filter_map(|(name, said)| Some((name, said.value?))).collect())
}

fn inputs(args: &Args, config: &Config, files: &mut LocalFiles) -> Result<Vec<String>> {
    let subfolders = Subfolders::of(&jobconf(config)?);
    let input = |input: &String| match Item::read(input) {
        Item::Remote(uri) => places::check_scheme(&uri).map(|()| uri),
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
    jar_place(&jar.value, files).map(Some).map_err(|error| jar.blame(error))
}

/// Says which commands Hadoop reads otherwise than a shell would, and which class it will not find.
fn warn(job: &Streaming) {
    if let Some(class) = job.class_out_of_reach() {
        emr_cli::warn(&format!(
            "Hadoop looks for the class {class} on the master, where jars on S3 are not; put the jar there by a bootstrap \
             command, and give --libjars file:///PATH"
        ));
    }
    let commands =
        [("mapper", Some(&job.mapper)), ("reducer", job.reducer.as_ref()), ("combiner", job.combiner.as_ref())];
    for doubt in commands.iter().filter_map(|(option, command)| hadoop_words::doubt(option, command.as_ref()?)) {
        emr_cli::warn(&doubt);
    }
}
