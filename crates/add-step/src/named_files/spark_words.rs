//! The words of `spark-submit`: which of them is the program, and which name files.

use std::path::Path;

use emr_core::error::{Error, Result};

use super::relative::{Name, all_uploaded, path, uploaded};
use crate::files::LocalFiles;

/// The options that take a value, behind them or behind `=`. Others stand alone.
///
/// Source: `SparkSubmitOptionParser` of Spark
const WITH_VALUE: [&str; 36] = [
    "--archives",
    "--class",
    "--conf",
    "-c",
    "--deploy-mode",
    "--driver-class-path",
    "--driver-cores",
    "--driver-default-class-path",
    "--driver-java-options",
    "--driver-library-path",
    "--driver-memory",
    "--exclude-packages",
    "--executor-cores",
    "--executor-memory",
    "--files",
    "--jars",
    "--keytab",
    "--kill",
    "--master",
    "--name",
    "--num-executors",
    "--packages",
    "--principal",
    "--properties-file",
    "--proxy-user",
    "--py-files",
    "--queue",
    "--remote",
    "--repositories",
    "--status",
    "--total-executor-cores",
    "--executor-library-path",
    "--executor-java-options",
    "--executor-class-path",
    "--worker-memory",
    "--worker-cores",
];

/// The options that list files, and whether a `#` may name each.
const FILES: [(&str, Name); 4] =
    [("--archives", Name::Kept), ("--files", Name::Kept), ("--jars", Name::Free), ("--py-files", Name::Free)];

/// The options that name a file which `spark-submit` itself opens, on the master and nowhere else.
///
/// Source: `SparkSubmitArguments.mergeDefaultSparkProperties`, `SparkSubmit.prepareSubmitEnvironment` of Spark
const ON_MASTER: [&str; 2] = ["--keytab", "--properties-file"];

/// The class path of the driver, which colons separate. In cluster mode what `--files` and `--jars` name lies beside it.
const DRIVER_CLASSES: &str = "--driver-class-path";

/// What stands in the place of a program where Spark itself is it.
///
/// Source: `SparkSubmit.isInternal`, `isShell` of Spark
const OWN_PROGRAMS: [&str; 4] = ["spark-internal", "spark-shell", "pyspark-shell", "sparkr-shell"];

/// `command` where it is no `spark-submit`; else with the URIs of local files in place of their relative paths. The
/// arguments of the program stay as they are.
pub(super) fn with_uploads(command: Vec<String>, files: &mut LocalFiles) -> Result<Vec<String>> {
    if command.first().is_none_or(|program| program.rsplit('/').next() != Some("spark-submit")) {
        return Ok(command);
    }
    let beside = command.clone();
    let mut words = command.into_iter();
    let mut done: Vec<String> = words.next().into_iter().collect();
    while let Some(word) = words.next() {
        if !word.starts_with('-') {
            done.push(if OWN_PROGRAMS.contains(&word.as_str()) { word } else { uploaded(word, files)? });
            break;
        }
        let (option, value) =
            word.split_once('=').map_or((word.as_str(), None), |(option, value)| (option, Some(value)));
        if let Some(value) = value.filter(|_| WITH_VALUE.contains(&option)) {
            done.push(format!("{option}={}", of_option(option, value, &beside, files)?));
            continue;
        }
        let value = if WITH_VALUE.contains(&option) { words.next() } else { None };
        let value = value.map(|value| of_option(option, &value, &beside, files)).transpose()?;
        done.push(word);
        done.extend(value);
    }
    done.extend(words);
    Ok(done)
}

/// The value of `option` in `command`, its files uploaded where it lists some.
fn of_option(option: &str, value: &str, command: &[String], files: &mut LocalFiles) -> Result<String> {
    let is_out_of_reach = match option {
        DRIVER_CLASSES => value.split(':').any(|entry| is_left_here(entry, command)),
        _ => ON_MASTER.contains(&option) && path(value).is_some(),
    };
    if is_out_of_reach && !files.leaves_missing() {
        let text = format!("{option} {value} is no file on the master, where the step begins in an empty directory");
        return Err(Error::usage(text).advise(
            "put the file there by a bootstrap command and give its absolute path; --files and --conf travel",
        ));
    }
    match FILES.iter().find(|(listing, _)| *listing == option) {
        Some((_, name)) => all_uploaded(value, *name, files),
        None => Ok(value.to_owned()),
    }
}

/// Whether `entry` of a class path is a file here that no list of files in `command` takes along.
fn is_left_here(entry: &str, command: &[String]) -> bool {
    let is_listed = |option: &str, list: &str| {
        FILES.iter().any(|(listing, _)| *listing == option)
            && list.split([',', '#']).any(|item| item.rsplit('/').next() == Some(entry))
    };
    let travels = command.windows(2).any(|pair| is_listed(&pair[0], &pair[1]))
        || command.iter().filter_map(|word| word.split_once('=')).any(|(option, list)| is_listed(option, list));
    path(entry).is_some_and(Path::is_file) && !travels
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of `line` once they are uploaded, with UP for the folder of what is.
    fn told(line: &str) -> String {
        let mut files = LocalFiles::new(Some("s3://b/tmp/".to_owned()));
        let words = with_uploads(line.split(' ').map(str::to_owned).collect(), &mut files).unwrap();
        files.uploads().iter().fold(words.join(" "), |line, upload| {
            let uri = upload.to.to_string();
            line.replace(&uri[..=uri.rfind('/').unwrap()], "UP/")
        })
    }

    #[test]
    fn the_program_and_the_files_of_options_are_uploaded_and_arguments_are_not() {
        for (line, expected) in [
            ("spark-submit src/lib.rs src/main.rs", "spark-submit UP/lib.rs src/main.rs"),
            ("/usr/bin/spark-submit -v src/lib.rs", "/usr/bin/spark-submit -v UP/lib.rs"),
            (
                "spark-submit --py-files src/lib.rs,s3://b/x.zip --files=src/lib.rs --jars /none.jar s3://b/job.py src/lib.rs",
                "spark-submit --py-files UP/lib.rs,s3://b/x.zip --files=UP/lib.rs#lib.rs --jars /none.jar s3://b/job.py src/lib.rs",
            ),
            ("spark-submit --name none.rs --conf a=b /x.py none", "spark-submit --name none.rs --conf a=b /x.py none"),
            ("spark-submit --class org.x.Main spark-internal", "spark-submit --class org.x.Main spark-internal"),
            ("spark-submit --archives", "spark-submit --archives"),
            ("hive -f src/lib.rs", "hive -f src/lib.rs"),
        ] {
            assert_eq!(told(line), expected);
        }
    }

    #[test]
    fn a_program_or_a_file_that_is_not_here_is_refused() {
        let mut files = LocalFiles::new(Some("s3://b/tmp/".to_owned()));
        for line in [
            "spark-submit none.py",
            "spark-submit --py-files none.zip s3://b/x.py",
            "spark-submit --jars=a/b.jar /x.jar",
        ] {
            let error = with_uploads(line.split(' ').map(str::to_owned).collect(), &mut files).unwrap_err();
            assert!(error.to_string().contains("is not here") || error.to_string().contains("no file"), "{error}");
        }
    }

    #[test]
    fn a_file_that_spark_submit_opens_itself_has_to_be_on_the_master() {
        let mut files = LocalFiles::new(Some("s3://b/tmp/".to_owned()));
        let mut words = |line: &str| with_uploads(line.split(' ').map(str::to_owned).collect(), &mut files);
        for option in ["--properties-file x.conf", "--keytab=k.keytab", "--driver-class-path /x.jar:src/lib.rs"] {
            let error = words(&format!("spark-submit {option} s3://b/job.py")).unwrap_err();
            assert!(error.to_string().contains("is no file on the master"), "{error}");
            assert_eq!(error.outcome.exit_code(), 2);
        }
        for option in [
            "--properties-file /etc/x.conf",
            "--driver-class-path x.jar:/usr/lib/*",
            "--driver-class-path Cargo.toml --files Cargo.toml",
            "--jars=src/lib.rs --driver-class-path lib.rs",
        ] {
            words(&format!("spark-submit {option} s3://b/job.py")).unwrap();
        }
    }
}
