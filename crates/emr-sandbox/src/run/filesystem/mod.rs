//! The file systems of steps, as Hadoop has them: S3, HDFS, local files.
//!
//! - [`location`] parses a URI or a path
//! - [`file`](mod@file) reads and writes the files at a location
//!
//! HDFS is a directory for each cluster.

mod file;
mod location;

pub(crate) use self::file::{DataFile, Match};
pub(crate) use self::location::{Location, USER};
