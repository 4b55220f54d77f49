//! A Hadoop streaming job as the jar and arguments of a step.

use emr_core::error::{Error, Result};
use emr_core::hadoop_words;
use emr_core::model::cluster::ClusterDetail;

use crate::command_runner;

/// A streaming job whose files are all where Hadoop can read them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Streaming {
    /// The mapper's command line.
    pub mapper: String,
    /// The reducer's command line; without one the mappers' output is the job's.
    pub reducer: Option<String>,
    /// The combiner's command line.
    pub combiner: Option<String>,
    /// What is read.
    pub inputs: Vec<String>,
    /// The directory that is written and must not exist.
    pub output: String,
    /// Files for the tasks' working directories: URI and name.
    pub files: Vec<(String, String)>,
    /// Archives to unpack there: URI and the name of the folder.
    pub archives: Vec<(String, String)>,
    /// Jars for the tasks' class path.
    pub libjars: Vec<String>,
    /// Class that assigns keys to reducers.
    pub partitioner: Option<String>,
    /// Class that reads the input.
    pub inputformat: Option<String>,
    /// Class that writes the output.
    pub outputformat: Option<String>,
    /// Further arguments for Hadoop, the generic ones first.
    pub extra_args: Vec<String>,
    /// Hadoop properties.
    pub jobconf: Vec<(String, String)>,
    /// Environment variables of the tasks.
    pub cmdenv: Vec<(String, String)>,
    /// The jar of Hadoop streaming, where it is not that of the release.
    pub jar: Option<String>,
}

/// Where clusters of AMI versions 2 and 3 have the streaming jar.
pub(crate) const AMI_STREAMING_JAR: &str = "/home/hadoop/contrib/streaming/hadoop-streaming.jar";

/// The property that has Hadoop read the folders within an input folder.
pub(crate) const RECURSIVE: &str = "mapreduce.input.fileinputformat.input.dir.recursive";

/// Its name in Hadoop 1.
const RECURSIVE_OLD: &str = "mapred.input.dir.recursive";

/// The property that has Hadoop leave them out.
const IGNORE_SUBFOLDERS: &str = "mapreduce.input.fileinputformat.input.dir.nonrecursive.ignore.subdirs";

/// What becomes of the folders within an input folder. Without a property that says so Hadoop fails there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subfolders {
    Refuse,
    Read,
    LeaveOut,
}

impl Subfolders {
    /// What Hadoop makes of them with the properties of `jobconf`, of which a later one counts.
    pub(crate) fn of(jobconf: &[(String, String)]) -> Self {
        let is_set = |names: &[&str]| {
            let said = jobconf.iter().rev().find(|(name, _)| names.contains(&name.as_str()));
            said.is_some_and(|(_, value)| value.trim().eq_ignore_ascii_case("true"))
        };
        match is_set(&[RECURSIVE, RECURSIVE_OLD]) {
            true => Self::Read,
            false if is_set(&[IGNORE_SUBFOLDERS]) => Self::LeaveOut,
            false => Self::Refuse,
        }
    }
}

impl Streaming {
    /// The same job, but commands that begin with a Python file are run by the words of `python_bin`.
    pub(crate) fn run_by(mut self, python_bin: &[String]) -> Result<Self> {
        let mut python = String::new();
        for word in python_bin {
            let spelt = hadoop_words::quote(word);
            python += &spelt.ok_or_else(|| Error::usage(format!("'{word}' is no word that Hadoop could pass on")))?;
            python.push(' ');
        }
        for command in self.commands() {
            let first = command.split_whitespace().next().unwrap_or_default();
            if first.rsplit_once('.').is_some_and(|(_, extension)| extension == "py") {
                command.insert_str(0, &python);
            }
        }
        Ok(self)
    }

    /// The same job with `change` made to each command.
    #[must_use]
    pub(crate) fn with_commands(mut self, change: impl Fn(&str) -> String) -> Self {
        for command in self.commands() {
            *command = change(command);
        }
        self
    }

    /// Whether there are reduce tasks, as far as the job says: properties may ask for some that change nothing.
    pub(crate) fn reduces(&self) -> bool {
        let names = ["mapreduce.job.reduces", "mapred.reduce.tasks"];
        self.reducer.is_some() || self.jobconf.iter().any(|(name, _)| names.contains(&name.as_str()))
    }

    fn commands(&mut self) -> impl Iterator<Item = &mut String> {
        [Some(&mut self.mapper), self.reducer.as_mut(), self.combiner.as_mut()].into_iter().flatten()
    }

    /// The jar and the arguments that run this job on `cluster`.
    #[must_use]
    pub(crate) fn jar_and_args(&self, cluster: &ClusterDetail) -> (String, Vec<String>) {
        let is_old = cluster.release_label.is_none();
        match &self.jar {
            Some(jar) => (jar.clone(), self.args(if is_old { "mapred.reduce.tasks" } else { "mapreduce.job.reduces" })),
            None if !is_old => {
                let mut args = vec!["hadoop-streaming".to_owned()];
                args.extend(self.args("mapreduce.job.reduces"));
                (command_runner::JAR.to_owned(), args)
            }
            None => (AMI_STREAMING_JAR.to_owned(), self.args("mapred.reduce.tasks")),
        }
    }

    /// Hadoop's generic options come first, or it does not see them.
    fn args(&self, reduces: &str) -> Vec<String> {
        let mut args = Vec::new();
        let mut add = |option: &str, value: String| args.extend([option.to_owned(), value]);
        for (option, files) in [("-files", &self.files), ("-archives", &self.archives)] {
            if !files.is_empty() {
                let files: Vec<_> = files.iter().map(|(uri, name)| format!("{uri}#{name}")).collect();
                add(option, files.join(","));
            }
        }
        if !self.libjars.is_empty() {
            add("-libjars", self.libjars.join(","));
        }
        if self.reducer.is_none() {
            add("-D", format!("{reduces}=0"));
        }
        for (key, value) in &self.jobconf {
            add("-D", format!("{key}={value}"));
        }
        args.extend(self.extra_args.iter().cloned());
        let mut add = |option: &str, value: String| args.extend([option.to_owned(), value]);
        let classes = [
            ("-partitioner", &self.partitioner),
            ("-inputformat", &self.inputformat),
            ("-outputformat", &self.outputformat),
        ];
        for (option, class) in classes {
            if let Some(class) = class {
                add(option, class.clone());
            }
        }
        add("-mapper", self.mapper.clone());
        for (option, command) in [("-combiner", &self.combiner), ("-reducer", &self.reducer)] {
            if let Some(command) = command {
                add(option, command.clone());
            }
        }
        for (key, value) in &self.cmdenv {
            add("-cmdenv", format!("{key}={value}"));
        }
        for input in &self.inputs {
            add("-input", input.clone());
        }
        add("-output", self.output.clone());
        args
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use emr_core::model::cluster::{ClusterState, example};

    fn cluster(release_label: Option<&str>) -> ClusterDetail {
        let release_label = release_label.map(str::to_owned);
        ClusterDetail { release_label, ..example::detail(example::cluster("j-A", ClusterState::Waiting)) }
    }

    fn word_count() -> Streaming {
        Streaming {
            mapper: "python3 m.py".to_owned(),
            reducer: Some("python3 r.py".to_owned()),
            inputs: vec!["s3://b/in".to_owned()],
            output: "s3://b/out".to_owned(),
            files: vec![
                ("s3://b/f/m.py".to_owned(), "m.py".to_owned()),
                ("s3://b/f/r.py".to_owned(), "r.py".to_owned()),
            ],
            jobconf: vec![("mapreduce.job.maps".to_owned(), "4".to_owned())],
            ..Default::default()
        }
    }

    #[test]
    fn on_a_release_label_the_command_runner_streams() {
        let (jar, args) = word_count().jar_and_args(&cluster(Some("emr-7.14.0")));
        assert_eq!(jar, "command-runner.jar");
        let expected = "hadoop-streaming -files s3://b/f/m.py#m.py,s3://b/f/r.py#r.py -D mapreduce.job.maps=4 \
            -mapper python3_m.py -reducer python3_r.py -input s3://b/in -output s3://b/out";
        let joined: Vec<_> = args.iter().map(|arg| arg.replace(' ', "_")).collect();
        assert_eq!(joined.join(" "), expected);
    }

    #[test]
    fn a_python_file_is_run_by_the_python_that_is_named() {
        let combiner = Some("./c.py -v".to_owned());
        let job = Streaming { mapper: "m.py".to_owned(), combiner, ..word_count() };
        assert_eq!(job.clone().run_by(&[]).unwrap(), job);
        let run = job.clone().run_by(&["python2.6-dbg".to_owned(), "-u".to_owned()]).unwrap();
        assert_eq!(run.mapper, "python2.6-dbg -u m.py");
        assert_eq!(run.combiner.unwrap(), "python2.6-dbg -u ./c.py -v");
        assert_eq!(run.reducer.unwrap(), "python3 r.py");
        assert_eq!(job.clone().run_by(&["/a b/py".to_owned()]).unwrap().mapper, "'/a b/py' m.py");
        assert!(job.run_by(&["'\"".to_owned()]).is_err());
    }

    #[test]
    fn on_an_ami_version_the_jar_stands_on_the_node() {
        let (jar, args) = word_count().jar_and_args(&cluster(None));
        assert_eq!(jar, AMI_STREAMING_JAR);
        assert_eq!(args[0], "-files");
    }

    #[test]
    fn hadoop_s_generic_options_come_before_those_of_streaming() {
        let job = Streaming {
            archives: vec![("s3://b/x.tar.gz".to_owned(), "x".to_owned())],
            libjars: vec!["s3://b/x.jar".to_owned(), "y.jar".to_owned()],
            partitioner: Some("P".to_owned()),
            inputformat: Some("I".to_owned()),
            outputformat: Some("O".to_owned()),
            extra_args: vec!["-verbose".to_owned()],
            ..word_count()
        };
        let (_, args) = job.jar_and_args(&cluster(Some("emr-7.14.0")));
        let expected = "-archives s3://b/x.tar.gz#x -libjars s3://b/x.jar,y.jar -D mapreduce.job.maps=4 -verbose \
            -partitioner P -inputformat I -outputformat O -mapper";
        assert!(args.join(" ").contains(expected), "{args:?}");
    }

    #[test]
    fn properties_say_what_becomes_of_folders_within_an_input() {
        let of = |pairs: &[(&str, &str)]| {
            let pairs: Vec<_> = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            Subfolders::of(&pairs)
        };
        assert_eq!(of(&[]), Subfolders::Refuse);
        assert_eq!(of(&[(RECURSIVE, "True")]), Subfolders::Read);
        assert_eq!(of(&[(RECURSIVE_OLD, "true"), (IGNORE_SUBFOLDERS, "true")]), Subfolders::Read);
        assert_eq!(of(&[(RECURSIVE, "true"), (RECURSIVE, "false")]), Subfolders::Refuse);
        assert_eq!(of(&[(IGNORE_SUBFOLDERS, "true")]), Subfolders::LeaveOut);
    }

    #[test]
    fn without_a_reducer_there_are_no_reduce_tasks() {
        let job = Streaming { reducer: None, ..word_count() };
        let (_, args) = job.jar_and_args(&cluster(Some("emr-7.14.0")));
        assert!(args.windows(2).any(|pair| pair == ["-D", "mapreduce.job.reduces=0"]));
        assert!(!args.contains(&"-reducer".to_owned()));
        let (_, args) = job.jar_and_args(&cluster(None));
        assert!(args.contains(&"mapred.reduce.tasks=0".to_owned()));
    }
}
