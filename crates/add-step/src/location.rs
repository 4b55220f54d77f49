//! Where a place lies that Hadoop reads or writes, however it is written: `/tmp/x` and `hdfs:///tmp/x` are one.

use std::fmt;

use emr_core::hadoop_glob::{self, HadoopGlob};
use emr_core::model::s3_uri::S3Uri;
use emr_core::model::step::NewStep;
use emr_core::streaming_step;

/// The file system of paths that name none.
const HDFS: &str = "hdfs://";

/// Where relative paths begin on it.
const HOME: &str = "user/hadoop";

/// A path, or a glob, on a file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Location {
    /// `hdfs://`, or a scheme with a bucket or a host.
    system: String,
    /// The path, without slashes at its ends.
    path: String,
}

impl Location {
    /// The place `written`.
    pub(crate) fn read(written: &str) -> Self {
        let (system, path) = match written.parse::<S3Uri>() {
            Ok(S3Uri { bucket, key }) => (format!("s3://{bucket}"), key),
            Err(_) => on_other(written),
        };
        Self { system, path: path.trim_matches('/').to_owned() }
    }

    /// Where `step` writes; `None` if it does not stream.
    pub(crate) fn output(step: &NewStep) -> Option<Self> {
        streaming_step::output(&step.jar, &step.args).map(Self::read)
    }

    /// Whether one who reads this place, or what this glob matches, reads something at or below `output`.
    pub(crate) fn meets(&self, output: &Self) -> bool {
        if self.system != output.system {
            return false;
        }
        match HadoopGlob::new(&self.path) {
            Ok(glob) if hadoop_glob::is_glob(&self.path) => glob.meets(&output.path),
            _ => self == output || self.is_below(output) || output.is_below(self),
        }
    }

    /// Whether it lies below `other`.
    pub(crate) fn is_below(&self, other: &Self) -> bool {
        let rest = self.path.strip_prefix(&other.path).filter(|_| self.system == other.system);
        rest.is_some_and(|rest| if other.path.is_empty() { !rest.is_empty() } else { rest.starts_with('/') })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.system, self.path)
    }
}

/// The file system of a place that is not on S3, and the path there. A job flow has one HDFS.
fn on_other(written: &str) -> (String, String) {
    match written.split_once(":/") {
        Some((scheme, rest)) if !scheme.contains('/') => {
            let (host, path) =
                rest.strip_prefix('/').map_or(("", rest), |rest| rest.split_once('/').unwrap_or((rest, "")));
            let host = if scheme == "hdfs" { "" } else { host };
            (format!("{scheme}://{host}"), path.to_owned())
        }
        _ if written.starts_with('/') => (HDFS.to_owned(), written.to_owned()),
        _ => (HDFS.to_owned(), format!("{HOME}/{}", written.trim_start_matches("./"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_may_be_written_in_several_ways() {
        for (one, other) in [
            ("s3://b/x/", "s3n://b/x"),
            ("hdfs:///tmp/x", "/tmp/x/"),
            ("hdfs://ip-10-0-0-1:8020/tmp/x", "hdfs:/tmp/x"),
            ("hdfs:///user/hadoop/x", "./x"),
            ("viewfs://c/x", "viewfs://c/x/"),
        ] {
            assert_eq!(Location::read(one), Location::read(other));
        }
        for (one, other) in [("s3://b/x", "s3://c/x"), ("hdfs:///x", "viewfs:///x"), ("/x", "x")] {
            assert_ne!(Location::read(one), Location::read(other));
        }
        assert_eq!(
            ["/tmp/x", "s3a://b/x"].map(|place| Location::read(place).to_string()),
            ["hdfs:///tmp/x", "s3://b/x"]
        );
    }

    #[test]
    fn who_reads_a_place_reads_what_is_above_and_below_it() {
        let meets = |input: &str, output: &str| Location::read(input).meets(&Location::read(output));
        for (input, output) in [
            ("s3://b/", "s3://b/x"),
            ("s3://b/x/part-*", "s3://b/x"),
            ("s3://b/x/y", "s3://b/x"),
            ("s3://b/*/1", "s3://b/x"),
        ] {
            assert!(meets(input, output), "{input} {output}");
        }
        for (input, output) in [("s3://b/xy", "s3://b/x"), ("s3://b/x*", "s3://b/y"), ("hdfs:///x", "s3://b/x")] {
            assert!(!meets(input, output), "{input} {output}");
        }
    }
}
