//! Parses the locations that a step's arguments name.

use std::path::{Component, Path, PathBuf};

/// The user of steps on EMR. Relative HDFS paths start in its home directory.
pub(crate) const USER: &str = "hadoop";

/// A place for data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    S3 { bucket: String, key: String },
    Local(PathBuf),
}

impl Location {
    /// Parses `s3://`, `s3n://`, `s3a://`, `hdfs://`, `file:` and plain paths. The cluster's HDFS is the directory
    /// `hdfs`. As on a cluster, a plain path is an HDFS path, unless the file exists only on this machine. A relative
    /// one starts in [`USER`]'s home directory.
    pub(crate) fn parse(text: &str, hdfs: &Path) -> Result<Self, String> {
        if let Some((scheme, rest)) = text.split_once("://") {
            return match scheme {
                "s3" | "s3n" | "s3a" => Self::parse_s3(text, rest),
                "hdfs" => Ok(Self::Local(below(hdfs, rest.find('/').map_or("", |at| &rest[at..])))),
                "file" => Ok(Self::Local(PathBuf::from(rest))),
                _ => Err(format!("No FileSystem for scheme \"{scheme}\": {text}")),
            };
        }
        if let Some(path) = text.strip_prefix("file:") {
            return Ok(Self::Local(PathBuf::from(path)));
        }
        if let Some(path) = text.strip_prefix("hdfs:") {
            return Ok(Self::Local(below(hdfs, path)));
        }
        if !text.starts_with('/') {
            return Ok(Self::Local(below(hdfs, &format!("/user/{USER}/{text}"))));
        }
        let in_hdfs = below(hdfs, text);
        let is_here_alone = !in_hdfs.exists() && Path::new(text).exists();
        Ok(Self::Local(if is_here_alone { PathBuf::from(text) } else { in_hdfs }))
    }

    fn parse_s3(text: &str, rest: &str) -> Result<Self, String> {
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(format!("{text} names no bucket"));
        }
        Ok(Self::S3 { bucket: bucket.to_owned(), key: key.to_owned() })
    }

    /// The location of `name` below this one.
    pub(crate) fn join(&self, name: &str) -> Self {
        match self {
            Self::S3 { bucket, key } => {
                let key = key.trim_end_matches('/');
                let slash = if key.is_empty() { "" } else { "/" };
                Self::S3 { bucket: bucket.clone(), key: format!("{key}{slash}{name}") }
            }
            Self::Local(path) => Self::Local(path.join(name)),
        }
    }

    /// The URI of the location.
    pub(crate) fn uri(&self) -> String {
        match self {
            Self::S3 { bucket, key } => format!("s3://{bucket}/{key}"),
            Self::Local(path) => format!("file://{}", path.display()),
        }
    }
}

/// `path` below `root`. As on Unix, `..` at the root stays at the root.
fn below(root: &Path, path: &str) -> PathBuf {
    let mut parts = Vec::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(part) => parts.push(part),
            Component::ParentDir => drop(parts.pop()),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    root.join(parts.into_iter().collect::<PathBuf>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scheme_of_s3_means_the_same_object() {
        let hdfs = Path::new("/hdfs");
        let places = ["s3://b/k/x", "s3n://b/k/x", "s3a://b/k/x"];
        let places = places.map(|text| Location::parse(text, hdfs).unwrap().uri());
        assert_eq!(places, ["s3://b/k/x"; 3]);
        assert!(Location::parse("gs://b/k", hdfs).is_err());
        assert!(Location::parse("s3:///k", hdfs).is_err());
    }

    #[test]
    fn a_relative_path_begins_in_the_home_directory() {
        let places = ["in/a", "../../tmp/x", "."].map(|text| Location::parse(text, Path::new("/hdfs")).unwrap().uri());
        assert_eq!(places, ["file:///hdfs/user/hadoop/in/a", "file:///hdfs/tmp/x", "file:///hdfs/user/hadoop"]);
    }

    #[test]
    fn no_path_escapes_the_directory_of_hdfs() {
        let hdfs = Path::new("/data/hdfs");
        let places = ["hdfs:///a/../../etc/passwd", "hdfs://master:8020/etc/passwd", "/etc/../etc/no"];
        let places = places.map(|text| Location::parse(text, hdfs).unwrap().uri());
        let wanted = ["/etc/passwd", "/etc/passwd", "/etc/no"];
        assert_eq!(places, wanted.map(|path| format!("file:///data/hdfs{path}")));
    }
}
