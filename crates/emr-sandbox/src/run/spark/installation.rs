//! The local Spark: where it is, its own settings, and whether it has S3A.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::SUBMIT;
use super::settings::S3Client;
use crate::run::jar::find_program;

/// An installation, found by its program.
#[derive(Debug)]
pub(in crate::run) struct Installation {
    /// Its directory, if it was found.
    home: Option<PathBuf>,
}

impl Installation {
    /// The installation whose `spark-submit` is on the `PATH`.
    pub(in crate::run) fn find() -> Option<Self> {
        let program = find_program(SUBMIT)?;
        let set = env::var_os("SPARK_HOME").map(PathBuf::from);
        Some(Self { home: set.or_else(|| home(&program)) })
    }

    /// The directory of its configuration.
    pub(super) fn conf(&self) -> Option<PathBuf> {
        let set = env::var_os("SPARK_CONF_DIR").map(PathBuf::from);
        set.or_else(|| Some(self.home.as_ref()?.join("conf"))).filter(|dir| dir.is_dir())
    }

    /// The files of its configuration.
    pub(super) fn conf_files(&self) -> Vec<PathBuf> {
        self.conf().map(|dir| names(&dir).into_iter().map(|name| dir.join(name)).collect()).unwrap_or_default()
    }

    /// The client with which it can reach S3.
    pub(super) fn s3_client(&self) -> S3Client {
        self.home.as_ref().map_or(S3Client::WebHdfs, |home| s3_client(&names(&home.join("jars"))))
    }
}

/// The files in a directory.
fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok);
    let files = entries.filter(|entry| entry.path().is_file());
    files.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// The directory of an installation, from its `spark-submit`. pip puts the programs elsewhere, beside a program that
/// prints the directory.
fn home(program: &Path) -> Option<PathBuf> {
    let bin = program.canonicalize().ok()?.parent()?.to_owned();
    let finder = bin.join("find_spark_home.py");
    if !finder.is_file() {
        return bin.parent().map(Path::to_owned);
    }
    let found = Command::new("python3").arg(finder).output().ok()?;
    let home = String::from_utf8(found.stdout).ok()?;
    Some(PathBuf::from(home.trim())).filter(|home| home.is_dir())
}

/// S3A needs AWS's jar, and its own jar in the version of the other Hadoop jars. With another version it fails at its
/// start.
fn s3_client(jars: &[String]) -> S3Client {
    let version = |library: &str| {
        let rest = jars.iter().find_map(|jar| jar.strip_prefix(library)?.strip_prefix('-'))?;
        let (major, rest) = rest.split_once('.')?;
        let minor = rest.split(['.', '-']).next()?;
        Some((major.to_owned(), minor.to_owned()))
    };
    let client = ["hadoop-client-api", "hadoop-common"].into_iter().find_map(version);
    let has_aws = jars.iter().any(|jar| jar.starts_with("aws-java-sdk-") || jar.starts_with("bundle-2"));
    let own = version("hadoop-aws");
    if has_aws && own.is_some() && own == client { S3Client::S3a } else { S3Client::WebHdfs }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s3a_is_used_if_its_jars_fit_together() {
        let client = |jars: &[&str]| s3_client(&jars.iter().map(|jar| (*jar).to_owned()).collect::<Vec<_>>());
        let api = "hadoop-client-api-3.3.4.jar";
        assert_eq!(client(&[api, "hadoop-aws-3.3.1.jar", "aws-java-sdk-bundle-1.11.901.jar"]), S3Client::S3a);
        assert_eq!(
            client(&["hadoop-client-api-3.5.0.jar", "hadoop-aws-3.5.0.jar", "bundle-2.29.52.jar"]),
            S3Client::S3a
        );
        assert_eq!(
            client(&["hadoop-client-api-3.5.0.jar", "hadoop-aws-3.3.1.jar", "bundle-2.29.52.jar"]),
            S3Client::WebHdfs
        );
        assert_eq!(client(&[api, "hadoop-aws-3.3.4.jar"]), S3Client::WebHdfs);
        assert_eq!(client(&[api]), S3Client::WebHdfs);
    }
}
