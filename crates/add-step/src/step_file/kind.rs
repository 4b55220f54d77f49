//! The kinds of steps that the AWS CLI knows, and what each comes to as a jar with arguments.
//!
//! Source: `awscli/customizations/emr/steputils.py` of the AWS CLI

use emr_core::error::{Error, Result};

use super::Defaults;
use super::object::Object;
use crate::plan::script_runner;
use crate::streaming::AMI_STREAMING_JAR;
use crate::{command_runner, spark};

/// What a step runs, and its name where it says none.
pub(super) struct Program {
    pub(super) name: &'static str,
    pub(super) jar: String,
    pub(super) main_class: Option<String>,
    pub(super) args: Vec<String>,
    pub(super) properties: Vec<(String, String)>,
}

/// What the members of a jar's step say.
pub(super) fn of_jar(object: Object<'_>, name: &'static str) -> Result<Program> {
    Ok(Program {
        name,
        jar: object.required("Jar")?.to_owned(),
        main_class: object.text("MainClass")?.map(str::to_owned),
        args: object.texts("Args")?,
        properties: object.properties()?,
    })
}

/// What a step of the AWS CLI's comes to.
pub(super) fn of_cli(object: Object<'_>, defaults: &Defaults<'_>) -> Result<Program> {
    let kind = object.text("Type")?.map(str::to_ascii_uppercase);
    let Some(kind) = kind.filter(|kind| kind != "CUSTOM_JAR") else {
        object.refuse_others(&["Type", "Name", "ActionOnFailure", "Jar", "Args", "MainClass", "Properties"])?;
        return of_jar(object, if object.text("Type")?.is_some() { "Custom JAR" } else { "step" });
    };
    let has_label = defaults.cluster.release_label.is_some();
    let link = |path: &str| format!("s3://{}.elasticmapreduce{path}", defaults.region);
    let runner = || if has_label { command_runner::JAR.to_owned() } else { script_runner(defaults.region) };
    let script = |name: &str| {
        let run = format!("--run-{name}-script");
        if has_label {
            return vec![format!("{name}-script"), run, "--args".to_owned()];
        }
        let latest = [format!("--{name}-versions"), "latest".to_owned(), "--args".to_owned()];
        [vec![link(&format!("/libs/{name}/{name}-script")), run], latest.to_vec()].concat()
    };
    let (name, jar, mut words) = match kind.as_str() {
        "STREAMING" if has_label => ("Streaming program", runner(), vec!["hadoop-streaming".to_owned()]),
        "STREAMING" => ("Streaming program", AMI_STREAMING_JAR.to_owned(), Vec::new()),
        "SPARK" => {
            let (jar, submit) = spark::runner(defaults.cluster, defaults.region);
            ("Spark application", jar, vec![submit.to_owned()])
        }
        "HIVE" => ("Hive program", runner(), script("hive")),
        "PIG" => ("Pig program", runner(), script("pig")),
        "IMPALA" if !has_label => {
            let words = vec![link("/libs/impala/setup-impala"), "--run-impala-script".to_owned()];
            ("Impala program", runner(), words)
        }
        "IMPALA" => return Err(Error::usage("no release of EMR runs steps of the type IMPALA")),
        _ => {
            return Err(Error::usage(format!("steps of the type {kind} are not understood"))
                .advise("the types are CUSTOM_JAR, STREAMING, SPARK, HIVE, PIG and IMPALA"));
        }
    };
    object.refuse_others(&["Type", "Name", "ActionOnFailure", "Args"])?;
    let args = object.texts("Args")?;
    if args.is_empty() {
        return Err(Error::usage("has no Args"));
    }
    words.extend(args);
    Ok(Program { name, jar, main_class: None, args: words, properties: Vec::new() })
}
