//! A step of a job as a Hadoop streaming step: the job's script, run as mapper, combiner and reducer.
//!
//! Source: `MRJobBinRunner._hadoop_streaming_jar_args` of mrjob

use emr_core::error::Result;
use emr_core::model::cluster::ClusterDetail;
use emr_core::shell;

use super::description::{Step, Substep};
use super::inputs::{MANIFEST_FORMAT, MANIFEST_SCRIPT};
use super::plan::Plan;
use super::task;
use crate::files::LocalFiles;
use crate::streaming::Streaming;
use crate::streaming_job;

/// The class that sends all values of a key to one reducer, where they are sorted.
const SORTED_PARTITIONER: &str = "org.apache.hadoop.mapred.lib.KeyFieldBasedPartitioner";

/// A part of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Mapper,
    Combiner,
    Reducer,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Mapper => "mapper",
            Self::Combiner => "combiner",
            Self::Reducer => "reducer",
        }
    }
}

/// The properties that have Hadoop sort the values of a key: keys are the first field of two that are sorted by.
pub(super) fn sorting(cluster: &ClusterDetail) -> [(&'static str, &'static str); 2] {
    // AMI version 2 has Hadoop 1, and version 3 knows its names.
    let options = match cluster.release_label {
        Some(_) => "mapreduce.partition.keypartitioner.options",
        None => "mapred.text.key.partitioner.options",
    };
    [(options, "-k1,1"), ("stream.num.map.output.key.fields", "2")]
}

/// The jar and the arguments of the step `number`, counted from 0.
pub(super) fn jar_and_args(
    plan: &Plan<'_>,
    number: usize,
    step: &Step,
    files: &mut LocalFiles,
) -> Result<(String, Vec<String>)> {
    let mut job = Streaming {
        inputs: plan.inputs(number),
        output: plan.output(number),
        jobconf: plan.properties(step)?,
        files: plan.setup.files.clone(),
        archives: plan.setup.archives.clone(),
        cmdenv: streaming_job::variables(&plan.config)?,
        ..plan.hadoop.clone()
    };
    if plan.job.sort_values {
        job.partitioner.get_or_insert_with(|| SORTED_PARTITIONER.to_owned());
    }
    if number == 0 {
        let manifest = step.input_manifest.then(|| MANIFEST_FORMAT.to_owned());
        job.inputformat = manifest.or_else(|| plan.job.inputformat.clone());
    }
    if plan.is_last(number) {
        job.outputformat.clone_from(&plan.job.outputformat);
    }
    let mut made = Vec::new();
    let mut command = |part, substep: &Option<Substep>| {
        let substep = substep.as_ref();
        substep.map(|substep| Command { plan, number, part, step }.spell(substep, files, &mut made)).transpose()
    };
    job.mapper = command(Part::Mapper, &step.mapper)?.unwrap_or_else(|| "cat".to_owned());
    job.combiner = command(Part::Combiner, &step.combiner)?;
    job.reducer = command(Part::Reducer, &step.reducer)?;
    if step.input_manifest {
        made.push((files.add_text(MANIFEST_SCRIPT.to_owned(), MANIFEST_NAME)?, MANIFEST_NAME.to_owned()));
    }
    job.files.extend(made);
    job.jobconf.extend(whole_lines(&job, plan.cluster));
    Ok(job.jar_and_args(plan.cluster))
}

/// The property that has Hadoop write the lines of a job as they are. Else it puts a tab behind a line that has none,
/// which neither a job nor mrjob's own runners on one machine do.
///
/// A job that says itself how its lines are cut or written does without it, and so does one with a combiner: Hadoop would
/// read that in the same way, and needs its values. Hadoop 1, which AMI version 2 has, lacks it.
///
/// Source: `KeyOnlyTextOutputReader` and `PipeCombiner` of Hadoop streaming
fn whole_lines(job: &Streaming, cluster: &ClusterDetail) -> Option<(String, String)> {
    let task = if job.reducer.is_some() { "reduce" } else { "map" };
    let form = format!("stream.{task}.output");
    let own = [
        form.clone(),
        format!("stream.{task}.output.field.separator"),
        format!("stream.num.{task}.output.key.fields"),
        "mapreduce.output.textoutputformat.separator".to_owned(),
        "mapred.textoutputformat.separator".to_owned(),
    ];
    let says_so = job.outputformat.is_some() || job.jobconf.iter().any(|(name, _)| own.contains(name));
    let is_possible = cluster.release_label.is_some() && job.combiner.is_none();
    (is_possible && !says_so).then(|| (form, "keyonlytext".to_owned()))
}

/// The name of the script that gets a mapper the files of which Hadoop gives it the names.
const MANIFEST_NAME: &str = "mrjob-manifest.sh";

/// The command of a part of a step.
struct Command<'a> {
    plan: &'a Plan<'a>,
    number: usize,
    part: Part,
    step: &'a Step,
}

impl Command<'_> {
    /// The command as Hadoop has to be told it. Commands of the job's own run as they are; its script runs behind the
    /// setup.
    fn spell(&self, substep: &Substep, files: &mut LocalFiles, made: &mut task::Made) -> Result<String> {
        let name = format!("step-{}-{}", self.number + 1, self.part.name());
        let words = match substep {
            Substep::Command { command } => return task::command(&shell::split(command)?, &name, files, made),
            Substep::Script { pre_filter: None } => self.words()?,
            Substep::Script { pre_filter: Some(filter) } => {
                let piped = self.plan.setup.wrap(&shell::join(self.words()?));
                return task::command(&task::shell_words(&format!("{filter} | {piped}")), &name, files, made);
            }
        };
        Ok(self.plan.setup.wrap(&task::command(&words, &name, files, made)?))
    }

    /// The words that run the job's script.
    fn words(&self) -> Result<Vec<String>> {
        let mut words = Vec::new();
        if self.step.input_manifest && self.part == Part::Mapper {
            words.extend(["/bin/sh", "-e", MANIFEST_NAME].map(str::to_owned));
        }
        words.extend(self.plan.script_words(self.number, self.part.name())?);
        Ok(words)
    }
}
