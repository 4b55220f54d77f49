//! A Spark job from options.
//!
//! A job is started as mrjob starts one on EMR: on YARN in cluster mode, where the driver has the files of the job, too.
//!
//! Source: `MRJobBinRunner._spark_submit_args` and `EMRJobRunner._spark_step_hadoop_jar_step` of mrjob

use std::collections::BTreeMap;
use std::path::Path;

use emr_core::config::Config;
use emr_core::config::options::{
    CMDENV, JOBCONF, LIBJARS, SH_BIN, SPARK_ARGS, SPARK_DEPLOY_MODE, SPARK_MASTER, SPARK_SUBMIT_BIN,
};
use emr_core::config::setting::value;
use emr_core::error::{Error, Result};
use emr_core::model::cluster::ClusterDetail;
use emr_core::shell;

use crate::command_runner;
use crate::files::LocalFiles;
use crate::plan::{Request, jar_place, place, script_runner};
use crate::task_setup::{SparkSetup, TaskNeeds};

/// Where AMI version 3 has `spark-submit`.
const AMI_SPARK_SUBMIT: &str = "/home/hadoop/spark/bin/spark-submit";

/// The jar that runs a command on `cluster`, and the command that submits a job there.
pub(crate) fn runner(cluster: &ClusterDetail, region: &str) -> (String, &'static str) {
    match cluster.release_label {
        Some(_) => (command_runner::JAR.to_owned(), "spark-submit"),
        None => (script_runner(region), AMI_SPARK_SUBMIT),
    }
}

/// The jar and the arguments of a step that runs `program`, a Python file or a jar, with `args`.
pub(crate) fn job(
    program: &str,
    args: &[String],
    main_class: Option<&str>,
    request: &Request<'_>,
    files: &mut LocalFiles,
) -> Result<(String, Vec<String>)> {
    let setup = TaskNeeds::look_up(request.config, files)?.place_for_spark(files)?;
    let Request { config, cluster, region, .. } = *request;
    if let Some(shell) = config.get(&SH_BIN)?.filter(|shell| setup.wrapper.is_none() && shell.is_typed()) {
        return Err(Error::usage(format!("{} has no effect: nothing runs before Python", shell.source)));
    }
    let (is_python, own) = (is_python(program), BTreeMap::new());
    let job = Job { config, cluster, region, setup: &setup, properties: &own, is_python };
    let (jar, mut words) = job.submission(main_class, files)?;
    words.push(place(program, files)?);
    words.extend(args.iter().cloned());
    Ok((jar, words))
}

/// Whether `program` is a Python file, and no jar.
pub(crate) fn is_python(program: &str) -> bool {
    Path::new(program).extension().is_some_and(|end| end == "py")
}

/// A Spark job, as the configuration has it.
pub(crate) struct Job<'a> {
    pub(crate) config: &'a Config,
    pub(crate) cluster: &'a ClusterDetail,
    pub(crate) region: &'a str,
    pub(crate) setup: &'a SparkSetup,
    /// Properties that are stronger than those of the configuration; `None` removes one.
    pub(crate) properties: &'a BTreeMap<String, Option<String>>,
    pub(crate) is_python: bool,
}

impl Job<'_> {
    /// The jar that submits it, and its arguments up to the program.
    pub(crate) fn submission(&self, main_class: Option<&str>, files: &mut LocalFiles) -> Result<(String, Vec<String>)> {
        let (jar, submit) = runner(self.cluster, self.region);
        let submit_bin = value(self.config.get(&SPARK_SUBMIT_BIN)?).filter(|words| !words.is_empty());
        let placement = Placement::of(self.config)?;
        let mut words = if placement.is_client { self.for_driver()? } else { Vec::new() };
        words.extend(submit_bin.unwrap_or_else(|| vec![submit.to_owned()]));
        words.extend(self.options(&placement, main_class, files)?);
        Ok((jar, words))
    }

    /// The words before `spark-submit` that give its environment to a driver which runs within it, on the master. What is
    /// in the working directory of the executors does not get there.
    fn for_driver(&self) -> Result<Vec<String>> {
        if !self.setup.for_executors.is_empty() {
            emr_cli::warn(&format!(
                "{} is for the executors alone: in client mode the driver runs on the master, outside of their working \
                 directory",
                self.setup.for_executors.join(", ")
            ));
        }
        let variables = self.config.get(&CMDENV)?;
        let Some((_, first)) = variables.first() else { return Ok(Vec::new()) };
        if self.cluster.release_label.is_none() {
            let text = "no variable reaches a driver in client mode on an AMI version";
            return Err(
                first.blame(Error::usage(text).advise("set it in the program, or use --spark-deploy-mode cluster"))
            );
        }
        let pairs = variables.iter().map(|(name, said)| format!("{name}={}", said.value));
        Ok(std::iter::once("env".to_owned()).chain(pairs).collect())
    }

    /// The options of `spark-submit`. Master and mode come after the properties, which would be stronger before them.
    fn options(&self, placement: &Placement, main_class: Option<&str>, files: &mut LocalFiles) -> Result<Vec<String>> {
        let config = self.config;
        let mut words = Vec::new();
        let mut add = |option: &str, value: String| words.extend([option.to_owned(), value]);
        for (name, value) in self.properties(placement)? {
            add("--conf", format!("{name}={value}"));
        }
        if let Some(class) = main_class {
            add("--class", class.to_owned());
        }
        let jars = config.get(&LIBJARS)?.iter().map(|jar| jar_place(&jar.value, files)).collect::<Result<Vec<_>>>()?;
        let mut add_list = |option: &str, list: &[String]| {
            if !list.is_empty() {
                add(option, list.join(","));
            }
        };
        add_list("--jars", &jars);
        add_list("--master", std::slice::from_ref(&placement.master));
        add_list("--deploy-mode", placement.mode.as_slice());
        add_list("--files", &named(&self.setup.files));
        add_list("--archives", &named(&self.setup.archives));
        add_list("--py-files", if self.is_python { &self.setup.py_files } else { &[] });
        words.extend(config.get(&SPARK_ARGS)?.into_iter().map(|arg| arg.value));
        Ok(words)
    }

    /// The properties of the job: its environment and its Python, and the user's own over them.
    fn properties(&self, placement: &Placement) -> Result<BTreeMap<String, String>> {
        let mut properties = BTreeMap::new();
        let variables: BTreeMap<_, _> =
            self.config.get(&CMDENV)?.into_iter().map(|(name, said)| (name, said.value)).collect();
        let mut environment = BTreeMap::new();
        if self.is_python && placement.is_client {
            properties.extend(self.pythons(&variables));
        } else if self.is_python {
            environment.extend(self.executor_python().map(|python| ("PYSPARK_PYTHON".to_owned(), python)));
        }
        environment.extend(variables);
        for (name, value) in environment {
            if placement.is_yarn() {
                properties.insert(format!("spark.yarn.appMasterEnv.{name}"), value.clone());
            }
            properties.insert(format!("spark.executorEnv.{name}"), value);
        }
        let said = self.config.get(&JOBCONF)?.into_iter().map(|(name, said)| (name, said.value));
        for (name, value) in said.chain(self.properties.clone()) {
            match value {
                Some(value) => properties.insert(name, value),
                None => properties.remove(&name),
            };
        }
        Ok(properties)
    }

    /// The Python of executors, and of a driver that runs as they do; `None` for that of the release.
    fn executor_python(&self) -> Option<String> {
        let wrapper = self.setup.wrapper.as_ref().map(|name| format!("./{name}"));
        wrapper.or_else(|| (!self.setup.python.is_empty()).then(|| shell::join(&self.setup.python)))
    }

    /// The properties that name the Pythons of executors and of a driver in client mode, unless `variables` do. The driver
    /// runs where the files of the job are not, and has no script before its Python.
    fn pythons(&self, variables: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let driver = &self.setup.driver_python;
        let driver = if driver.is_empty() { &self.setup.python } else { driver };
        let is_named = |names: &[&str]| names.iter().any(|name| variables.contains_key(*name));
        let Some(python) = self.executor_python().filter(|_| !is_named(&["PYSPARK_PYTHON"])) else {
            return BTreeMap::new();
        };
        let mut pythons = BTreeMap::from([("spark.pyspark.python".to_owned(), python)]);
        if !is_named(&["PYSPARK_DRIVER_PYTHON"]) {
            let driver = if driver.is_empty() { "python3".to_owned() } else { shell::join(driver) };
            pythons.insert("spark.pyspark.driver.python".to_owned(), driver);
        }
        pythons
    }
}

/// Where the parts of a job run.
struct Placement {
    master: String,
    mode: Option<String>,
    /// Whether the driver runs within `spark-submit`.
    is_client: bool,
}

impl Placement {
    fn of(config: &Config) -> Result<Self> {
        let master = value(config.get(&SPARK_MASTER)?).unwrap_or_else(|| "yarn".to_owned());
        let is_yarn = master.starts_with("yarn");
        let mode = value(config.get(&SPARK_DEPLOY_MODE)?).or_else(|| is_yarn.then(|| "cluster".to_owned()));
        let is_client = mode.as_deref().is_none_or(|mode| mode == "client");
        Ok(Self { master, mode, is_client })
    }

    fn is_yarn(&self) -> bool {
        self.master.starts_with("yarn")
    }
}

/// Each file by its URI, and by its name where that is another.
fn named(files: &[(String, String)]) -> Vec<String> {
    let one = |(uri, name): &(String, String)| {
        if uri.rsplit('/').next() == Some(name) { uri.clone() } else { format!("{uri}#{name}") }
    };
    files.iter().map(one).collect()
}
