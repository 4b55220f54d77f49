//! Where the arguments of a step point: S3, HDFS, local files.

mod glob;
pub(crate) mod location;
