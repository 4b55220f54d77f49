//! Drivers in cluster mode. YARN runs them in containers, with their files in the working directory and with their own
//! logs, which are not in the step's logs.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::Local;

use crate::run::failure::Failure;
use crate::run::workplace::Workplace;

/// The options whose files YARN puts into the driver's working directory.
const FILES: [&str; 3] = ["--files", "--py-files", "--archives"];

/// Where the hook in Spark's scripts writes the output of drivers, each in a numbered directory.
pub(super) fn folder(workplace: &Workplace<'_>) -> PathBuf {
    workplace.containers.with_file_name("drivers")
}

/// Moves the output of the drivers to where EMR has it, and writes YARN's client messages to the step's standard error.
pub(in crate::run) fn archive(workplace: &Workplace<'_>, is_success: bool) {
    let drivers = (1..).map(|number: u32| folder(workplace).join(number.to_string()));
    for driver in drivers.take_while(|driver| driver.is_dir()) {
        let number = workplace.machine.new_application();
        let application = workplace.containers.join(format!("application_{number}"));
        let container = application.join(format!("container_{number}_01_000001"));
        let moved = fs::create_dir_all(&application).and_then(|()| fs::rename(&driver, container));
        if let Err(error) = moved {
            log::warn!("cannot move the driver's output {}: {error}", driver.display());
        }
        for line in yarn_says(&number, is_success) {
            workplace.logs.write_line("stderr", &line);
        }
    }
}

/// The lines that Spark's YARN client logs about an application.
fn yarn_says(number: &str, is_success: bool) -> Vec<String> {
    let time = Local::now().format("%y/%m/%d %H:%M:%S");
    let application = format!("application_{number}");
    let mut lines = vec![
        format!("{time} INFO YarnClientImpl: Submitted application {application}"),
        format!("{time} INFO Client: Application report for {application} (state: FINISHED)"),
    ];
    if !is_success {
        lines.push(format!(
            "{time} ERROR Client: Application diagnostics message: User application exited with status 1"
        ));
        lines.push(format!(
            "Exception in thread \"main\" org.apache.spark.SparkException: Application {application} finished with \
             failed status\n\tat org.apache.spark.deploy.yarn.Client.run(Client.scala:1321)"
        ));
        lines.push(format!("{time} INFO ShutdownHookManager: Shutdown hook called"));
    }
    lines
}

/// The arguments of a `spark-submit`. In cluster mode, objects in its file options are replaced by copies in the
/// working directory, as on YARN. Other arguments stay: Spark reads `s3://` itself.
pub(in crate::run) fn localize(workplace: &Workplace<'_>, args: &[String]) -> Result<Vec<String>, Failure> {
    if !is_cluster(args) {
        return Ok(args.to_vec());
    }
    let is_value = |index: usize| index > 0 && FILES.contains(&args[index - 1].as_str());
    let localized = args.iter().enumerate().map(|(index, arg)| {
        if !is_value(index) {
            return Ok(arg.clone());
        }
        let files = arg.split(',').map(|file| localize_file(workplace, file));
        files.collect::<Result<Vec<_>, _>>().map(|files| files.join(","))
    });
    localized.collect()
}

fn is_cluster(args: &[String]) -> bool {
    args.windows(2).any(|pair| pair == ["--deploy-mode", "cluster"])
        || args.iter().any(|arg| arg == "--deploy-mode=cluster" || arg.ends_with("spark.submit.deployMode=cluster"))
}

/// Copies an object if it exists; otherwise Spark reports it. `#name` names the copy.
fn localize_file(workplace: &Workplace<'_>, uri: &str) -> Result<String, Failure> {
    let (object, name) = uri.split_once('#').unwrap_or((uri, ""));
    let is_s3 = ["s3://", "s3a://", "s3n://"].iter().any(|scheme| object.starts_with(scheme));
    if !is_s3 || workplace.file(object).is_err() {
        return Ok(uri.to_owned());
    }
    let own_name = Path::new(object).file_name().unwrap_or("file".as_ref());
    let local = workplace.dir.join(own_name);
    workplace.fetch(object, &local)?;
    let local = local.to_string_lossy();
    Ok(if name.is_empty() { local.into_owned() } else { format!("{local}#{name}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_application_is_reported_as_on_emr() {
        let said = yarn_says("1701449857544_0007", false).join("\n");
        assert!(
            said.contains("SparkException: Application application_1701449857544_0007 finished with failed status")
        );
        assert!(!yarn_says("1_0001", true).join("\n").contains("Exception"));
    }

    #[test]
    fn cluster_mode_is_recognised_by_its_options() {
        let is = |line: &str| is_cluster(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert!(is("--master yarn --deploy-mode cluster s3://b/job.py"));
        assert!(is("--deploy-mode=cluster x.py"));
        assert!(is("--conf spark.submit.deployMode=cluster x.py"));
        assert!(!is("--deploy-mode client cluster"));
    }
}
