//! Steps in JSON, of clusters with a release label and without.

use emr_core::model::cluster::{ClusterState, example};

use super::*;
use crate::streaming::AMI_STREAMING_JAR;

fn cluster(release_label: Option<&str>) -> ClusterDetail {
    let release_label = release_label.map(str::to_owned);
    ClusterDetail { release_label, ..example::detail(example::cluster("j-A", ClusterState::Waiting)) }
}

fn read_on(release_label: Option<&str>, text: &str) -> Result<Vec<NewStep>> {
    let cluster = cluster(release_label);
    let defaults = Defaults { action_on_failure: ActionOnFailure::Continue, cluster: &cluster, region: "eu-west-1" };
    let text = StepText { text: text.to_owned(), origin: "steps.json".to_owned() };
    read(&text, &defaults, &mut LocalFiles::new(Some("s3://b/tmp/".to_owned())))
}

fn read_all(text: &str) -> Result<Vec<NewStep>> {
    read_on(Some("emr-7.14.0"), text)
}

/// The jar and the arguments of the only step.
fn words(release_label: Option<&str>, text: &str) -> String {
    let step = read_on(release_label, text).unwrap().remove(0);
    format!("{} {}", step.jar, step.args.join(" "))
}

#[test]
fn the_api_s_shape_and_the_cli_s_are_one_step() {
    let api = r#"[{"Name":"a","ActionOnFailure":"CANCEL_AND_WAIT","HadoopJarStep":
        {"Jar":"/x.jar","Args":["1",""],"Properties":[{"Key":"k","Value":"v=1"},{"Key":"l"}],"MainClass":"M"}}]"#;
    let expected = NewStep {
        name: "a".to_owned(),
        jar: "/x.jar".to_owned(),
        main_class: Some("M".to_owned()),
        args: vec!["1".to_owned(), String::new()],
        properties: vec![("k".to_owned(), "v=1".to_owned()), ("l".to_owned(), String::new())],
        action_on_failure: ActionOnFailure::CancelAndWait,
    };
    assert_eq!(read_all(api).unwrap(), std::slice::from_ref(&expected));
    let cli = r#"{"Type":"Custom_Jar","Name":"a","ActionOnFailure":"CANCEL_AND_WAIT","Jar":"/x.jar",
        "Args":["1",""],"Properties":"k=v=1,l","MainClass":"M"}"#;
    assert_eq!(read_all(cli).unwrap(), [expected]);
}

#[test]
fn each_type_of_the_cli_s_runs_as_the_cli_has_it() {
    let step = |kind: &str| format!(r#"{{"Type":"{kind}","Args":["-f","s3://b/x"]}}"#);
    let runner = "s3://eu-west-1.elasticmapreduce/libs/script-runner/script-runner.jar";
    let libs = "s3://eu-west-1.elasticmapreduce/libs";
    for (kind, labelled, old) in [
        ("STREAMING", "command-runner.jar hadoop-streaming".to_owned(), AMI_STREAMING_JAR.to_owned()),
        (
            "spark",
            "command-runner.jar spark-submit".to_owned(),
            format!("{runner} /home/hadoop/spark/bin/spark-submit"),
        ),
        (
            "HIVE",
            "command-runner.jar hive-script --run-hive-script --args".to_owned(),
            format!("{runner} {libs}/hive/hive-script --run-hive-script --hive-versions latest --args"),
        ),
        (
            "PIG",
            "command-runner.jar pig-script --run-pig-script --args".to_owned(),
            format!("{runner} {libs}/pig/pig-script --run-pig-script --pig-versions latest --args"),
        ),
    ] {
        assert_eq!(words(Some("emr-7.14.0"), &step(kind)), format!("{labelled} -f s3://b/x"));
        assert_eq!(words(None, &step(kind)), format!("{old} -f s3://b/x"));
    }
    let impala = format!("{runner} {libs}/impala/setup-impala --run-impala-script -f s3://b/x");
    assert_eq!(words(None, &step("IMPALA")), impala);
    assert!(
        read_all(&step("IMPALA")).unwrap_err().to_string().contains("no release of EMR runs steps of the type IMPALA")
    );
    assert_eq!(read_all(&step("SPARK")).unwrap()[0].name, "Spark application");
}

#[test]
fn steps_are_read_in_order_from_lines_lists_and_requests() {
    let names = |text: &str| read_all(text).unwrap().into_iter().map(|step| step.name).collect::<Vec<_>>();
    let (one, two) = (r#"{"Name":"a","Jar":"x"}"#, r#"{"Name":"b","Jar":"y"}"#);
    for text in [
        format!("{one}\n{two}\n"),
        format!("[{one},{two}]"),
        format!("\u{feff}[{one},{two}]"),
        format!("{{\"Steps\":[{one},{two}]}}"),
        format!("{{\"JobFlowId\":\"j-A\",\"Steps\":[{one}]}}{two}"),
    ] {
        assert_eq!(names(&text), ["a", "b"], "{text}");
    }
}

#[test]
fn local_files_are_uploaded_where_a_step_names_files() {
    let up = |text: &str| {
        let words = words(Some("emr-7.14.0"), text);
        let hash = words.split('/').find(|part| part.len() == 64).unwrap_or("none").to_owned();
        words.replace(&format!("s3://b/tmp/files/{hash}/"), "UP/").replace(&format!("s3://b/tmp/inputs/{hash}/"), "IN/")
    };
    for (text, expected) in [
        (
            r#"{"Type":"STREAMING","Args":["-files","src/lib.rs,src/lib.rs#x","-mapper","src/lib.rs"]}"#,
            "command-runner.jar hadoop-streaming -files UP/lib.rs#lib.rs,UP/lib.rs#x -mapper src/lib.rs",
        ),
        (
            r#"{"Type":"STREAMING","Args":["-input","src/lib.rs","-output","hdfs:///src"]}"#,
            "command-runner.jar hadoop-streaming -input IN/ -output hdfs:///src",
        ),
        (
            r#"{"Type":"STREAMING","Args":["-input","s3://b/{x,y},src/lib.rs,/none,src/lib.rs"]}"#,
            "command-runner.jar hadoop-streaming -input s3://b/{x,y},IN/,/none,IN/",
        ),
        (
            r#"{"Type":"STREAMING","Args":["-file","/etc/passwd","-input","src/form.r?"]}"#,
            "command-runner.jar hadoop-streaming -file /etc/passwd -input IN/",
        ),
        (
            r#"{"Type":"SPARK","Args":["src/lib.rs","src/lib.rs"]}"#,
            "command-runner.jar spark-submit UP/lib.rs src/lib.rs",
        ),
        (
            r#"{"Jar":"command-runner.jar","Args":["spark-submit","--jars","src/lib.rs","/none.jar"]}"#,
            "command-runner.jar spark-submit --jars UP/lib.rs /none.jar",
        ),
        (
            r#"{"Type":"HIVE","Args":["-f","src/lib.rs","-d","A=src/lib.rs"]}"#,
            "command-runner.jar hive-script --run-hive-script --args -f UP/lib.rs -d A=src/lib.rs",
        ),
        (r#"{"HadoopJarStep":{"Jar":"src/lib.rs","Args":["src/lib.rs"]}}"#, "UP/lib.rs src/lib.rs"),
        (
            r#"{"Jar":"s3://eu-west-1.elasticmapreduce/libs/script-runner/script-runner.jar","Args":["src/lib.rs","src/lib.rs"]}"#,
            "s3://eu-west-1.elasticmapreduce/libs/script-runner/script-runner.jar UP/lib.rs src/lib.rs",
        ),
        (r#"{"Jar":"command-runner.jar","Args":["cat","src/lib.rs"]}"#, "command-runner.jar cat src/lib.rs"),
    ] {
        assert_eq!(up(text), expected);
    }
}

#[test]
fn what_is_wrong_is_told_with_the_number_of_the_step() {
    let cases = [
        (
            "[{\"Jar\":\"x\",\n\"Args\":[\"a\"],\"Args\":[\"b\"]}]",
            "steps.json: the key 'Args' stands twice at line 2 column 26",
        ),
        ("", "steps.json contains no step"),
        ("[]", "steps.json contains no step"),
        ("[{\"Jar\":\"x\"},{\"Name\":\"b\"}]", "steps.json: step 2: has no Jar"),
        ("[{\"Jar\":1}]", "steps.json: step 1: Jar is not a string"),
        ("[{\"Jar\":\"x\",\"Args\":\"a b\"}]", "steps.json: step 1: Args is not a list of strings"),
        ("[3]", "steps.json: step 1: is not an object"),
        ("[{\"Type\":\"SPARK\"}]", "steps.json: step 1: has no Args"),
        ("{\"Steps\":3}", "steps.json: Steps is not a list"),
        ("{\"JobFlowId\":\"j-B\",\"Steps\":[]}", "steps.json: the steps are for j-B, and are to be added to j-A"),
        (
            "[{\"Jar\":\"x\",\"Arg\":[]}]",
            "steps.json: step 1: the key 'Arg' is not understood here; the keys are Type, Name, ActionOnFailure, Jar, Args, \
             MainClass, Properties",
        ),
        (
            "[{\"Type\":\"SPARK\",\"Args\":[\"x\"],\"Jar\":\"y\"}]",
            "steps.json: step 1: the key 'Jar' is not understood here; the keys are Type, Name, ActionOnFailure, Args",
        ),
        (
            "[{\"HadoopJarStep\":{\"Jar\":\"x\",\"args\":[]}}]",
            "steps.json: step 1: the key 'args' is not understood here; the keys are Jar, Args, MainClass, Properties",
        ),
        (
            "[{\"Type\":\"FLINK\",\"Args\":[\"x\"]}]",
            "steps.json: step 1: steps of the type FLINK are not understood; the types are CUSTOM_JAR, STREAMING, SPARK, \
             HIVE, PIG and IMPALA",
        ),
    ];
    for (text, message) in cases {
        assert_eq!(read_all(text).unwrap_err().to_string(), message);
    }
    let file = read_all(r#"{"Type":"STREAMING","Args":["-file","src/lib.rs"]}"#).unwrap_err().to_string();
    assert!(file.starts_with("steps.json: step 1: Hadoop takes '-file src/lib.rs' from the master"), "{file}");
    assert!(read_all("[{").unwrap_err().to_string().starts_with("steps.json: not JSON: "));
}

#[test]
fn places_and_files_that_no_step_could_use_are_refused() {
    for (args, words) in [
        (r#""-output","out""#, "a job flow cannot write to 'out'; write s3://bucket/directory/"),
        (
            r#""-output","/tmp/out""#,
            "a job flow cannot write to '/tmp/out'; write s3://bucket/directory/, or hdfs:///tmp/out",
        ),
        (r#""-output","S3://b/out""#, "Hadoop knows no 'S3://'; write s3://b/out"),
        (r#""-input","s3://b/in,https://b/in""#, "Hadoop neither reads nor writes 'https://b/in'"),
        (r#""-input","none.txt""#, "none.txt is not here, and the step begins in an empty directory"),
        (r#""-input","none*.txt""#, "no file matches none*.txt"),
        (r#""-files","none.py""#, "none.py is not here, and the step begins in an empty directory"),
        (r#""-file","none.py""#, "Hadoop takes '-file none.py' from the master"),
    ] {
        let text = format!(r#"{{"Type":"STREAMING","Args":[{args}]}}"#);
        let error = read_all(&text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("steps.json: step 1: {words}")), "{error}");
    }
    let jar = read_all(r#"{"Jar":"none.jar"}"#).unwrap_err().to_string();
    assert!(jar.starts_with("steps.json: step 1: none.jar is not here"), "{jar}");
}
