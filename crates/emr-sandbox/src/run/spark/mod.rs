//! Spark, if this machine has one, with `s3://` and `hdfs://` paths, and with this machine in place of YARN.
//!
//! - [`settings`] tells Spark where the sandbox's S3 and the cluster's HDFS are; [`installation`] finds the local
//!   Spark, whose own settings are kept; [`defaults`] joins these with the cluster's
//! - `spark-env.sh` is a hook that Spark's own scripts read. It removes options that select YARN, whether Spark is
//!   started by the step, a script, or a Python program that makes its own session
//! - [`driver`] moves the output of a driver in cluster mode to where EMR has it, and its files to where YARN puts them
//!
//! All steps get the settings, because it is not known beforehand which of them start Spark.

mod defaults;
mod driver;
mod installation;
mod settings;

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

pub(crate) use self::defaults::SparkDefaults;
pub(super) use self::driver::{archive, localize};
pub(super) use self::installation::Installation;
use self::settings::S3Client;
use super::failure::Failure;
use super::filesystem;
use super::workplace::Workplace;

/// The program that submits an application.
pub(super) const SUBMIT: &str = "spark-submit";

const ENVIRONMENT: &str = include_str!("spark-env.sh");

/// Makes a Spark that `command` may start find the sandbox.
pub(super) fn set_on(workplace: &Workplace<'_>, command: &mut Command) -> Result<(), Failure> {
    let Some(installation) = workplace.machine.spark() else {
        return Ok(());
    };
    let client = installation.s3_client();
    let conf = workplace.logs.dir().with_file_name("spark-conf");
    let texts = settings::texts(workplace, command);
    let buckets = settings::names(&texts, &settings::S3_SCHEMES);
    let existing = workplace.store().bucket_names();
    let site = settings::core_site(
        workplace.machine.environment().endpoint(),
        workplace.hdfs(),
        client,
        &existing.into_iter().chain(buckets).collect(),
        &settings::names(&texts, &["hdfs"]),
    );
    let defaults = &workplace.spark_defaults;
    for name in defaults::left_out(defaults) {
        let message = format!("left out {name} of the cluster's spark-defaults: this machine is the whole cluster");
        workplace.logs.log("controller", "INFO", "Spark", &message);
    }
    write(&conf, installation, defaults, &site).map_err(|error| Failure::io("the settings of Spark", &error))?;
    command.env("SPARK_CONF_DIR", &conf);
    if let Some(outer) = installation.conf() {
        command.env("EMR_SANDBOX_OUTER_SPARK_CONF", outer);
    }
    command.env("EMR_SANDBOX_S3_CLIENT", client.words());
    command.env("EMR_SANDBOX_CONTROLLER_LOG", workplace.logs.path("controller"));
    command.env("EMR_SANDBOX_DRIVERS", driver::folder(workplace));
    // The driver and its web pages listen on loopback only, as the sandbox does.
    command.env("SPARK_LOCAL_IP", "127.0.0.1");
    // Java writes characters outside its locale's charset as `?`. EMR's locale is UTF-8.
    if std::env::var_os("LC_ALL").is_none() {
        command.env("LC_CTYPE", "C.UTF-8");
    }
    // The user in whose home directory relative HDFS paths start.
    command.env("HADOOP_USER_NAME", filesystem::USER);
    Ok(())
}

/// Writes the configuration directory: the sandbox's settings, the installation's own, and the cluster's.
fn write(conf: &Path, installation: &Installation, cluster: &SparkDefaults, core_site: &str) -> io::Result<()> {
    fs::create_dir_all(conf)?;
    let mut own = String::new();
    for file in installation.conf_files() {
        match file.file_name().and_then(|name| name.to_str()) {
            Some("spark-defaults.conf") => own = fs::read_to_string(&file)?,
            Some("spark-env.sh" | "core-site.xml") | None => {}
            Some(name) => {
                fs::copy(&file, conf.join(name))?;
            }
        }
    }
    fs::write(conf.join("spark-defaults.conf"), defaults::text(&own, cluster))?;
    fs::write(conf.join("core-site.xml"), core_site)?;
    fs::write(conf.join("spark-env.sh"), ENVIRONMENT)
}

impl S3Client {
    /// Words for the controller's log.
    fn words(self) -> &'static str {
        match self {
            Self::S3a => "by S3A, whose jar Spark has",
            Self::WebHdfs => "by WebHDFS of this sandbox: Spark has no jar of S3A, hadoop-aws, of its Hadoop's version",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words that remain after Spark's scripts have read the hook, the controller's log, and whether a driver's log
    /// exists.
    fn hook(words: &[&str]) -> (String, String, bool) {
        let dir = tempfile::tempdir().unwrap();
        let (log, drivers) = (dir.path().join("controller"), dir.path().join("drivers"));
        fs::write(dir.path().join("spark-env.sh"), ENVIRONMENT).unwrap();
        // As Spark does: from a sourced file, with all variables exported.
        fs::write(dir.path().join("load.sh"), "set -a\n. \"$HOOK/spark-env.sh\"\nset +a\n").unwrap();
        let script =
            "exec 3>&1\n. \"$HOOK/load.sh\"\nprintf '[%s]' \"$@\" >&3\nenv | grep -cE '^(BASH_FUNC_)?emr_sandbox' >&3";
        let ran = Command::new("bash")
            .args(["-c", script, "spark-class"])
            .args(words)
            .env("HOOK", dir.path())
            .env("EMR_SANDBOX_CONTROLLER_LOG", &log)
            .env("EMR_SANDBOX_DRIVERS", &drivers)
            .env("EMR_SANDBOX_S3_CLIENT", "somehow")
            .output()
            .unwrap();
        let stdout = String::from_utf8(ran.stdout).unwrap();
        let words = stdout.strip_suffix("0\n").unwrap().to_owned();
        let said = fs::read_to_string(log).unwrap();
        (words, said, drivers.join("1/stderr").exists())
    }

    #[test]
    fn options_that_select_yarn_are_left_out_and_logged() {
        let class = "org.apache.spark.deploy.SparkSubmit";
        let (words, said, is_cluster) = hook(&[
            class,
            "--deploy-mode",
            "cluster",
            "--master=yarn",
            "--name",
            "two words",
            "--verbose",
            "--conf",
            "spark.master=yarn",
            "-c",
            "a=b",
            "s3://b/job.py",
            "--master",
            "yarn",
            "",
        ]);
        assert_eq!(words, format!("[{class}][--name][two words][--verbose][-c][a=b][s3://b/job.py][--master][yarn][]"));
        assert!(is_cluster);
        assert!(said.contains("left out --deploy-mode cluster --master=yarn --conf spark.master=yarn: "), "{said}");
    }

    #[test]
    fn other_masters_and_other_programs_keep_their_options() {
        for words in [
            &["--master", "local[2]", "--deploy-mode", "client", "x.py"][..],
            &["org.apache.spark.deploy.SparkSubmit", "--class", "C", "-S", "-e", "select 1", "--hivevar", "a=b"],
            &["org.apache.spark.deploy.master.Master", "--master", "yarn"],
            &["--master"],
        ] {
            let (kept, said, is_cluster) = hook(words);
            assert_eq!(kept, format!("[{}]", words.join("][")));
            assert!(!is_cluster && !said.contains("left out"), "{said}");
        }
    }
}
