//! Sorts records between map and reduce, in little memory for any amount of data, and in Hadoop's own order: records
//! of equal keys come as they come on Hadoop, because its algorithms run here.
//!
//! - [`buffer`] holds records of a map task until it is full; [`quick`] sorts them
//! - [`run`](mod@run) is a file of sorted records, with a segment for each reducer
//! - [`merge`] merges segments; [`records`] is what both a sorted buffer and a merge hand out

mod buffer;
mod merge;
mod quick;
mod records;
mod run;

pub(super) use self::buffer::Buffer;
pub(super) use self::merge::Merge;
pub(super) use self::records::Records;
pub(super) use self::run::{Run, RunWriter, Segment};
