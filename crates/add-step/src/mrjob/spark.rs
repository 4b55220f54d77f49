//! A step of a job as a Spark application, started by `spark-submit` on YARN in cluster mode, as mrjob has it on EMR.
//!
//! Source: `MRJobBinRunner._args_for_spark_step` and `EMRJobRunner._spark_step_hadoop_jar_step` of mrjob

use std::collections::BTreeMap;

use emr_core::config::options::{CMDENV, SPARK_ARGS};
use emr_core::error::{Error, Result};
use emr_core::shell;

use super::description::Step;
use super::plan::Plan;
use crate::command_runner;
use crate::files::LocalFiles;
use crate::plan::place;

/// The script that runs the setup before Python.
const PYTHON_WRAPPER: &str = "python-wrapper.sh";

/// The jar and the arguments of the step `number`, counted from 0.
pub(super) fn jar_and_args(
    plan: &Plan<'_>,
    number: usize,
    step: &Step,
    files: &mut LocalFiles,
) -> Result<(String, Vec<String>)> {
    if plan.cluster.release_label.is_none() {
        return Err(Error::usage(format!(
            "{} has an AMI version, where no Spark step is run",
            plan.cluster.cluster.id
        ))
        .advise("run it on a job flow with a release label"));
    }
    let mut args = vec!["spark-submit".to_owned()];
    args.extend(options(plan, step, files)?);
    match (step.kind.as_str(), &step.jar, &step.script) {
        ("spark", ..) => {
            args.push(plan.script_uri()?);
            args.extend(plan.part_words(number, "spark"));
            args.extend([plan.inputs(number).join(","), plan.output(number)]);
        }
        ("spark_jar", Some(program), _) | ("spark_script", _, Some(program)) => {
            args.push(place(program, files)?);
            args.extend(plan.own_args(number, step));
        }
        (kind, ..) => return Err(Error::usage(format!("steps of the type '{kind}' are not understood"))),
    }
    Ok((command_runner::JAR.to_owned(), args))
}

/// The options of `spark-submit`, those last that are to count most.
fn options(plan: &Plan<'_>, step: &Step, files: &mut LocalFiles) -> Result<Vec<String>> {
    let is_python = step.kind != "spark_jar";
    let mut shipped: Vec<_> = plan.setup.files.iter().map(|(uri, name)| format!("{uri}#{name}")).collect();
    let mut environment = BTreeMap::new();
    if is_python {
        environment.insert("PYSPARK_PYTHON".to_owned(), python(plan, &mut shipped, files)?);
    }
    environment.extend(plan.config.get(&CMDENV)?.into_iter().map(|(name, setting)| (name, setting.value)));
    let mut properties = BTreeMap::new();
    for (name, value) in environment {
        properties.insert(format!("spark.executorEnv.{name}"), value.clone());
        properties.insert(format!("spark.yarn.appMasterEnv.{name}"), value);
    }
    properties.extend(plan.properties(step)?);
    let mut args = Vec::new();
    let mut add = |option: &str, value: String| args.extend([option.to_owned(), value]);
    for (name, value) in properties {
        add("--conf", format!("{name}={value}"));
    }
    if let Some(class) = &step.main_class {
        add("--class", class.clone());
    }
    if !plan.hadoop.libjars.is_empty() {
        add("--jars", plan.hadoop.libjars.join(","));
    }
    add("--master", "yarn".to_owned());
    add("--deploy-mode", "cluster".to_owned());
    let archives: Vec<_> = plan.setup.archives.iter().map(|(uri, name)| format!("{uri}#{name}")).collect();
    let imported = if is_python { plan.setup.imported.clone() } else { Vec::new() };
    for (option, list) in [("--files", shipped), ("--archives", archives), ("--py-files", imported)] {
        if !list.is_empty() {
            add(option, list.join(","));
        }
    }
    args.extend(plan.config.get(&SPARK_ARGS)?.into_iter().map(|arg| arg.value));
    args.extend(step.spark_args.iter().flatten().cloned());
    Ok(args)
}

/// The Python of driver and executors: where commands have to run before it, a script that runs them.
fn python(plan: &Plan<'_>, shipped: &mut Vec<String>, files: &mut LocalFiles) -> Result<String> {
    let python = shell::join(plan.python());
    if !plan.has_commands {
        return Ok(python);
    }
    let wrapped = plan.setup.wrap(&format!("{python} \"$@\""));
    let uri = files.add_text(format!("#!/bin/sh\nexec {wrapped}\n"), PYTHON_WRAPPER)?;
    shipped.push(format!("{uri}#{PYTHON_WRAPPER}"));
    Ok(format!("./{PYTHON_WRAPPER}"))
}
