//! The words of `spark-submit`: which of them is the program, and which name files.

use emr_core::error::Result;

use super::relative::{Name, all_uploaded, uploaded};
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
            done.push(format!("{option}={}", of_option(option, value, files)?));
            continue;
        }
        let value = if WITH_VALUE.contains(&option) { words.next() } else { None };
        let value = value.map(|value| of_option(option, &value, files)).transpose()?;
        done.push(word);
        done.extend(value);
    }
    done.extend(words);
    Ok(done)
}

/// The value of `option`, its files uploaded where it lists some.
fn of_option(option: &str, value: &str, files: &mut LocalFiles) -> Result<String> {
    match FILES.iter().find(|(listing, _)| *listing == option) {
        Some((_, name)) => all_uploaded(value, *name, files),
        None => Ok(value.to_owned()),
    }
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
}
