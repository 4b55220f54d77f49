//! mrjob's own examples.

use std::path::Path;

use serde_json::Value;

use crate::job::{Cluster, ONE_MAPPER, example};

/// An example with its arguments, and the runner of mrjob's that can run it here.
type Example = (&'static str, &'static [&'static str], &'static str);

const OF_ONE_STEP: [Example; 6] = [
    ("mr_wc.py", &[], "inline"),
    ("mr_word_freq_count.py", &[], "inline"),
    ("mr_count_lines_right.py", &[], "inline"),
    ("mr_grep.py", &["-e", "the \"end\""], "local"),
    ("mr_grep.py", &["--expression", "It's"], "local"),
    ("mr_words_containing_u_freq_count.py", &[], "local"),
];

const OF_SEVERAL_STEPS: [Example; 4] = [
    ("mr_most_used_word.py", &[], "inline"),
    ("mr_most_used_word.py", &["--stop-words-file", "stop.txt"], "inline"),
    ("mr_next_word_stats.py", &[], "inline"),
    // All lines are sampled: which of fewer would be chance.
    ("mr_log_sampler.py", &["--sample-size", "100"], "inline"),
];

fn give_the_lines_that_mrjob_gives(examples: &[Example]) {
    let cluster = Cluster::start(&[]);
    cluster.sandbox.file("stop.txt", "the\nfox\n");
    for (name, args, runner) in examples {
        let script = example(name);
        let ours = cluster.lines(&script, &[&["--input", "in.txt"], &ONE_MAPPER[..], &["--"], args].concat());
        assert!(!ours.is_empty(), "{name}");
        assert_eq!(ours, cluster.peer(runner, &script, &[args, &["in.txt"][..]].concat()), "{name} {args:?}");
    }
}

#[test]
fn examples_of_one_step_give_the_lines_that_mrjob_gives() {
    give_the_lines_that_mrjob_gives(&OF_ONE_STEP);
}

#[test]
fn examples_of_several_steps_give_the_lines_that_mrjob_gives() {
    give_the_lines_that_mrjob_gives(&OF_SEVERAL_STEPS);
}

#[test]
fn a_job_may_be_named_by_its_module() {
    let cluster = Cluster::start(&[]);
    let (waited, added) = cluster.run(Path::new("mrjob.examples.mr_wc"), &["--input", "in.txt"]);
    waited.ok();
    assert!(added[0]["name"].as_str().unwrap().starts_with("mr_wc run:"), "{added:?}");
    assert!(cluster.output(added[0]["output"].as_str().unwrap()).contains("\"lines\"\t4"));
}

#[test]
fn a_count_of_lines_by_file_knows_the_files_names() {
    let cluster = Cluster::start(&[]);
    cluster.sandbox.file("two.txt", "a\nb\n");
    let lines = cluster.lines(&example("mr_count_lines_by_file.py"), &["--input", "in.txt", "--input", "two.txt"]);
    let counts: Vec<_> = lines.iter().map(|line| line.rsplit('/').next().unwrap()).collect();
    assert_eq!(counts.len(), 2);
    assert!(counts.contains(&"in.txt\"\t4") && counts.contains(&"two.txt\"\t2"), "{lines:?}");
}

#[test]
fn a_count_that_is_wrong_is_wrong_by_the_number_of_mappers_alone() {
    let cluster = Cluster::start(&[]);
    let lines = cluster.lines(&example("mr_count_lines_wrong.py"), &["--input", "in.txt"]);
    let counts = lines.iter().map(|line| line.strip_prefix("null\t").unwrap().parse::<u32>().unwrap());
    assert_eq!(counts.sum::<u32>(), 4);
}

#[test]
fn a_classifier_opens_documents_by_itself() {
    let cluster = Cluster::start(&[]);
    let script = example("mr_text_classifier.py");
    let docs = script.with_file_name("docs-to-classify");
    let mut all: Vec<_> = std::fs::read_dir(&docs).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort_unstable();
    let all: Vec<_> = all[..6].iter().map(|path| path.to_str().unwrap()).collect();
    // Half from here, half from S3, where they have to be listed.
    let (local, remote) = all.split_at(3);
    for path in remote {
        let name = Path::new(path).file_name().unwrap().to_str().unwrap();
        cluster.sandbox.put(&format!("docs/{name}"), Path::new(path));
    }
    let expected = told_apart(&cluster.peer("inline", &script, &all));
    assert!(expected.len() > 10);
    let local: Vec<_> = local.iter().flat_map(|path| ["--input", path]).collect();
    for input in ["s3://bucket/docs/", "s3://bucket/d*s/*.txt"] {
        let ours = cluster.lines(&script, &[&local[..], &["--input", input]].concat());
        assert_eq!(told_apart(&ours), expected, "{input}");
    }
}

/// The keys and values of lines, with floats to nine digits and names in their order: in which order parts come decides how
/// their sum is rounded, and which name is first.
fn told_apart(lines: &[String]) -> Vec<String> {
    let mut apart: Vec<String> = lines
        .iter()
        .map(|line| {
            let (key, value) = line.split_once('\t').unwrap();
            format!("{key}\t{}", rounded(serde_json::from_str(value).unwrap()))
        })
        .collect();
    apart.sort_unstable();
    apart
}

fn rounded(mut value: Value) -> Value {
    value.sort_all_objects();
    match value {
        Value::Number(number) if number.is_f64() => format!("{:.9}", number.as_f64().unwrap()).into(),
        Value::Array(values) => values.into_iter().map(rounded).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, rounded(value))).collect(),
        other => other,
    }
}

#[test]
fn a_job_that_fails_says_so_and_has_no_output() {
    let cluster = Cluster::start(&[]);
    let (waited, added) = cluster.run(&example("mr_boom.py"), &["--input", "in.txt"]);
    assert_eq!(waited.code, Some(1), "{waited:?}");
    assert_eq!(waited.record()["state"], "FAILED");
    assert!(waited.stderr.contains("BOOM"), "{waited:?}");
    assert_eq!(cluster.output(added[0]["output"].as_str().unwrap()), "");
}

#[test]
fn steps_of_java_are_handed_to_hadoop_and_refused_by_the_sandbox_by_name() {
    let cluster = Cluster::start(&[]);
    for (name, words) in [
        ("mr_jar_step_example.py", "hadoop-mapreduce-examples.jar"),
        ("mr_nick_nack.py", "nicknack.MultipleValueOutputFormat"),
        ("mr_nick_nack_input_format.py", "nicknack.ManifestTextInputFormat"),
    ] {
        let (waited, added) = cluster.run(&example(name), &["--input", "in.txt"]);
        assert_eq!(waited.code, Some(1), "{waited:?}");
        assert!(waited.stderr.contains(words) || waited.stdout.contains(words), "{waited:?}");
        assert_eq!(cluster.output(added.last().unwrap()["output"].as_str().unwrap()), "");
        if name.starts_with("mr_nick_nack") {
            assert_eq!(Cluster::take_jars(&added).len(), 1);
        }
    }
}
