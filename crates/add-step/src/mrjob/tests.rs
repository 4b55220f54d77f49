//! Steps of jobs, from what a job says of itself.

use std::fs;
use std::path::Path;

use clap::Parser;
use emr_core::config::options::S3_SCRATCH_URI;
use emr_core::config::{Config, Document, Surroundings, Typed};
use emr_core::model::cluster::{ClusterDetail, ClusterState, example as clusters};
use emr_core::model::run_id::RunId;
use emr_core::model::step::{ActionOnFailure, NewStep};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::description::example;
use super::{Job, JobSteps};
use crate::args::Args;
use crate::files::LocalFiles;
use crate::plan::Request;

const SCRATCH: &str = "s3://b/tmp/";

struct Trial {
    folder: TempDir,
    job: Job,
    /// The options of mrjob.conf, as YAML.
    conf: &'static str,
    release: Option<&'static str>,
    step_concurrency: u32,
    /// What is typed for add-step beside the job and its input.
    typed: Vec<String>,
}

impl Trial {
    fn new(steps: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut description = example::description(steps);
        let script = folder.path().join("mr_wc.py");
        fs::write(&script, "job").unwrap();
        description.script = Some(script.to_str().unwrap().to_owned());
        let job = Job { name: "mr_wc.py".to_owned(), description, package: b"zip".to_vec() };
        Self { folder, job, conf: "", release: Some("emr-7.14.0"), step_concurrency: 1, typed: Vec::new() }
    }

    /// Writes a file beside the script, and returns its path.
    fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn cluster(&self) -> ClusterDetail {
        let release_label = self.release.map(str::to_owned);
        let step_concurrency = self.step_concurrency;
        ClusterDetail {
            release_label,
            step_concurrency,
            ..clusters::detail(clusters::cluster("j-A", ClusterState::Waiting))
        }
    }

    fn plan(&self) -> emr_core::error::Result<(Vec<NewStep>, String)> {
        let mut typed = Typed::default();
        typed.value(&S3_SCRATCH_URI.option, "s3-scratch-uri", SCRATCH);
        let text = format!("runners: {{emr: {{{}}}}}", self.conf);
        let path = Path::new("mrjob.conf");
        let config = Config::new(typed, Surroundings::default()).with(path, &Document::read(path, text.into())?)?;
        let words = ["add-step", "j-A", "--mrjob", "mr_wc.py", "--input", "s3://b/in/"];
        let words = words.into_iter().chain(self.typed.iter().map(String::as_str));
        let args = Args::try_parse_from(words).unwrap();
        let (run, cluster) = (RunId::from_random(32), self.cluster());
        let request = Request { args: &args, config: &config, cluster: &cluster, region: "us-east-1", run: &run };
        let mut files = LocalFiles::new(Some(SCRATCH.to_owned()));
        let JobSteps { steps, output, .. } =
            super::steps(&self.job, &["s3://b/in/a".to_owned()], &request, &mut files)?;
        Ok((steps, output.unwrap_or_default()))
    }

    /// The arguments of each step, with `/…/` for the places of files.
    fn args(&self) -> Vec<Vec<String>> {
        let plain = |arg: &String| {
            let parts = arg.split(',').map(|part| match part.split_once("/tmp/files/") {
                Some((_, rest)) => format!("/…/{}", rest.split_once('/').unwrap().1),
                None => part.to_owned(),
            });
            parts.collect::<Vec<_>>().join(",")
        };
        self.plan().unwrap().0.iter().map(|step| step.args.iter().map(plain).collect()).collect()
    }
}

fn after<'a>(args: &'a [String], option: &str) -> Vec<&'a str> {
    args.windows(2).filter(|pair| pair[0] == option).map(|pair| pair[1].as_str()).collect()
}

fn two_steps() -> Value {
    json!([
        {"type": "streaming", "mapper": {"type": "script"}, "combiner": {"type": "script"},
         "reducer": {"type": "script"}, "jobconf": {"a": "step", "gone": null}},
        {"type": "streaming", "mapper": {"type": "command", "command": "tr 'a b' \"c\""}},
    ])
}

#[test]
fn each_step_reads_what_the_one_before_it_writes() {
    let mut trial = Trial::new(&two_steps());
    (trial.job.description.inputformat, trial.job.description.outputformat) = (Some("I".into()), Some("O".into()));
    let (steps, output) = trial.plan().unwrap();
    let run = RunId::from_random(32);
    assert_eq!(output, format!("s3://b/tmp/output/{}/", run.as_str()));
    let names: Vec<_> = steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["mr_wc: Step 1 of 2", "mr_wc: Step 2 of 2"]);
    assert!(steps.iter().all(|step| step.action_on_failure == ActionOnFailure::CancelAndWait));
    let between = format!("hdfs:///tmp/mrjob/{}/step-output/0000", run.as_str());
    let [first, second] = &trial.args()[..] else { panic!("{steps:?}") };
    assert_eq!((after(first, "-input"), after(first, "-output")), (vec!["s3://b/in/"], vec![between.as_str()]));
    assert_eq!((after(second, "-input"), after(second, "-output")), (vec![between.as_str()], vec![output.as_str()]));
    assert_eq!((after(first, "-inputformat"), after(first, "-outputformat")), (vec!["I"], vec![]));
    assert_eq!((after(second, "-inputformat"), after(second, "-outputformat")), (vec![], vec!["O"]));
}

#[test]
fn the_script_runs_behind_the_setup_and_commands_of_the_job_s_own_do_not() {
    let mut trial = Trial::new(&two_steps());
    trial.conf = "python_bin: python3.9, task_python_bin: python3.9 -u";
    let [first, second] = &trial.args()[..] else { panic!("two steps") };
    let task = |part: &str| format!("/bin/sh -ex setup-wrapper.sh python3.9 -u mr_wc.py --step-num=0 --{part}");
    for (option, part) in [("-mapper", "mapper"), ("-combiner", "combiner"), ("-reducer", "reducer")] {
        assert_eq!(after(first, option), [task(part)]);
    }
    assert_eq!(after(second, "-mapper"), ["tr 'a b' c"]);
    assert_eq!(after(second, "-D"), ["mapreduce.job.reduces=0", "stream.map.output=keyonlytext"]);
    let files = "/…/mr_wc.py#mr_wc.py,/…/mrjob.zip#mrjob.zip,/…/setup-wrapper.sh#setup-wrapper.sh";
    assert_eq!((after(first, "-files"), after(second, "-files")), (vec![files], vec![files]));
}

#[test]
fn properties_of_a_step_count_more_than_those_of_the_configuration() {
    let mut trial = Trial::new(&two_steps());
    trial.conf = "jobconf: {a: conf, gone: conf, b: conf, stream.num.map.output.key.fields: 7}";
    trial.job.description.sort_values = true;
    let first = &trial.args()[0];
    let expected =
        ["a=step", "b=conf", "mapreduce.partition.keypartitioner.options=-k1,1", "stream.num.map.output.key.fields=7"];
    assert_eq!(after(first, "-D"), expected);
    assert_eq!(after(first, "-partitioner"), ["org.apache.hadoop.mapred.lib.KeyFieldBasedPartitioner"]);
    trial.release = None;
    assert!(after(&trial.args()[0], "-D").contains(&"mapred.text.key.partitioner.options=-k1,1"));
}

#[test]
fn lines_come_out_whole_unless_the_job_says_how_they_are_cut() {
    let reduces = json!([{"type": "streaming", "mapper": {"type": "script"}, "reducer": {"type": "script"}}]);
    let properties = |trial: &Trial| after(&trial.args()[0], "-D").join(" ");
    let mut trial = Trial::new(&reduces);
    assert_eq!(properties(&trial), "stream.reduce.output=keyonlytext");
    for conf in
        ["jobconf: {mapred.textoutputformat.separator: ','}", "jobconf: {stream.reduce.output.field.separator: ','}"]
    {
        trial.conf = conf;
        assert!(!properties(&trial).contains("keyonlytext"), "{conf}");
    }
    trial.conf = "";
    trial.release = None;
    assert_eq!(properties(&trial), "");
    trial.release = Some("emr-6.0.0");
    trial.job.description.outputformat = Some("O".to_owned());
    assert_eq!(properties(&trial), "");
}

#[test]
fn files_among_the_arguments_are_called_by_what_the_tasks_call_them() {
    let mut trial = Trial::new(&two_steps());
    let (one, two) = (trial.file("x/a.db", "1"), trial.file("y/a.db", "2"));
    let file = |path: &str, name: Value| json!({"type": "file", "path": path, "name": name});
    let arguments =
        json!(["--db", file(&one, json!(null)), "--db", file(&two, json!(null)), "--as", file(&one, json!("n"))]);
    trial.job.description.arguments = serde_json::from_value(arguments).unwrap();
    let first = &trial.args()[0];
    assert!(after(first, "-mapper")[0].ends_with("--mapper --db a.db --db a-1.db --as n"), "{first:?}");
    for named in ["/…/a.db#a.db", "/…/a.db#a-1.db", "/…/a.db#n"] {
        assert!(after(first, "-files")[0].split(',').any(|file| file == named), "{first:?}");
    }
}

#[test]
fn a_filter_runs_before_the_script_in_one_shell() {
    let filter = |text: &str| json!([{"type": "streaming", "mapper": {"type": "script", "pre_filter": text}}]);
    let piped = "grep x | /bin/sh -ex setup-wrapper.sh python3 mr_wc.py --step-num=0 --mapper";
    assert_eq!(after(&Trial::new(&filter("grep x")).args()[0], "-mapper"), [format!("/bin/sh -ex -c '{piped}'")]);
    let both = &Trial::new(&filter("grep \"'\" | grep 'x'")).args()[0];
    assert_eq!(after(both, "-mapper"), ["/bin/sh step-1-mapper.sh"]);
    assert!(after(both, "-files")[0].contains("/…/step-1-mapper.sh#step-1-mapper.sh"), "{both:?}");
}

#[test]
fn a_mapper_of_files_gets_a_list_of_them() {
    let trial = Trial::new(&json!([{"type": "streaming", "mapper": {"type": "script"}, "input_manifest": true}]));
    let first = &trial.args()[0];
    let task = "/bin/sh -ex setup-wrapper.sh /bin/sh -e mrjob-manifest.sh python3 mr_wc.py --step-num=0 --mapper";
    assert_eq!(after(first, "-mapper"), [task]);
    assert_eq!(after(first, "-input"), ["/…/input-manifest.txt"]);
    assert_eq!(after(first, "-inputformat"), ["org.apache.hadoop.mapred.lib.NLineInputFormat"]);
}

#[test]
fn a_jar_s_arguments_stand_for_input_output_and_hadoop_s_own() {
    let mut trial = Trial::new(&json!([
        {"type": "jar", "jar": "file:///usr/lib/x.jar", "args": ["wc", "<generic args>", "<input>", "<output>"],
         "main_class": "M", "jobconf": {"a": "1"}},
    ]));
    trial.conf = "libjars: [s3://b/l.jar]";
    trial.job.description.output_dir = Some("s3://b/out/".to_owned());
    let (steps, output) = trial.plan().unwrap();
    let [fetching, step] = &steps[..] else { panic!("{steps:?}") };
    assert_eq!((step.jar.as_str(), step.main_class.as_deref()), ("/usr/lib/x.jar", Some("M")));
    let jar = format!("/tmp/libjars-{}/l.jar", RunId::from_random(32).as_str());
    assert_eq!(step.args, ["wc", "-libjars", &jar, "-D", "a=1", "s3://b/in/", "s3://b/out/"]);
    assert_eq!((step.name.as_str(), output.as_str()), ("mr_wc", "s3://b/out/"));
    assert_eq!(fetching.name, "mr_wc: Master node setup");
    assert!(fetching.args[0].ends_with("/master-setup.sh"), "{fetching:?}");
}

#[test]
fn options_that_no_step_of_the_job_heeds_are_refused() {
    let streaming = json!([{"type": "streaming", "mapper": {"type": "script"}}]);
    let spark = json!([{"type": "spark"}]);
    let jar = |args: &[&str]| json!([{"type": "jar", "jar": "file:///x.jar", "args": args}]);
    let all = ["<input>", "<output>", "<generic args>"];
    for (steps, typed, is_taken) in [
        (&two_steps(), &["--partitioner", "P", "--setup", "make"][..], true),
        (&streaming, &["--spark-arg=-v"], false),
        (&spark, &["--spark-arg=-v", "--setup", "make", "--output", "s3://b/o/"], true),
        (&spark, &["--partitioner", "P"], false),
        (&jar(&all), &["-D", "a=1", "--output", "s3://b/o/"], true),
        (&jar(&all), &["--setup", "make"], false),
        (&jar(&all[..2]), &["-D", "a=1"], false),
        (&jar(&all[..1]), &["--output", "s3://b/o/"], false),
    ] {
        let trial = Trial { typed: typed.iter().map(|word| (*word).to_owned()).collect(), ..Trial::new(steps) };
        let refusal = trial.plan().err().map(|error| error.to_string());
        assert_eq!(refusal.is_none(), is_taken, "{typed:?} {refusal:?}");
        let words = "has no effect on mr_wc.py; it is for ";
        assert!(refusal.is_none_or(|text| text.contains(words)), "{typed:?}");
    }
    let mappers_alone = Trial { typed: ["--partitioner", "P"].map(str::to_owned).to_vec(), ..Trial::new(&streaming) };
    let refusal = mappers_alone.plan().unwrap_err().to_string();
    assert_eq!(refusal, "--partitioner has no effect on mr_wc.py: no step has a reducer");
    let mut behind = Trial::new(&streaming);
    behind.job.description.switches = json!({"spark_args": ["-v"]}).as_object().unwrap().clone();
    assert!(behind.plan().unwrap_err().to_string().starts_with("spark_args has no effect on mr_wc.py"));
}

#[test]
fn steps_that_need_one_another_are_not_added_where_they_would_run_side_by_side() {
    let trial = Trial { step_concurrency: 3, ..Trial::new(&two_steps()) };
    let refusal = trial.plan().unwrap_err();
    assert!(
        refusal.to_string().starts_with("j-A runs 3 steps side by side, and each step of the job needs"),
        "{refusal}"
    );
    let one = json!([{"type": "streaming", "mapper": {"type": "script"}}]);
    Trial { step_concurrency: 3, ..Trial::new(&one) }.plan().unwrap();
}

#[test]
fn a_spark_step_gets_python_that_runs_behind_the_setup() {
    let mut trial = Trial::new(&json!([{"type": "spark", "jobconf": {"spark.x": "1"}, "spark_args": ["--verbose"]}]));
    trial.conf = "setup: [make], cmdenv: {A: a b}, spark_args: [--name, n]";
    let args = &trial.args()[0];
    let conf = after(args, "--conf");
    for property in
        ["spark.x=1", "spark.executorEnv.A=a b", "spark.yarn.appMasterEnv.PYSPARK_PYTHON=./python-wrapper.sh"]
    {
        assert!(conf.contains(&property), "{conf:?}");
    }
    assert!(after(args, "--files")[0].ends_with("/…/python-wrapper.sh"), "{args:?}");
    assert_eq!(after(args, "--py-files"), ["/…/mrjob.zip"]);
    let own = args.iter().position(|arg| arg == "--name").unwrap();
    assert_eq!(args[own..own + 4], ["--name", "n", "--verbose", "/…/mr_wc.py"]);
}

#[test]
fn what_cannot_be_run_is_refused_by_name() {
    let refusal = |trial: &Trial| trial.plan().unwrap_err().to_string();
    assert!(refusal(&Trial::new(&json!([]))).contains("mr_wc.py has no steps"));
    let odd = Trial::new(&json!([{"type": "flink"}]));
    assert!(refusal(&odd).contains("step 1: steps of the type 'flink' are not understood"));
    let mut nowhere = Trial::new(&two_steps());
    nowhere.job.description.script = None;
    assert!(refusal(&nowhere).contains("the job's class stands in no file"));
}
