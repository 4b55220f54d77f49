//! Replaces Amazon's bootstrap actions for AMI versions by what release labels have instead.
//!
//! On AMI versions they run unchanged. On release labels they fail or do harm: applications and configurations have
//! replaced them. Without this module, a cluster from a configuration file of mrjob 0.4 would fail to bootstrap.
//!
//! Sources: <https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-3x-customizeappconfig.html>, and the release
//! history of each application, such as
//! <https://docs.aws.amazon.com/emr/latest/ReleaseGuide/Ganglia-release-history.html>

mod configure_hadoop;
mod replacement;

use replacement::Replacement;

use crate::error::{Error, Result};
use crate::launch::configurations;
use crate::model::job_flow::{BootstrapAction, JobFlow, Software};

/// Adds the replacement of `action` to `job_flow` and returns warnings about it; `None` if `action` runs unchanged.
pub(super) fn replace(job_flow: &mut JobFlow, action: &BootstrapAction) -> Result<Option<Vec<String>>> {
    let made = match verdict(&job_flow.software, &action.path, &action.args)? {
        Verdict::Keep => return Ok(None),
        Verdict::Instead(made) => made,
    };
    for (classification, properties) in made.configurations {
        configurations::add(&mut job_flow.configurations, classification, properties);
    }
    if let Software::Release { applications, .. } = &mut job_flow.software {
        let new = made.application.filter(|new| !applications.iter().any(|old| old.eq_ignore_ascii_case(new)));
        applications.extend(new.map(str::to_owned));
    }
    Ok(Some(made.warnings))
}

/// What happens to a bootstrap action.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// It runs unchanged.
    Keep,
    /// This replaces it.
    Instead(Replacement),
}

/// A script that installs an application.
struct Installed {
    /// The script's name.
    script: &'static str,
    /// The application, by EMR's name.
    application: &'static str,
    /// The first release that has it.
    since: (u32, u32),
    /// The last release that has it, if it was dropped, and what to do on later ones.
    last: Option<((u32, u32), &'static str)>,
}

const INSTALLED: &[Installed] = &[
    Installed {
        script: "install-ganglia",
        application: "Ganglia",
        since: (4, 2),
        last: Some((
            (6, 15),
            "use --application AmazonCloudWatchAgent (emr-7.0.0 and later), Prometheus, or a release up to emr-6.15.0",
        )),
    },
    Installed { script: "hive-script", application: "Hive", since: (4, 0), last: None },
    Installed { script: "install-hive", application: "Hive", since: (4, 0), last: None },
    Installed { script: "install-hue", application: "Hue", since: (4, 0), last: None },
    Installed { script: "install-pig", application: "Pig", since: (4, 0), last: None },
    Installed { script: "install-spark", application: "Spark", since: (4, 0), last: None },
    Installed { script: "pig-script", application: "Pig", since: (4, 0), last: None },
    Installed { script: "setup-hbase", application: "HBase", since: (4, 6), last: None },
];

/// What happens to the bootstrap action `path` with `args` on `software`.
fn verdict(software: &Software, path: &str, args: &[String]) -> Result<Verdict> {
    let Some(script) = script(path) else { return Ok(Verdict::Keep) };
    if matches!(software, Software::Ami { .. }) {
        return Ok(Verdict::Keep);
    }
    if let Some(installed) = INSTALLED.iter().find(|installed| installed.script == script) {
        return application(software, installed, args).map(Verdict::Instead);
    }
    match script {
        "configure-hadoop" => configure_hadoop::replacement(software, args).map(Verdict::Instead),
        "configure-daemons" => Err(gone(script, software).advise(
            "set HADOOP_NAMENODE_HEAPSIZE and the like with --emr-configuration, in hadoop-env or yarn-env below export",
        )),
        "setup-impala" => Err(gone(script, software).advise("use --application Presto or Trino")),
        "memory-intensive" => {
            Err(gone(script, software).advise("leave it out, or set what is needed with --emr-configuration"))
        }
        _ => Ok(Verdict::Keep),
    }
}

/// The name of the script, if `path` is in one of Amazon's buckets (one a region) or on EMR's own disk images.
fn script(path: &str) -> Option<&str> {
    let (scheme, rest) = path.split_once("://")?;
    let (bucket, key) = rest.split_once('/')?;
    let is_amazon_s = match scheme {
        "s3" | "s3n" | "s3a" => bucket == "elasticmapreduce" || bucket.ends_with(".elasticmapreduce"),
        "file" => key.starts_with("usr/share/aws/emr/"),
        _ => false,
    };
    key.rsplit('/').next().filter(|_| is_amazon_s)
}

fn application(software: &Software, installed: &Installed, args: &[String]) -> Result<Replacement> {
    let Installed { script, application, since, last } = installed;
    let (major, minor) = since;
    match (software.release(), last) {
        (Some(release), _) if release < *since => Err(gone(script, software)
            .advise(format!("EMR has the application {application} from emr-{major}.{minor}.0 on"))),
        (Some(release), Some((last, advice))) if release > *last => Err(gone(script, software).advise(*advice)),
        (None, Some((_, advice))) => Err(gone(script, software).advise(*advice)),
        _ => {
            let mut warnings = vec![format!("{software} has the application {application} in place of {script}")];
            if !args.is_empty() {
                warnings.push(format!("the arguments of {script} are left out: {}", args.join(" ")));
            }
            Ok(Replacement { application: Some(application), warnings, ..Default::default() })
        }
    }
}

fn gone(script: &str, software: &Software) -> Error {
    Error::usage(format!("the bootstrap action {script} does not run on {software}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(label: &str) -> Software {
        Software::Release { label: label.to_owned(), applications: Vec::new() }
    }

    fn of(label: &str, path: &str, args: &[&str]) -> Result<Verdict> {
        verdict(&release(label), path, &args.iter().map(|&arg| arg.to_owned()).collect::<Vec<_>>())
    }

    const GANGLIA: &str = "s3://elasticmapreduce/bootstrap-actions/install-ganglia";

    #[test]
    fn install_ganglia_becomes_the_application_if_the_release_has_it() {
        for label in ["emr-4.2.0", "emr-5.36.2", "emr-6.15.0"] {
            let Verdict::Instead(made) = of(label, GANGLIA, &[]).unwrap() else { panic!("kept on {label}") };
            assert_eq!(made.application, Some("Ganglia"));
            assert_eq!(made.warnings, [format!("{label} has the application Ganglia in place of install-ganglia")]);
        }
        for label in ["emr-4.1.0", "emr-7.0.0", "emr-spark-8.1.0"] {
            let error = of(label, GANGLIA, &[]).unwrap_err().to_string();
            assert!(error.contains(&format!("install-ganglia does not run on {label}")), "{error}");
        }
        assert!(of("emr-7.14.0", GANGLIA, &[]).unwrap_err().to_string().contains("AmazonCloudWatchAgent"));
    }

    #[test]
    fn only_scripts_in_amazon_s_regional_buckets_are_amazon_s() {
        let regional = "s3://us-west-2.elasticmapreduce/bootstrap-actions/install-ganglia";
        for path in [regional, "s3n://elasticmapreduce/bootstrap-actions/install-ganglia"] {
            assert_ne!(of("emr-6.15.0", path, &[]).unwrap(), Verdict::Keep, "{path}");
        }
        for path in [
            "s3://mine/install-ganglia",
            "s3://myelasticmapreduce/install-ganglia",
            "install-ganglia",
            "file:///home/me/install-ganglia",
            "s3://elasticmapreduce/bootstrap-actions/run-if",
        ] {
            assert_eq!(of("emr-6.15.0", path, &["instance.isMaster=true"]).unwrap(), Verdict::Keep, "{path}");
        }
    }

    #[test]
    fn on_ami_versions_all_run_unchanged() {
        let ami = Software::Ami { version: "2.4.2".to_owned(), hadoop_version: None };
        for script in ["install-ganglia", "configure-hadoop", "configure-daemons", "run-if"] {
            let path = format!("s3://elasticmapreduce/bootstrap-actions/{script}");
            assert_eq!(verdict(&ami, &path, &["-M".to_owned()]).unwrap(), Verdict::Keep);
        }
    }

    #[test]
    fn the_other_scripts_are_replaced_or_refused() {
        let spark = of("emr-7.1.0", "s3://support.elasticmapreduce/spark/install-spark", &["-v", "1.2"]).unwrap();
        let Verdict::Instead(made) = spark else { panic!("kept") };
        assert_eq!(
            (made.application, &made.warnings[1][..]),
            (Some("Spark"), "the arguments of install-spark are left out: -v 1.2")
        );
        let daemons = of("emr-7.1.0", "s3://elasticmapreduce/bootstrap-actions/configure-daemons", &[]);
        assert!(daemons.unwrap_err().to_string().contains("hadoop-env"));
        let hbase = of("emr-4.5.0", "s3://elasticmapreduce/bootstrap-actions/setup-hbase", &[]);
        assert!(hbase.unwrap_err().to_string().contains("from emr-4.6.0 on"));
    }
}
