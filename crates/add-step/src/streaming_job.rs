//! The streaming job that the command line and the configuration ask for.

use emr_core::config::options::{
    CMDENV, HADOOP_EXTRA_ARGS, HADOOP_STREAMING_JAR, HADOOP_STREAMING_JAR_ON_EMR, JOBCONF, LIBJARS, PARTITIONER,
    PYTHON_BIN, S3_SCRATCH_URI, SH_BIN, TASK_PYTHON_BIN,
};
use emr_core::config::setting::{Source, value};
use emr_core::config::{Config, Setting};
use emr_core::error::{Error, Result};
use emr_core::model::run_id::RunId;
use emr_core::model::scratch_uri::ScratchUri;
use emr_core::model::step::{ActionOnFailure, NewStep};
use emr_core::upload::Item;

use crate::args::Args;
use crate::files::LocalFiles;
use crate::hadoop_words;
use crate::master_jars::MasterJars;
use crate::places;
use crate::plan::{Request, jar_place, refuse_side_by_side};
use crate::streaming::{Streaming, Subfolders};
use crate::task_setup::{TaskNeeds, TaskSetup};

/// The steps of the job: itself, and before it one that fetches its jars where the master lacks them. Its local files are
/// noted in `files`.
pub(crate) fn steps(
    request: &Request<'_>,
    action_on_failure: ActionOnFailure,
    files: &mut LocalFiles,
) -> Result<Vec<NewStep>> {
    let mut job = of(request, files)?;
    let Request { args, cluster, region, run, .. } = *request;
    let name = args.name.as_deref().unwrap_or("streaming");
    let fetching = MasterJars::of(&mut job.libjars, run);
    let fetching = fetching.map(|jars| jars.step(name, action_on_failure, region, files)).transpose()?;
    if fetching.is_some() {
        refuse_side_by_side(cluster, "the master has to have the jars of --libjars first").map_err(|error| {
            error.advise(
                "put the jars on the master by a bootstrap command and name them with --libjars file:///PATH, or use a job \
                 flow that runs one step at a time",
            )
        })?;
    }
    let (jar, args) = job.jar_and_args(cluster);
    let name = name.to_owned();
    let step = NewStep { name, jar, main_class: None, args, properties: Vec::new(), action_on_failure };
    Ok(fetching.into_iter().chain([step]).collect())
}

/// The job.
fn of(request: &Request<'_>, files: &mut LocalFiles) -> Result<Streaming> {
    let Request { args, config, .. } = *request;
    let setup = TaskNeeds::look_up(config, files)?.place(files)?;
    let job = Streaming { inputs: inputs(args, config, files)?, ..without_files(request, files)? };
    warn(&job);
    let plain = job.clone();
    let job = job.run_by(&setup.python)?;
    refuse_idle(config, &setup, &plain, job == plain)?;
    let job = job.with_commands(|command| setup.wrap(command));
    let TaskSetup { files, archives, .. } = setup;
    Ok(Streaming { files, archives, ..job })
}

/// Refuses what is typed and does nothing for this `job`, although it may for another: a Python of commands that are none,
/// a shell for no setup, and what is for reducers where there are none.
fn refuse_idle(config: &Config, setup: &TaskSetup, job: &Streaming, has_no_python: bool) -> Result<()> {
    let idle = |source: &Source, why: &str| Err(Error::usage(format!("{source} has no effect: {why}")));
    for key in [&PYTHON_BIN, &TASK_PYTHON_BIN] {
        if let Some(python) = config.get(key)?.filter(|python| has_no_python && python.is_typed()) {
            return idle(&python.source, "no command begins with a .py file");
        }
    }
    if let Some(shell) = config.get(&SH_BIN)?.filter(|shell| !setup.is_wrapped() && shell.is_typed()) {
        return idle(&shell.source, "nothing runs before the tasks");
    }
    if !job.reduces() {
        let why = "the job has no reducer";
        if job.combiner.is_some() {
            return Err(Error::usage(format!("--combiner has no effect: {why}")));
        }
        if let Some(class) = config.get(&PARTITIONER)?.filter(Setting::is_typed) {
            return idle(&class.source, why);
        }
    }
    Ok(())
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
    let mut uris = Vec::new();
    for input in &args.input {
        match Item::read(input) {
            Item::Remote(uri) => uris.push(places::check_scheme(&uri).map(|()| uri)?),
            Item::Local(path) => uris.extend(files.add_input(&path, subfolders)?),
        }
    }
    Ok(uris)
}

/// The jar of Hadoop streaming, where one is named. What `file://` names is on the master.
fn jar(config: &Config, files: &mut LocalFiles) -> Result<Option<String>> {
    let on_master = config.get(&HADOOP_STREAMING_JAR_ON_EMR)?;
    let Some(jar) = config.get(&HADOOP_STREAMING_JAR)?.filter(|jar| !jar.value.is_empty()) else {
        return Ok(value(on_master.filter(|jar| !jar.value.is_empty())));
    };
    jar_place(&jar.value, files).map(Some).map_err(|error| jar.blame(error))
}

/// Says which commands Hadoop reads otherwise than a shell would.
fn warn(job: &Streaming) {
    let commands =
        [("mapper", Some(&job.mapper)), ("reducer", job.reducer.as_ref()), ("combiner", job.combiner.as_ref())];
    for doubt in commands.iter().filter_map(|(option, command)| hadoop_words::doubt(option, command.as_ref()?)) {
        emr_cli::warn(&doubt);
    }
}
