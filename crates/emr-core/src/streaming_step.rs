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
    jar.contains("hadoop-streaming") || (has("-mapper") && has("-input") && has("-output"))
}

/// The value after each `option` in `args`.
#[must_use]
pub fn values<'a>(args: &'a [String], option: &'a str) -> impl DoubleEndedIterator<Item = &'a str> {
    args.windows(2).filter(move |pair| pair[0] == option).map(|pair| pair[1].as_str())
}

/// The output of a streaming step.
#[must_use]
pub fn output<'a>(jar: &str, args: &'a [String]) -> Option<&'a str> {
    values(args, "-output").next_back().filter(|_| is_streaming(jar, args))
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
    fn of_several_outputs_the_last_counts_and_it_may_not_be_on_s3() {
        let line = args("hadoop-streaming -output s3://b/one -output hdfs:///two");
        assert_eq!(output(COMMAND_RUNNER, &line), Some("hdfs:///two"));
        assert_eq!(output_on_s3(COMMAND_RUNNER, &line), None);
        assert_eq!(output_on_s3(COMMAND_RUNNER, &line[..3]), Some("s3://b/one"));
    }
}
