//! Which option is for which form of a job. One that would do nothing for the job at hand is refused: whoever types it
//! expects something of it. What stands in mrjob.conf is for many jobs, and is left to those that it is for.

use emr_core::error::{Error, Result};

/// What a job is, or a step of it, as far as options tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Streaming,
    PySpark,
    SparkJar,
    Jar,
    Script,
    Json,
    Command,
    Mrjob,
    /// One whose first step is told what to read.
    MrjobReader,
    /// One whose last step is told where to write.
    MrjobWriter,
    MrjobStreaming,
    MrjobPySpark,
    MrjobSparkJar,
    /// A jar that takes Hadoop's generic options.
    MrjobJar,
}

use Form::{
    Command, Jar, Json, Mrjob, MrjobJar, MrjobPySpark, MrjobReader, MrjobSparkJar, MrjobStreaming, MrjobWriter,
};
use Form::{PySpark, Script, SparkJar, Streaming};

impl Form {
    /// An mrjob job, and all that its steps may be.
    pub(crate) const ANY_MRJOB: &[Self] =
        &[Mrjob, MrjobReader, MrjobWriter, MrjobStreaming, MrjobPySpark, MrjobSparkJar, MrjobJar];

    /// What jobs of this form are called.
    fn name(self) -> &'static str {
        match self {
            Streaming | MrjobStreaming => "streaming jobs",
            PySpark | MrjobPySpark => "Spark jobs in Python",
            SparkJar | MrjobSparkJar => "Spark jobs in jars",
            Jar => "jars",
            Script => "scripts",
            Json => "steps in JSON",
            Command => "commands",
            Mrjob => "mrjob jobs",
            MrjobReader => "mrjob jobs whose first step takes <input>",
            MrjobWriter => "mrjob jobs whose last step takes <output>",
            MrjobJar => "jars of mrjob jobs that take <generic args>",
        }
    }
}

/// The options that are for some forms alone, by their names in mrjob.conf or else on the command line. The others say
/// which job flow, account or place, or how to tell what was done, and are for any form.
const TABLE: [(&[&str], &[Form]); 11] = [
    (&["mapper", "reducer", "combiner", "inputformat", "outputformat"], &[Streaming]),
    (&["input"], &[Streaming, MrjobReader]),
    (&["output"], &[Streaming, MrjobWriter]),
    (&["main_class"], &[Jar, SparkJar]),
    (&["steps_python_bin"], &[Mrjob]),
    (&["check_input_paths"], &[Streaming, Mrjob, Jar, Json, Command]),
    (
        &["partitioner", "hadoop_extra_args", "hadoop_streaming_jar", "hadoop_streaming_jar_on_emr"],
        &[Streaming, MrjobStreaming],
    ),
    (
        &["upload_files", "upload_archives", "upload_dirs", "cmdenv"],
        &[Streaming, PySpark, SparkJar, MrjobStreaming, MrjobPySpark, MrjobSparkJar],
    ),
    (&["jobconf", "libjars"], &[Streaming, PySpark, SparkJar, MrjobStreaming, MrjobPySpark, MrjobSparkJar, MrjobJar]),
    (
        &[
            "setup",
            "setup_cmds",
            "setup_scripts",
            "sh_bin",
            "py_files",
            "python_archives",
            "python_bin",
            "task_python_bin",
        ],
        &[Streaming, PySpark, MrjobStreaming, MrjobPySpark],
    ),
    (
        &["spark_args", "spark_deploy_mode", "spark_master", "spark_submit_bin"],
        &[PySpark, SparkJar, MrjobPySpark, MrjobSparkJar],
    ),
];

/// Refuses the option `name`, which is typed as `typed`, where it is for none of the `forms` of `job`.
pub(crate) fn check(name: &str, typed: &str, job: &str, forms: &[Form]) -> Result<()> {
    let Some((_, its_own)) = TABLE.iter().find(|(names, _)| names.contains(&name)) else { return Ok(()) };
    if its_own.iter().any(|form| forms.contains(form)) {
        return Ok(());
    }
    let mut names: Vec<&str> = Vec::new();
    for form in *its_own {
        if !names.contains(&form.name()) {
            names.push(form.name());
        }
    }
    Err(Error::usage(format!("{typed} has no effect on {job}")).advise(format!("it is for {}", listed(&names))))
}

/// The same where a job is of one form alone, or an mrjob job that has yet to be asked.
pub(crate) fn check_all<'a>(mut typed: impl Iterator<Item = (&'a str, String)>, forms: &[Form]) -> Result<()> {
    let Some(first) = forms.first() else { return Ok(()) };
    typed.try_for_each(|(name, typed)| check(name, &typed, first.name(), forms))
}

/// `a, b or c`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} or {last}", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use emr_core::config::options;

    use super::*;
    use crate::args::Args;

    /// Options that every form has.
    const FOR_ALL: [&str; 24] = [
        "job_flow",
        "emr_job_flow_id",
        "name",
        "emr_action_on_failure",
        "s3_scratch_uri",
        "s3_sse",
        "s3_sse_kms_key_id",
        "dry_run",
        "history",
        "jar",
        "script",
        "steps",
        "spark",
        "mrjob",
        "streaming",
        "command",
        "aws_region",
        "profile",
        "emr_endpoint",
        "s3_endpoint",
        "conf_path",
        "no_conf",
        "quiet",
        "verbose",
    ];

    #[test]
    fn every_option_of_the_command_line_is_for_all_forms_or_in_the_table_once() {
        let is_known = |name: &str| FOR_ALL.contains(&name) || TABLE.iter().any(|(names, _)| names.contains(&name));
        let of_argument = |id: &str| {
            let declared = options::all().find(|option| option.arguments.iter().any(|argument| argument.long == id));
            let own = id.replace('-', "_");
            declared.filter(|_| !is_known(&own)).map_or(own, |option| option.name.to_owned())
        };
        for argument in Args::command().get_arguments() {
            let name = of_argument(argument.get_id().as_str());
            let rows = TABLE.iter().flat_map(|(names, _)| names.iter()).filter(|known| **known == name).count();
            assert_eq!(rows, usize::from(!FOR_ALL.contains(&name.as_str())), "{name}");
        }
    }

    #[test]
    fn an_option_without_effect_is_refused_and_the_advice_says_what_it_is_for() {
        let said = |name: &str, forms: &[Form]| check(name, "--x", "j.py", forms).map_err(|error| error.to_string());
        assert_eq!(said("main_class", &[Jar]), Ok(()));
        assert_eq!(said("region", &[Jar]), Ok(()));
        assert_eq!(
            said("main_class", &[Script]).unwrap_err(),
            "--x has no effect on j.py; it is for jars or Spark jobs in jars"
        );
        assert!(said("spark_args", &[Mrjob, MrjobStreaming]).is_err());
        assert_eq!(said("spark_args", Form::ANY_MRJOB), Ok(()));
    }
}
