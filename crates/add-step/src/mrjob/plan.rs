//! From what a job says of itself to steps, each of which reads what the one before it writes.

use std::collections::BTreeMap;

use emr_core::config::Config;
use emr_core::config::options::{JOBCONF, LABEL};
use emr_core::config::setting::value;
use emr_core::error::{Error, Result};
use emr_core::model::cluster::ClusterDetail;
use emr_core::model::step::{ActionOnFailure, NewStep};
use emr_core::text::one_line;

use super::description::{Argument, Behind, Description, Step};
use super::{Job, inputs, settings, spark, streaming};
use crate::args::Args;
use crate::files::LocalFiles;
use crate::form::{self, Form};
use crate::master_jars::MasterJars;
use crate::places::{self, Places};
use crate::plan::{Request, action_on_failure, jar_place, refuse_side_by_side};
use crate::streaming::{Streaming, Subfolders};
use crate::streaming_job;
use crate::task_setup::{TaskNeeds, TaskSetup};

/// Stands for the input of a step among the arguments of its jar or script.
const INPUT: &str = "<input>";

/// Stands for its output.
const OUTPUT: &str = "<output>";

/// Stands for Hadoop's generic options.
const GENERIC: &str = "<generic args>";

/// Python on the nodes, where the configuration names none.
const PYTHON: &str = "python3";

/// The name of the zip of mrjob.
const PACKAGE: &str = "mrjob.zip";

/// An argument of the tasks: text, or the name that the own file of this number gets.
enum Word {
    Text(String),
    File(usize),
}

/// What the steps of a job have in common.
pub(super) struct Plan<'a> {
    pub(super) job: &'a Description,
    pub(super) config: Config,
    pub(super) cluster: &'a ClusterDetail,
    pub(super) region: &'a str,
    /// What the tasks are to get.
    pub(super) needs: TaskNeeds,
    /// The same for streaming, placed.
    pub(super) setup: TaskSetup,
    /// What all streaming steps have.
    pub(super) hadoop: Streaming,
    /// The job's script, among the job's own files.
    script: Option<usize>,
    /// The arguments of each task.
    arguments: Vec<Word>,
    inputs: Vec<String>,
    output: String,
    /// The jars that Hadoop needs on the master and that are not there.
    jars: Option<MasterJars>,
    /// The folder for what goes from step to step.
    between: String,
    /// Whether the tasks may find modules elsewhere than among their files.
    may_import: bool,
}

/// The steps of a job.
pub(crate) struct JobSteps {
    /// The steps; a first one may fetch jars for the others.
    pub(crate) steps: Vec<NewStep>,
    /// Where the last of them writes, unless it does not say.
    pub(crate) output: Option<String>,
    /// What each of the job's own reads and writes on S3.
    pub(crate) places: Vec<Places>,
}

/// The steps of `job`. Of its inputs those on S3 are `listed`, where it reads a list of them; `files` says where each local
/// file will be.
pub(crate) fn steps(job: &Job, listed: &[String], request: &Request<'_>, files: &mut LocalFiles) -> Result<JobSteps> {
    if job.description.steps.is_empty() {
        return Err(Error::usage(format!("{} has no steps", job.name)));
    }
    refuse_idle(job, request.args)?;
    let plan = Plan::new(job, listed, request, files)?;
    plan.warn(job);
    let name = match &request.args.name {
        Some(name) => name.clone(),
        None => value(plan.config.get(&LABEL)?).unwrap_or_else(|| stem(job)),
    };
    let action_on_failure = action_on_failure(&plan.config, request.cluster)?;
    let fetching = plan.jars.as_ref();
    let mut steps =
        Vec::from_iter(fetching.map(|jars| jars.step(&name, action_on_failure, request.region, files)).transpose()?);
    for (number, step) in job.description.steps.iter().enumerate() {
        let step = plan.step(number, step, files).map_err(|error| error.on(format!("step {}", number + 1)))?;
        steps.push(NewStep { name: plan.name(&name, number), action_on_failure, ..step });
    }
    if steps.len() > 1 {
        refuse_side_by_side(request.cluster, "each step of the job needs the one before it")?;
    }
    let output = job.description.steps.last().filter(|last| last.names(OUTPUT)).map(|_| plan.output.clone());
    Ok(JobSteps { steps, output, places: plan.places() })
}

/// Refuses options that are typed and that no step of `job` heeds.
fn refuse_idle(job: &Job, args: &Args) -> Result<()> {
    let Description { steps, switches, spelt, .. } = &job.description;
    let mut forms = vec![Form::Mrjob];
    forms.extend(steps.iter().filter_map(Step::form));
    forms.extend(steps.first().filter(|first| first.names(INPUT)).map(|_| Form::MrjobReader));
    forms.extend(steps.last().filter(|last| last.names(OUTPUT)).map(|_| Form::MrjobWriter));
    let reduces = steps.iter().any(|step| step.reducer.is_some());
    let check = |name: &str, typed: &str| {
        form::check(name, typed, &job.name, &forms)?;
        if name == "partitioner" && !reduces {
            return Err(Error::usage(format!("{typed} has no effect on {}: no step has a reducer", job.name)));
        }
        Ok(())
    };
    args.typed_options().try_for_each(|(name, typed)| check(name, &typed))?;
    switches.keys().try_for_each(|name| check(name, spelt.get(name).unwrap_or(name)))
}

/// The name of a job by its file.
fn stem(job: &Job) -> String {
    let path = job.description.script.as_deref().unwrap_or(&job.name);
    let file = path.rsplit('/').next().unwrap_or(path);
    file.split('.').find(|part| !part.is_empty()).unwrap_or("mrjob").to_owned()
}

impl Step {
    /// What it is, as far as options tell steps apart.
    fn form(&self) -> Option<Form> {
        match self.kind.as_str() {
            "streaming" => Some(Form::MrjobStreaming),
            "spark" | "spark_script" => Some(Form::MrjobPySpark),
            "spark_jar" => Some(Form::MrjobSparkJar),
            "jar" if self.names(GENERIC) => Some(Form::MrjobJar),
            _ => None,
        }
    }

    /// Whether it gets what `word` stands for. Only the arguments of jars and scripts say it.
    fn names(&self, word: &str) -> bool {
        match self.kind.as_str() {
            "jar" | "spark_jar" | "spark_script" => self.args.iter().flatten().any(|arg| arg == word),
            _ => word != GENERIC,
        }
    }
}

impl<'a> Plan<'a> {
    fn new(job: &'a Job, listed: &[String], request: &Request<'a>, files: &mut LocalFiles) -> Result<Self> {
        let description = &job.description;
        let config = settings::of(job, request.config)?;
        let mut needs = TaskNeeds::look_up(&config, files)?;
        let may_import = needs.may_import();
        needs.import_from(files.add_bytes(job.package.clone(), PACKAGE)?);
        let script = description.script.as_deref().map(|path| needs.add_own(path, None)).transpose()?;
        let arguments = description.arguments.iter().map(|argument| match argument {
            Argument::Word(word) => Ok(Word::Text(word.clone())),
            Argument::File { path, name } => Ok(Word::File(needs.add_own(path, name.as_deref())?)),
        });
        let arguments = arguments.collect::<Result<_>>()?;
        let mut hadoop = streaming_job::configured(&config, files)?;
        // Spark fetches its jars by itself.
        let is_hadoop_s = |step: &Step| matches!(step.form(), Some(Form::MrjobStreaming | Form::MrjobJar));
        let needs_jars = description.steps.iter().any(is_hadoop_s);
        let jars = if needs_jars { MasterJars::of(&mut hadoop.libjars, request.run) } else { None };
        let reads = description.steps.first().is_some_and(|first| first.names(INPUT));
        let named = if reads { job.inputs(&request.args.input)? } else { Vec::new() };
        let inputs = if job.reads_manifest() {
            vec![inputs::manifest(&named, listed, files)?]
        } else {
            inputs::uris(&named, Subfolders::of(&hadoop.jobconf), files)?
        };
        let place = request.args.output_place()?.or(description.output_dir.as_deref());
        let between = description.step_output_dir.clone();
        between.as_deref().map_or(Ok(()), places::check_output).map_err(|error| error.on("--step-output-dir"))?;
        Ok(Self {
            job: description,
            cluster: request.cluster,
            region: request.region,
            setup: needs.place(files)?,
            output: streaming_job::output(place, &config, request.run)?,
            between: between.unwrap_or_else(|| format!("hdfs:///tmp/mrjob/{}/step-output", request.run.as_str())),
            needs,
            hadoop,
            jars,
            script,
            arguments,
            inputs,
            may_import,
            config,
        })
    }

    /// Says where the script goes on behind its job, and which modules do not travel.
    fn warn(&self, job: &Job) {
        if let Some(Behind { file, line, text }) = &job.description.behind {
            emr_cli::warn(&format!(
                "{file}: line {line} ('{}') has the script go on behind its job: that does not run here, but in every task, \
                 where what it prints becomes output; take it out of the script, and put it into a command behind \
                 wait-step",
                one_line(text, 60)
            ));
        }
        for (module, path) in &job.description.neighbours {
            if self.has_module(module, path) {
                continue;
            }
            let text = format!("{} imports {path}, which does not travel with it", job.name);
            if self.may_import {
                emr_cli::say(&format!("{text} by itself; its tasks find it only where --setup or --py-files has it"));
            } else {
                let advice = "name it in FILES or DIRS of the job, or with --file, --dir or --py-files";
                emr_cli::warn(&format!("{text}; {advice}"));
            }
        }
    }

    /// What each step reads and writes on S3.
    fn places(&self) -> Vec<Places> {
        let of = |(number, step): (usize, &Step)| {
            let inputs = if step.names(INPUT) { self.inputs(number) } else { Vec::new() };
            let output = step.names(OUTPUT).then(|| self.output(number));
            Places::new(inputs.iter().map(String::as_str), output.as_deref())
        };
        self.job.steps.iter().enumerate().map(of).collect()
    }

    fn step(&self, number: usize, step: &Step, files: &mut LocalFiles) -> Result<NewStep> {
        let (jar, args) = match step.kind.as_str() {
            "streaming" => streaming::jar_and_args(self, number, step, files)?,
            "jar" => (jar_place(step.jar.as_deref().unwrap_or_default(), files)?, self.jar_args(number, step)?),
            kind if kind.starts_with("spark") => spark::jar_and_args(self, number, step, files)?,
            kind => return Err(Error::usage(format!("steps of the type '{kind}' are not understood"))),
        };
        let main_class = step.main_class.clone().filter(|_| step.kind == "jar");
        Ok(NewStep {
            name: String::new(),
            jar,
            main_class,
            args,
            properties: Vec::new(),
            action_on_failure: ActionOnFailure::Continue,
        })
    }

    /// mrjob's name for a step of several.
    fn name(&self, job: &str, number: usize) -> String {
        match self.job.steps.len() {
            1 => job.to_owned(),
            all => format!("{job}: Step {} of {all}", number + 1),
        }
    }

    /// Whether `module`, which is the file or folder `path` here, is among the files of the tasks.
    fn has_module(&self, module: &str, path: &str) -> bool {
        let file = path.rsplit('/').next().unwrap_or(path);
        let mut named = self.setup.files.iter().chain(&self.setup.archives);
        named.any(|(_, name)| name == file || name == module)
    }

    pub(super) fn is_last(&self, number: usize) -> bool {
        number + 1 == self.job.steps.len()
    }

    pub(super) fn inputs(&self, number: usize) -> Vec<String> {
        if number == 0 { self.inputs.clone() } else { vec![self.between(number - 1)] }
    }

    pub(super) fn output(&self, number: usize) -> String {
        if self.is_last(number) { self.output.clone() } else { self.between(number) }
    }

    fn between(&self, number: usize) -> String {
        format!("{}/{number:04}", self.between.trim_end_matches('/'))
    }

    /// The Python that runs tasks.
    pub(super) fn python(&self) -> Vec<String> {
        if self.setup.python.is_empty() { vec![PYTHON.to_owned()] } else { self.setup.python.clone() }
    }

    /// The words that run `part` (`mapper`, `reducer` …) of the step `number`.
    pub(super) fn script_words(&self, number: usize, part: &str) -> Result<Vec<String>> {
        let own = &self.setup.own;
        let mut words = self.python();
        words.push(self.script(own)?.1.clone());
        words.extend(self.part_words(number, part, own));
        Ok(words)
    }

    /// The arguments that have the job's script run `part` of the step `number`, where the job's `own` files have these
    /// names.
    pub(super) fn part_words(&self, number: usize, part: &str, own: &[(String, String)]) -> Vec<String> {
        let arguments = self.arguments.iter().map(|word| match word {
            Word::Text(text) => text.clone(),
            Word::File(number) => own[*number].1.clone(),
        });
        [format!("--step-num={number}"), format!("--{part}")].into_iter().chain(arguments).collect()
    }

    /// Whether the tasks are told the names of files.
    pub(super) fn names_files(&self) -> bool {
        self.arguments.iter().any(|word| matches!(word, Word::File(_)))
    }

    /// The URI and the name of the job's script, which is one of its `own` files.
    pub(super) fn script<'b>(&self, own: &'b [(String, String)]) -> Result<&'b (String, String)> {
        let no_file = || Error::usage("the job's class stands in no file that the tasks could run");
        self.script.map(|number| &own[number]).ok_or_else(no_file)
    }

    /// The properties of `step`: its own count most, and those that sort values least.
    pub(super) fn properties(&self, step: &Step) -> Result<Vec<(String, String)>> {
        let mut all = BTreeMap::new();
        if self.job.sort_values && step.reducer.is_some() {
            let sorting = streaming::sorting(self.cluster);
            all.extend(sorting.map(|(name, value)| (name.to_owned(), Some(value.to_owned()))));
        }
        all.extend(self.config.get(&JOBCONF)?.into_iter().map(|(name, setting)| (name, setting.value)));
        all.extend(step.jobconf.clone());
        Ok(all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
    }

    /// The arguments of `step`, in which its input and its output stand for themselves.
    pub(super) fn own_args(&self, number: usize, step: &Step) -> Vec<String> {
        let arg = |arg: &String| match arg.as_str() {
            INPUT => self.inputs(number).join(","),
            OUTPUT => self.output(number),
            _ => arg.clone(),
        };
        step.args.iter().flatten().map(arg).collect()
    }

    fn jar_args(&self, number: usize, step: &Step) -> Result<Vec<String>> {
        let mut generic = Vec::new();
        if !self.hadoop.libjars.is_empty() {
            generic.extend(["-libjars".to_owned(), self.hadoop.libjars.join(",")]);
        }
        for (name, value) in self.properties(step)? {
            generic.extend(["-D".to_owned(), format!("{name}={value}")]);
        }
        let args = self.own_args(number, step).into_iter();
        Ok(args.flat_map(|arg| if arg == GENERIC { generic.clone() } else { vec![arg] }).collect())
    }
}
