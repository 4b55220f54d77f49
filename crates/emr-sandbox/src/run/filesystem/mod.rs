//! Where the arguments of a step point, as Hadoop's file systems have it: S3, HDFS, local files.
//!
//! - [`location`] parses a URI or a path
//! - [`file`](mod@file) reads and writes what a location names
//!
//! HDFS is a directory of its own for each cluster.

mod file;
mod location;

pub(crate) use self::file::{DataFile, Match};
pub(crate) use self::location::{Location, USER};
