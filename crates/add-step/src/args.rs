//! The command line of add-step, and the contradictions in it.

use clap::{ArgGroup, Parser};
use emr_cli::{Account, Encryption, Group, History, Options, output};
use emr_core::config::options::{
    CHECK_INPUT_PATHS, CMDENV, EMR_ACTION_ON_FAILURE, EMR_JOB_FLOW_ID, HADOOP_EXTRA_ARGS, HADOOP_STREAMING_JAR,
    HADOOP_STREAMING_JAR_ON_EMR, JOBCONF, LIBJARS, PARTITIONER, PY_FILES, PYTHON_ARCHIVES, PYTHON_BIN, S3_SCRATCH_URI,
    SETUP, SETUP_CMDS, SETUP_SCRIPTS, SH_BIN, SPARK_ARGS, SPARK_DEPLOY_MODE, SPARK_MASTER, SPARK_SUBMIT_BIN,
    STEPS_PYTHON_BIN, TASK_PYTHON_BIN, UPLOAD_ARCHIVES, UPLOAD_DIRS, UPLOAD_FILES,
};
use emr_core::config::{Argument, Offer, Takes, Typed};
use emr_core::error::{Error, Result};

use crate::form::{self, Form};
use crate::{mrjob, spark};

const EXAMPLES: &str = "\
Examples:
  add-step j-2AXXXXXXGAPLF -- spark-submit s3://bucket/job.py | wait-step
  create-job-flow | add-step --script setup.sh -- --verbose
  add-step --emr-job-flow-id j-2AXXXXXXGAPLF --streaming --mapper 'python3 m.py' --reducer 'python3 r.py' \\
      --file m.py --file r.py --input in.txt --output s3://bucket/out/
  add-step j-2AXXXXXXGAPLF --mrjob mr_my_job.py --input in.txt -- --my-option 3 | wait-step
  add-step j-2AXXXXXXGAPLF --spark job.py --py-files lib.zip --conf spark.executor.memory=4g -- s3://bucket/in/
  add-step j-2AXXXXXXGAPLF --steps steps.json";

const STREAMING: &str = "Streaming";

/// Add steps to a job flow
///
/// The job flow is named by an argument, or comes as a record or an id on stdin, such as create-job-flow prints. Local
/// files are uploaded below the scratch URI, under the hash of their content, so that each is uploaded once. Whatever is
/// lost on the network, each step is added once: its Name carries a run id, by which it is found again.
///
/// A step is one of: a job of mrjob's (--mrjob), which may have several, a streaming job (--streaming), a Spark job
/// (--spark), a jar (--jar), a script (--script), JSON (--steps), or, with none of these, a command that runs on the
/// master. An option that does nothing for the job is an error, unless it stands in mrjob.conf.
///
/// spark-submit, hadoop-streaming, hive-script and pig-script as such a command, and steps in JSON, name files. A relative
/// path among them has to be that of a local file, which is uploaded: the step begins in an empty directory.
///
/// Python runs the script of an mrjob job here, up to where it would start, and the job says what its steps are. All of
/// them are added, and each reads what the one before it writes. mrjob travels with the job: the nodes need nothing but
/// Python. The words after -- are the job's own options and inputs, and options of mrjob's runner that concern its tasks,
/// such as --jobconf, --cmdenv, --setup and --files; others are refused. This is tested with mrjob 0.7.4; 0.6 and 0.5 run
/// as far as they run under the Python that is here.
///
/// Without --output a job of mrjob's or a streaming job writes to a directory of its own below the scratch URI. The record
/// of its last step says where, and fetch-output prints what is there once wait-step has seen the step complete.
///
/// The claim in a record of find-pool's is given back once the steps are added, and then another job may have the job
/// flow. Add all steps of a job in one call, with --steps.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
#[command(group = ArgGroup::new("kind").args(["mrjob", "streaming", "spark", "jar", "script", "steps"]))]
pub(crate) struct Args {
    /// Job flow to add to [default: the one on stdin, as with -]
    #[arg(value_name = "JOB_FLOW")]
    pub(crate) job_flow: Option<String>,

    #[command(flatten)]
    target: Options<TargetGroup>,

    /// Name of the step; a run id is added to it
    #[arg(long, value_name = "NAME", conflicts_with = "steps")]
    pub(crate) name: Option<String>,

    #[command(flatten)]
    options: Options<StepGroup>,

    /// Print the request that would be sent, as JSON in the shape of EMR's API; upload and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Run a jar, on S3 or local; the words after -- are its arguments
    #[arg(long, value_name = "JAR")]
    pub(crate) jar: Option<String>,

    /// Main class of the jar
    #[arg(long, visible_alias = "class", value_name = "CLASS", hide_short_help = true)]
    pub(crate) main_class: Option<String>,

    /// Run a script, on S3 or local, on the master; the words after -- are its arguments
    #[arg(long, value_name = "SCRIPT")]
    pub(crate) script: Option<String>,

    /// Add the steps in this JSON, a file or the JSON itself, in the shape of EMR's API or of the AWS CLI; - is stdin
    #[arg(long, value_name = "FILE|JSON", conflicts_with = "command")]
    pub(crate) steps: Option<String>,

    /// Run a Spark job: a Python file or a jar, on S3 or local; the words after -- are its arguments
    #[arg(long, value_name = "PROGRAM", help_heading = "Spark")]
    pub(crate) spark: Option<String>,

    #[command(flatten)]
    spark_options: Options<SparkGroup>,

    /// Run an mrjob job: a file that ends with `YourJob.run()`, or the name of its module. The words after -- are the job's
    /// own options and inputs
    #[arg(long, value_name = "SCRIPT")]
    pub(crate) mrjob: Option<String>,

    /// Run a Hadoop streaming job
    #[arg(long, requires = "mapper", requires = "input", conflicts_with = "command",
        help_heading = STREAMING)]
    pub(crate) streaming: bool,

    /// Command that maps
    #[arg(long, value_name = "COMMAND", help_heading = STREAMING)]
    pub(crate) mapper: Option<String>,

    /// Command that reduces; without it the mappers' output is the job's
    #[arg(long, value_name = "COMMAND", help_heading = STREAMING)]
    pub(crate) reducer: Option<String>,

    /// Command that combines a mapper's output
    #[arg(long, value_name = "COMMAND", help_heading = STREAMING,
        hide_short_help = true)]
    pub(crate) combiner: Option<String>,

    #[command(flatten)]
    streaming_options: Options<StreamingGroup>,

    /// File or directory to read, on S3 or local; may be repeated
    #[arg(long, value_name = "PLACE", help_heading = "Tasks")]
    pub(crate) input: Vec<String>,

    /// Directory on S3 for the output of an mrjob or streaming job, which must not exist [default: one below the scratch
    /// URI]. With json, table or id, the form of the records on stdout [default: table on a terminal, else json]; both may
    /// be given
    #[arg(long, value_name = "PLACE|FORM")]
    pub(crate) output: Vec<String>,

    /// Class that reads the input
    #[arg(long, value_name = "CLASS", help_heading = STREAMING,
        hide_short_help = true)]
    pub(crate) inputformat: Option<String>,

    /// Class that writes the output
    #[arg(long, value_name = "CLASS", help_heading = STREAMING,
        hide_short_help = true)]
    pub(crate) outputformat: Option<String>,

    #[command(flatten)]
    tasks: Options<TaskGroup>,

    #[command(flatten)]
    encryption: Encryption,

    #[command(flatten)]
    pub(crate) history: History,

    #[command(flatten)]
    pub(crate) account: Account,

    /// Command to run on the master, or the arguments of the jar or script
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}

/// The options that say what to add to.
#[derive(Debug, Clone)]
struct TargetGroup;

impl Group for TargetGroup {
    const OFFERS: &'static [Offer] =
        &[EMR_JOB_FLOW_ID.offer_as(&[Argument::new("emr-job-flow-id", Takes::Value("ID"), "Job flow to add to")
            .also(&["cluster-id"])
            .first()
            .conflicts_with(&["job_flow"])])];
}

/// The options of each step.
#[derive(Debug, Clone)]
struct StepGroup;

impl Group for StepGroup {
    const OFFERS: &'static [Offer] = &[
        EMR_ACTION_ON_FAILURE.offer(),
        S3_SCRATCH_URI.offer_as(&[Argument::new(
            "s3-scratch-uri",
            Takes::Value("S3_URI"),
            "Folder on S3 for local files, below which they are uploaded [default: that of mrjob.conf]",
        )]),
    ];
}

/// The options of jobs that run in tasks.
#[derive(Debug, Clone)]
struct TaskGroup;

impl Group for TaskGroup {
    const OFFERS: &'static [Offer] = &[
        UPLOAD_FILES.offer(),
        UPLOAD_ARCHIVES.offer(),
        UPLOAD_DIRS.offer(),
        PY_FILES.offer(),
        SETUP.offer(),
        SETUP_CMDS.offer(),
        SETUP_SCRIPTS.offer(),
        PYTHON_ARCHIVES.offer(),
        PYTHON_BIN.offer_as(&[Argument::new(
            "python-bin",
            Takes::Value("COMMAND"),
            "Python that runs mappers, reducers and combiners which begin with a .py file [default: none: they run \
             themselves]",
        )
        .under("Tasks")]),
        TASK_PYTHON_BIN.offer(),
        STEPS_PYTHON_BIN.offer(),
        SH_BIN.offer(),
        JOBCONF.offer(),
        CMDENV.offer(),
        LIBJARS.offer(),
    ];
}

/// The options of Spark jobs.
#[derive(Debug, Clone)]
struct SparkGroup;

impl Group for SparkGroup {
    const OFFERS: &'static [Offer] =
        &[SPARK_ARGS.offer(), SPARK_DEPLOY_MODE.offer(), SPARK_MASTER.offer(), SPARK_SUBMIT_BIN.offer()];
}

/// The options of streaming steps.
#[derive(Debug, Clone)]
struct StreamingGroup;

impl Group for StreamingGroup {
    const OFFERS: &'static [Offer] = &[
        PARTITIONER.offer(),
        HADOOP_EXTRA_ARGS.offer(),
        HADOOP_STREAMING_JAR.offer(),
        HADOOP_STREAMING_JAR_ON_EMR.offer(),
        CHECK_INPUT_PATHS.offer(),
    ];
}

impl Args {
    /// What was typed of the options that may stand in `mrjob.conf`, too.
    pub(crate) fn typed(&self) -> [&Typed; 6] {
        let [tasks, streaming] = [self.tasks.typed(), self.streaming_options.typed()];
        let [options, spark] = [self.options.typed(), self.spark_options.typed()];
        [self.target.typed(), options, tasks, streaming, spark, self.encryption.typed()]
    }

    /// The form of the records, where one of the outputs is one.
    pub(crate) fn form(&self) -> Option<output::Form> {
        self.output.iter().find_map(|word| output::Form::named(word))
    }

    /// The directory that a job writes, where one is given.
    pub(crate) fn output_place(&self) -> Result<Option<&str>> {
        let mut places = self.output.iter().filter(|word| output::Form::named(word).is_none());
        match (places.next(), places.next()) {
            (Some(place), None) => Ok(Some(place)),
            (None, _) => Ok(None),
            (Some(_), Some(_)) => Err(Error::usage("a job writes one directory: --output is given twice")),
        }
    }

    /// The form of the job; none where there is no job. Of an mrjob job all that its steps may be.
    fn forms(&self) -> &'static [Form] {
        match self {
            Self { streaming: true, .. } => &[Form::Streaming],
            Self { mrjob: Some(_), .. } => Form::ANY_MRJOB,
            Self { spark: Some(program), .. } if spark::is_python(program) => &[Form::PySpark],
            Self { spark: Some(_), .. } => &[Form::SparkJar],
            Self { jar: Some(_), .. } => &[Form::Jar],
            Self { script: Some(_), .. } => &[Form::Script],
            Self { steps: Some(_), .. } => &[Form::Json],
            Self { command, .. } if !command.is_empty() => &[Form::Command],
            _ => &[],
        }
    }

    /// The options that were typed, but for those of the account: their names in mrjob.conf, or else on the command line,
    /// and as they are typed.
    pub(crate) fn typed_options(&self) -> impl Iterator<Item = (&'static str, String)> {
        let place = self.output.iter().any(|word| output::Form::named(word).is_none());
        let own = [
            ("mapper", self.mapper.is_some()),
            ("reducer", self.reducer.is_some()),
            ("combiner", self.combiner.is_some()),
            ("inputformat", self.inputformat.is_some()),
            ("outputformat", self.outputformat.is_some()),
            ("input", !self.input.is_empty()),
            ("output", place),
            ("main_class", self.main_class.is_some()),
        ];
        let declared = self.typed().into_iter().flat_map(Typed::names);
        let own = own.into_iter().filter(|(_, is_typed)| *is_typed).map(|(name, _)| (name, name));
        own.chain(declared).map(|(name, argument)| (name, format!("--{}", argument.replace('_', "-"))))
    }

    /// Refuses what clap cannot see: a step that is none, options that would do nothing, a script that is not there.
    pub(crate) fn check(&self) -> Result<()> {
        let forms = self.forms();
        if forms.is_empty() {
            return Err(Error::usage("no step is given").advise(
                "write the command after --, or give --mrjob, --streaming, --spark, --jar, --script or --steps",
            ));
        }
        form::check_all(self.typed_options(), forms)?;
        self.mrjob.as_deref().map_or(Ok(()), mrjob::check)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn what_the_options_require_is_there() {
        Args::command().debug_assert();
    }

    fn parsed(words: &str) -> std::result::Result<Args, clap::Error> {
        Args::try_parse_from(format!("add-step j-A {words}").split(' '))
    }

    #[test]
    fn an_option_that_would_do_nothing_is_refused() {
        let streaming = "--streaming --mapper cat --input in";
        let cases = [
            (
                "--mrjob wc --input in",
                &["-D a=1", "--spark-arg=x", "--no-check-input-paths"][..],
                &["--mapper cat", "--class M"][..],
            ),
            (
                streaming,
                &["--setup make", "--partitioner P", "--output s3://b/x"],
                &["--spark-master yarn", "--steps-python-bin p"],
            ),
            (
                "--spark job.py",
                &["--py-files a.zip", "--cmdenv A=1"],
                &["--input in", "--combiner cat", "--hadoop-arg=-x", "--main-class M"],
            ),
            (
                "--spark x.jar",
                &["--class M", "--file a", "--spark-arg=x"],
                &["--py-files a.zip", "--setup make", "--python-bin p"],
            ),
            (
                "--jar x.jar",
                &["--class M", "--action-on-failure CONTINUE"],
                &["-D a=1", "--libjars x.jar", "--input in"],
            ),
            ("--script x.sh", &["--name n"], &["--file a", "--output s3://b/x", "--class M"]),
            ("--steps x.json", &["--no-check-input-paths"], &["--libjars x.jar", "--reducer cat"]),
        ];
        for (form, taken, refused) in cases {
            for option in taken {
                parsed(&format!("{form} {option}")).unwrap().check().unwrap();
            }
            for option in refused {
                let error = parsed(&format!("{form} {option}")).unwrap().check().unwrap_err();
                assert!(error.to_string().contains(" has no effect on "), "{form} {option}: {error}");
                assert_eq!(error.outcome.exit_code(), 2);
            }
        }
        let of_command = parsed("--jobconf a=1 -- true").unwrap().check().unwrap_err().to_string();
        assert!(
            of_command
                .starts_with("--jobconf has no effect on commands; it is for streaming jobs, Spark jobs in Python, "),
            "{of_command}"
        );
    }

    #[test]
    fn an_entry_has_a_key_and_a_value() {
        for option in ["-D name", "--cmdenv NAME", "-D =1"] {
            let error = parsed(&format!("--streaming --mapper cat --input in {option}")).unwrap_err();
            assert!(error.to_string().contains("write KEY=VALUE"), "{error}");
        }
        assert!(parsed("--streaming --mapper cat --input in -D name= --cmdenv N=").is_ok());
    }
}
