//! The arguments of Hadoop streaming that name files: its lists of files, archives and jars, and its inputs.

use std::path::Path;

use emr_core::error::{Error, Result};
use emr_core::hadoop_glob;
use emr_core::streaming_step::{self, Value};

use super::relative::{Name, all_uploaded, missing, path, refuse_doubtful};
use crate::files::LocalFiles;
use crate::places;
use crate::streaming::Subfolders;

/// `args`, with the URIs of local files in place of their relative paths.
pub(super) fn with_uploads(args: &[String], files: &mut LocalFiles) -> Result<Vec<String>> {
    let subfolders = Subfolders::of(&properties(args));
    let mut done = args.to_vec();
    for Value { option, value, number, before } in streaming_step::all_values(args) {
        let value = match option {
            "files" | "archives" => all_uploaded(value, Name::Kept, files)?,
            "libjars" => all_uploaded(value, Name::Free, files)?,
            "input" => inputs(value, subfolders, files)?,
            // It may be a path of HDFS's.
            "output" if files.leaves_missing() => continue,
            "output" => places::check_output(value).map(|()| value.to_owned())?,
            "file" if path(value).is_some() => return Err(not_on_master(value)),
            _ => continue,
        };
        done[number] = format!("{before}{value}");
    }
    if let Some(class) = class_out_of_reach(&done) {
        emr_cli::warn(&format!(
            "Hadoop looks for the class {class} on the master, where jars on S3 are not; use --streaming with --libjars, \
             which fetches them, or put the jar there by a bootstrap command"
        ));
    }
    Ok(done)
}

/// A class of the user's own that Hadoop needs where the job is submitted, and that stands in no jar there: of jars on S3
/// only the tasks get the classes. It passes over a partitioner that it does not find, and says nothing.
///
/// Source: `GenericOptionsParser.getLibJars` of Hadoop, `StreamJob.setJobConf` of Hadoop streaming
fn class_out_of_reach(args: &[String]) -> Option<&str> {
    let is_remote = streaming_step::values(args, "libjars").any(|jars| jars.contains("://"));
    let classes = ["partitioner", "inputformat", "outputformat"];
    let mut named = classes.into_iter().flat_map(|option| streaming_step::values(args, option));
    named.find(|class| is_remote && class.contains('.') && !class.starts_with("org.apache.hadoop."))
}

/// Streaming's own option, which is not Hadoop's.
fn not_on_master(path: &str) -> Error {
    let text = format!("Hadoop takes '-file {path}' from the master, where the step begins in an empty directory");
    Error::usage(text).advise(format!("give -files {path} in its place, before the other options"))
}

/// `list`, one local input or several that commas separate, each as [`input`] has it.
fn inputs(list: &str, subfolders: Subfolders, files: &mut LocalFiles) -> Result<String> {
    if path(list).is_some_and(Path::exists) {
        return input(list, subfolders, files);
    }
    let each = hadoop_glob::paths(list).map(|path| input(path, subfolders, files));
    Ok(each.collect::<Result<Vec<_>>>()?.join(","))
}

/// `written`, or the URIs of the folders that a local input becomes. Such a path may lead below the user's home in HDFS
/// as well: the local one is what somebody sees.
fn input(written: &str, subfolders: Subfolders, files: &mut LocalFiles) -> Result<String> {
    let Some(path) = path(written) else {
        refuse_doubtful(written)?;
        return places::check_scheme(written).map(|()| written.to_owned());
    };
    if !path.exists() && files.leaves_missing() {
        return Ok(written.to_owned());
    }
    if !path.exists() && !hadoop_glob::is_glob(written) {
        return Err(missing(path).advise("write hdfs:///user/hadoop/PATH for a path in HDFS"));
    }
    let uris = files.add_input(path, subfolders)?.join(",");
    emr_cli::say(&format!("{written} is a local input: the step gets {uris}"));
    Ok(uris)
}

/// What `-D` sets.
fn properties(args: &[String]) -> Vec<(String, String)> {
    let set = streaming_step::values(args, "D").filter_map(|setting| setting.split_once('='));
    set.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_however_their_option_is_spelt() {
        let mut files = LocalFiles::new(Some("s3://b/tmp/".to_owned()));
        let line = "-files=src/lib.rs --archives src/main.rs --input src/lib.rs -output s3://b/out";
        let split = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let words = with_uploads(&split(line), &mut files).unwrap();
        assert!(words[0].starts_with("-files=s3://b/tmp/files/") && words[0].ends_with("#lib.rs"), "{words:?}");
        assert!(words[2].starts_with("s3://b/tmp/files/"), "{words:?}");
        assert!(words[4].starts_with("s3://b/tmp/inputs/"), "{words:?}");
        for wrong in ["-files=none", "--input none", "--output none"] {
            assert_eq!(with_uploads(&split(wrong), &mut files).unwrap_err().outcome.exit_code(), 2, "{wrong}");
        }
    }

    #[test]
    fn properties_are_found_in_one_word_too() {
        let args = ["-Da=1", "-D", "b=2", "-D=c=3"].map(str::to_owned);
        let expected = [("a", "1"), ("b", "2"), ("c", "3")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(properties(&args), expected);
    }

    #[test]
    fn a_class_in_a_jar_on_s3_is_out_of_reach_where_the_job_is_submitted() {
        let args = |class: &str, jar: &str| ["-libjars", jar, "-partitioner", class].map(str::to_owned).to_vec();
        assert_eq!(class_out_of_reach(&args("org.x.P", "s3://b/x.jar")), Some("org.x.P"));
        assert_eq!(class_out_of_reach(&args("org.x.P", "/home/hadoop/x.jar")), None);
        assert_eq!(class_out_of_reach(&args("org.apache.hadoop.mapred.lib.HashPartitioner", "s3://b/x.jar")), None);
    }
}
