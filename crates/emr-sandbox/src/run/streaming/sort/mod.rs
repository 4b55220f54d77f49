//! Sorts records between map and reduce: in bounded memory for any amount of data, and in Hadoop's order. Records with
//! equal keys have the same order as on Hadoop, because the algorithms are the same.
//!
//! - [`buffer`] holds records of a map task until it is full; [`quick`] sorts them
//! - [`run`](mod@run) is a file of sorted records, with a segment for each reducer
//! - [`merge`] merges segments; [`records`] is the common trait of a sorted buffer and a merge

mod buffer;
mod merge;
mod quick;
mod records;
mod run;

pub(super) use self::buffer::Buffer;
pub(super) use self::merge::Merge;
pub(super) use self::records::Records;
pub(super) use self::run::{Run, RunWriter, Segment};
