//! Recognizes Hadoop streaming steps by jar and arguments, with their inputs and outputs.

use crate::model::s3_uri::S3Uri;

/// The jar that runs a program on the master, on release labels.
pub const COMMAND_RUNNER: &str = "command-runner.jar";

/// Whether `jar` is the command runner, EMR's or a copy of it elsewhere.
#[must_use]
pub fn is_command_runner(jar: &str) -> bool {
    jar == COMMAND_RUNNER || jar.ends_with(&format!("/{COMMAND_RUNNER}"))
}

/// Whether a step with this `jar` and these arguments is a streaming step. A custom jar is recognized by its arguments.
#[must_use]
pub fn is_streaming(jar: &str, args: &[String]) -> bool {
    if is_command_runner(jar) {
        return args.first().is_some_and(|arg| arg == "hadoop-streaming");
    }
    let has = |option: &str| values(args, option).next().is_some();
    jar.contains("hadoop-streaming") || (has("mapper") && has("input") && has("output"))
}

/// A word of a streaming job that is the value of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value<'a> {
    /// The option, without dashes.
    pub option: &'static str,
    /// The value.
    pub value: &'a str,
    /// The number of the word, counted from 0.
    pub number: usize,
    /// What the word says before the value: `-files=`, `-D`, or nothing.
    pub before: &'a str,
}

/// The values of all options of a streaming job, in their order. A wrong word is passed over.
///
/// Source: `GenericOptionsParser` of Hadoop and `StreamJob` of Hadoop streaming, with the parsers of commons-cli
#[must_use]
pub fn all_values(args: &[String]) -> impl DoubleEndedIterator<Item = Value<'_>> {
    let is_option = |word: &str| own_option(word).is_some() || generic_option(word).is_some();
    let mut all = Vec::new();
    let mut words = args.iter().map(String::as_str).enumerate().peekable();
    while let Some((number, word)) = words.next() {
        if let Some((option, joined)) = generic_option(word) {
            if let Some(value) = joined {
                let before = &word[..word.len() - value.len()];
                all.push(Value { option, value, number, before });
            } else if let Some((number, value)) = words.next() {
                all.push(Value { option, value, number, before: "" });
            }
        } else if let Some((option, values)) = own_option(word) {
            for _ in 0..values.most() {
                let Some((number, value)) = words.next_if(|(_, next)| !is_option(next)) else { break };
                all.push(Value { option, value, number, before: "" });
            }
        }
    }
    all.into_iter()
}

/// The values of `option`, which is written without dashes.
#[must_use]
pub fn values<'a>(args: &'a [String], option: &'a str) -> impl DoubleEndedIterator<Item = &'a str> {
    all_values(args).filter(move |value| value.option == option).map(|value| value.value)
}

/// How many values an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// It stands alone.
    None,
    /// One.
    One,
    /// All words up to the next option.
    Many,
}

impl Values {
    /// The most values that an option takes.
    #[must_use]
    pub fn most(self) -> usize {
        match self {
            Self::None => 0,
            Self::One => 1,
            Self::Many => usize::MAX,
        }
    }
}

/// The options of all Hadoop programs. Each takes one value.
const GENERIC: [&str; 8] = ["D", "files", "libjars", "archives", "conf", "fs", "jt", "tokenCacheFile"];

/// Streaming's own options. Source: `StreamJob.setupOptions`.
const OWN: [(&str, Values); 26] = [
    ("input", Values::Many),
    ("output", Values::One),
    ("mapper", Values::One),
    ("combiner", Values::One),
    ("reducer", Values::One),
    ("file", Values::Many),
    ("dfs", Values::One),
    ("additionalconfspec", Values::One),
    ("inputformat", Values::One),
    ("outputformat", Values::One),
    ("partitioner", Values::One),
    ("numReduceTasks", Values::One),
    ("inputreader", Values::One),
    ("mapdebug", Values::One),
    ("reducedebug", Values::One),
    ("jobconf", Values::One),
    ("cmdenv", Values::One),
    ("cacheFile", Values::Many),
    ("cacheArchive", Values::Many),
    ("io", Values::One),
    ("background", Values::None),
    ("verbose", Values::None),
    ("info", Values::None),
    ("debug", Values::None),
    ("help", Values::None),
    ("lazyOutput", Values::None),
];

/// A word as an option of all Hadoop programs, with the value in the same word: `-Dname=value`, `--files=a`.
#[must_use]
pub fn generic_option(word: &str) -> Option<(&'static str, Option<&str>)> {
    let text = word.strip_prefix("--").or_else(|| word.strip_prefix('-'))?;
    let find = |name: &str| GENERIC.into_iter().find(|known| *known == name);
    if let Some(name) = find(text) {
        return Some((name, None));
    }
    if let Some((name, value)) = text.split_once('=').and_then(|(name, value)| Some((find(name)?, value))) {
        return Some((name, Some(value)));
    }
    text.strip_prefix('D').map(|setting| ("D", Some(setting)))
}

/// A word as an option of streaming's own.
#[must_use]
pub fn own_option(word: &str) -> Option<(&'static str, Values)> {
    let name = word.strip_prefix("--").or_else(|| word.strip_prefix('-'))?;
    OWN.into_iter().find(|(known, _)| *known == name)
}

/// The output of a streaming step.
#[must_use]
pub fn output<'a>(jar: &str, args: &'a [String]) -> Option<&'a str> {
    values(args, "output").next_back().filter(|_| is_streaming(jar, args))
}

/// The same, if it is on S3. In a job of several steps, all but the last usually write to HDFS.
#[must_use]
pub fn output_on_s3<'a>(jar: &str, args: &'a [String]) -> Option<&'a str> {
    output(jar, args).filter(|output| output.parse::<S3Uri>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_streaming_step_is_recognized_by_jar_or_arguments() {
        let job = "-mapper cat -input s3://b/in -output s3://b/out";
        for (jar, line) in [
            ("command-runner.jar", format!("hadoop-streaming {job}")),
            ("s3://b/command-runner.jar", format!("hadoop-streaming {job}")),
            ("/home/hadoop/contrib/streaming/hadoop-streaming.jar", job.to_owned()),
            ("s3://b/own.jar", job.to_owned()),
        ] {
            assert_eq!(output(jar, &args(&line)), Some("s3://b/out"), "{jar}");
        }
        for (jar, line) in [("command-runner.jar", format!("x {job}")), ("own.jar", "-output s3://b/out".to_owned())] {
            assert_eq!(output(jar, &args(&line)), None, "{jar}");
        }
    }

    #[test]
    fn options_are_read_as_hadoop_reads_them() {
        let line = args("hadoop-streaming -Da=1 -D b=2 --files=x,y -archives z --input i j -mapper -x --output o");
        let told: Vec<_> = all_values(&line).map(|all| (all.option, all.before, all.value, all.number)).collect();
        let expected = [
            ("D", "-D", "a=1", 1),
            ("D", "", "b=2", 3),
            ("files", "--files=", "x,y", 4),
            ("archives", "", "z", 6),
            ("input", "", "i", 8),
            ("input", "", "j", 9),
            ("mapper", "", "-x", 11),
            ("output", "", "o", 13),
        ];
        assert_eq!(told, expected);
        assert_eq!(values(&args("-lazyOutput x -input -output o"), "input").next(), None);
        assert!(is_streaming("s3://b/own.jar", &args("--mapper cat --input i --output o")));
    }

    #[test]
    fn of_several_outputs_the_last_counts_and_it_may_not_be_on_s3() {
        let line = args("hadoop-streaming -output s3://b/one -output hdfs:///two");
        assert_eq!(output(COMMAND_RUNNER, &line), Some("hdfs:///two"));
        assert_eq!(output_on_s3(COMMAND_RUNNER, &line), None);
        assert_eq!(output_on_s3(COMMAND_RUNNER, &line[..3]), Some("s3://b/one"));
    }
}
