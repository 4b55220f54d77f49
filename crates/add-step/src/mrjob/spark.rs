//! A step of a job as a Spark application, started as any Spark job is.
//!
//! Source: `MRJobBinRunner._args_for_spark_step` and `EMRJobRunner._spark_step_hadoop_jar_step` of mrjob

use emr_core::error::{Error, Result};

use super::description::Step;
use super::plan::Plan;
use crate::files::LocalFiles;
use crate::plan::place;
use crate::spark::Job;
use crate::task_setup::SparkSetup;

/// The jar and the arguments of the step `number`, counted from 0.
pub(super) fn jar_and_args(
    plan: &Plan<'_>,
    number: usize,
    step: &Step,
    files: &mut LocalFiles,
) -> Result<(String, Vec<String>)> {
    let is_python = step.kind != "spark_jar";
    let mut setup = plan.needs.place_for_spark(files)?;
    if is_python && setup.python.is_empty() {
        setup.python = plan.python();
    }
    if plan.names_files() {
        setup.for_executors.push("the files that the job's options name".to_owned());
    }
    let (config, cluster, region) = (&plan.config, plan.cluster, plan.region);
    let job = Job { config, cluster, region, setup: &setup, properties: &step.jobconf, is_python };
    let (jar, mut args) = job.submission(step.main_class.as_deref(), files)?;
    args.extend(step.spark_args.iter().flatten().cloned());
    args.extend(program(plan, number, step, &setup, files)?);
    Ok((jar, args))
}

/// What Spark runs, and its arguments.
fn program(
    plan: &Plan<'_>,
    number: usize,
    step: &Step,
    setup: &SparkSetup,
    files: &mut LocalFiles,
) -> Result<Vec<String>> {
    let mut words = match (step.kind.as_str(), &step.jar, &step.script) {
        ("spark", ..) => {
            let mut words = vec![plan.script(&setup.own)?.0.clone()];
            words.extend(plan.part_words(number, "spark", &setup.own));
            words.extend([plan.inputs(number).join(","), plan.output(number)]);
            return Ok(words);
        }
        ("spark_jar", Some(program), _) | ("spark_script", _, Some(program)) => vec![place(program, files)?],
        (kind, ..) => return Err(Error::usage(format!("steps of the type '{kind}' are not understood"))),
    };
    words.extend(plan.own_args(number, step));
    Ok(words)
}
