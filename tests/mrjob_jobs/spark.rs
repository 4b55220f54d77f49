//! Spark steps of jobs: what spark-submit is told.

use serde_json::Value;

use crate::job::{Cluster, example};

fn arguments(cluster: &Cluster, name: &str, args: &[&str]) -> Vec<String> {
    let options = ["--dry-run", "--input", "s3://bucket/in/", "--output", "s3://bucket/out/", "--no-check-input-paths"];
    let request = cluster.add(&example(name), &[&options, args].concat()).ok().record();
    let args = request["Steps"][0]["HadoopJarStep"]["Args"].as_array().unwrap().clone();
    args.iter().map(|arg: &Value| arg.as_str().unwrap().to_owned()).collect()
}

fn after<'a>(args: &'a [String], option: &str) -> Vec<&'a str> {
    args.windows(2).filter(|pair| pair[0] == option).map(|pair| pair[1].as_str()).collect()
}

#[test]
fn a_spark_step_gets_its_script_files_and_properties() {
    let cluster = Cluster::start(&[]);
    let args = arguments(&cluster, "mr_spark_most_used_word.py", &["-D", "spark.executor.cores=2", "--cmdenv", "A=1"]);
    assert_eq!(args[0], "spark-submit");
    assert_eq!((after(&args, "--master"), after(&args, "--deploy-mode")), (vec!["yarn"], vec!["cluster"]));
    let conf = after(&args, "--conf");
    for property in [
        "spark.executor.cores=2",
        "spark.executorEnv.A=1",
        "spark.executorEnv.PYSPARK_PYTHON=python3",
        "spark.yarn.appMasterEnv.A=1",
    ] {
        assert!(conf.contains(&property), "{conf:?}");
    }
    assert!(after(&args, "--files")[0].split(',').any(|uri| uri.ends_with("/stop_words.txt")), "{args:?}");
    assert!(after(&args, "--py-files")[0].ends_with("/mrjob.zip"), "{args:?}");
    let script = args.iter().position(|arg| arg.ends_with("/mr_spark_most_used_word.py")).unwrap();
    assert_eq!(args[script + 1..], ["--step-num=0", "--spark", "s3://bucket/in/", "s3://bucket/out/"]);
}

#[test]
fn a_script_for_spark_gets_input_and_output_in_the_place_of_their_names() {
    let cluster = Cluster::start(&[]);
    let args = arguments(&cluster, "mr_spark_wordcount_script.py", &[]);
    let script = args.iter().position(|arg| arg.ends_with("/spark_wordcount_script.py")).unwrap();
    assert_eq!(args[script + 1..], ["s3://bucket/in/", "s3://bucket/out/"]);
}
