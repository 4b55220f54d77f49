use super::*;
use crate::run::streaming::compress::Codec;
use crate::run::streaming::keys::KeyClass;

fn plan(line: &str) -> Result<Plan, String> {
    Plan::of(&CommandLine::parse(&emr_core::shell::split(line).unwrap()).unwrap())
}

/// The plan of a job with these words and the required options.
fn with(generic: &str, own: &str) -> Result<Plan, String> {
    plan(&format!("{generic} -input i -output o {own}"))
}

#[test]
fn the_words_of_an_mrjob_step_are_planned() {
    let plan = plan(
        "-files 's3://b/wc.py#wc.py,s3://b/setup-wrapper.sh#w.sh' -archives 's3://b/code.tar.gz#code' \
         -D mapreduce.job.name=x -Dy=2 -input s3://b/{x,y},s3://b/in -output s3://b/out \
         -mapper '/bin/sh -ex w.sh python3 wc.py --mapper' -reducer 'python3 wc.py --reducer' \
         -cmdenv A=b=c -cmdenv 'B=x y' -numReduceTasks 3 -verbose",
    )
    .unwrap();
    assert_eq!(plan.files[1], Link { uri: "s3://b/setup-wrapper.sh".into(), name: "w.sh".into() });
    assert_eq!(plan.archives[0].name, "code");
    assert_eq!(plan.environment, [("A".to_owned(), "b=c".to_owned()), ("B".to_owned(), "x".to_owned())]);
    assert_eq!(plan.inputs, ["s3://b/{x,y}", "s3://b/in"]);
    assert_eq!(plan.properties.get("y").as_deref(), Some("2"));
    assert_eq!(plan.properties.get("stream.reduce.streamprocessor").as_deref(), Some("python3+wc.py+--reducer"));
    assert_eq!((plan.reducers, plan.output.as_str()), (3, "s3://b/out"));
}

#[test]
fn there_is_one_reducer_unless_the_job_says_otherwise() {
    let reducers = |generic: &str, own: &str| with(generic, own).unwrap().reducers;
    assert_eq!(reducers("", ""), 1);
    assert_eq!(reducers("-D mapred.reduce.tasks=2", ""), 2);
    assert_eq!(reducers("-D mapred.reduce.tasks=2", "-numReduceTasks 3"), 3);
    assert_eq!(reducers("-D mapred.reduce.tasks=2", "-reducer NONE"), 0);
}

#[test]
fn a_mapper_must_emit_the_declared_types() {
    let mismatch = |own: &str| with("", own).unwrap().types.mismatch;
    let key = "expected org.apache.hadoop.io.Text, received org.apache.hadoop.io.LongWritable";
    assert!(mismatch("-reducer cat").unwrap().contains(key));
    assert_eq!(mismatch("-reducer NONE"), None);
    assert_eq!(mismatch("-mapper cat"), None);
    assert_eq!(mismatch(""), None);
    assert_eq!(mismatch("-reducer cat -inputformat KeyValueTextInputFormat"), None);
    assert_eq!(with("", "").unwrap().types.output_key, KeyClass::Long);
    assert_eq!(with("", "-mapper cat").unwrap().types.output_key, KeyClass::Text);
}

#[test]
fn only_text_mappers_get_values_without_keys() {
    let is_left_out = |generic: &str, own: &str| match with(generic, &format!("-mapper cat {own}")).unwrap().mapper {
        Mapper::Command(program) => program.writer.leaves_out_key,
        Mapper::Identity => panic!("the mapper is a command"),
    };
    assert!(is_left_out("", ""));
    assert!(is_left_out("", "-inputformat org.apache.hadoop.mapred.TextInputFormat"));
    assert!(!is_left_out("", "-inputformat org.apache.hadoop.mapred.lib.NLineInputFormat"));
    assert!(!is_left_out("-D stream.map.input.ignoreKey=false", ""));
    assert!(!is_left_out("", "-io keyonlytext"));
}

#[test]
fn outputs_are_compressed_as_the_job_says() {
    let codec = |generic: &str| with(generic, "").unwrap().output_format.codec;
    assert_eq!(codec("-D mapred.output.compression.codec=org.apache.hadoop.io.compress.GzipCodec"), None);
    assert_eq!(codec("-D mapred.output.compress=true"), Some(Codec::Deflate));
}

#[test]
fn unsupported_options_are_refused_by_name() {
    for (generic, own, part) in [
        ("", "-inputformat org.x.Y", "org.x.Y"),
        ("", "-inputformat SequenceFileInputFormat", "SequenceFileInputFormat"),
        ("", "-inputreader Some,begin=x", "Some"),
        ("", "-inputreader StreamXmlRecordReader,begin=x", "stream.recordreader.end"),
        ("", "-outputformat TextOutputFormat", "class not found : TextOutputFormat"),
        ("", "-outputformat org.apache.hadoop.mapred.SequenceFileOutputFormat", "SequenceFileOutputFormat"),
        ("", "-partitioner org.x.P -numReduceTasks 2", "org.x.P"),
        ("-D mapred.output.key.comparator.class=org.x.C", "-mapper cat", "org.x.C"),
        ("-D mapred.output.compress=true -D mapred.output.compression.codec=org.x.Z", "", "org.x.Z"),
        ("", "-numReduceTasks many", "many"),
        ("-D mapred.reduce.tasks=-1", "", "mapreduce.job.reduces"),
        ("", "-io typedbytes -mapper cat", "typedbytes"),
        ("", "-mapper org.apache.hadoop.Some", "org.apache.hadoop.Some"),
        ("", "-reducer org.apache.hadoop.Some", "org.apache.hadoop.Some"),
        ("", "-file s3://b/x", "s3://b/x"),
        ("", "-cacheFile s3://b/x", "s3://b/x"),
        ("-D \u{1}x=\u{1}", "", "control character"),
        ("-D stream.minRecWrittenToEnableSkip_=0", "", "stream.minRecWrittenToEnableSkip_"),
        ("-D mapred.input.pathFilter.class=org.x.F", "", "mapreduce.input.pathFilter.class"),
    ] {
        let error = with(generic, own).unwrap_err();
        assert!(error.contains(part), "{generic} {own}: {error}");
    }
    assert!(plan("-output o").unwrap_err().contains("-input"));
    assert!(plan("-input i").unwrap_err().contains("-output"));
}
