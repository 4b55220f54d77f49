//! Fuzz targets: one for each kind of text or bytes that the tools read and others wrote.
//!
//! A target is a function of bytes that panics if a reader breaks one of its promises: it ends, within memory, and what
//! it returns agrees with a second opinion, such as the same input in pieces, or printed and read again.
//!
//! - `corpus/TARGET/` has inputs that each target begins with, and those that once found something;
//! - `tests/replay.rs` runs them all, and some thousands that are made of them;
//! - `src/main.rs` looks for new ones, guided by coverage (`scripts/prove fuzz`).

#![expect(clippy::unwrap_used, reason = "a target that cannot go on fails")]

mod input;
mod mutate;
pub mod target;

pub use mutate::{grown, mutated};

/// A target.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, which its file and the folder of its corpus have, too.
    pub name: &'static str,
    /// Runs it on an input. Panics if a promise is broken.
    pub run: fn(&[u8]),
}

/// Passes the names of all targets to the macro `$each`.
#[macro_export]
macro_rules! targets {
    ($each:ident) => {
        $each! {
            archive, chunked, codec, core_dump, emr_answer, emr_request, fault, form, gdb, glob, hadoop_words, helper,
            history, instances, job_description, load, lock, log, log_bytes, mark, metrics, minimum, mrjob_conf, names,
            node_files, notes, outputs, prices, quantities, records, s3_answer, s3_request, setup, shell_words,
            step_file, streaming_words, text, webhdfs, week,
        }
    };
}

macro_rules! table {
    ($($name:ident),+ $(,)?) => {
        /// All targets.
        pub const TARGETS: &[Target] = &[$(Target { name: stringify!($name), run: target::$name::run }),+];
    };
}

targets!(table);

impl Target {
    /// The target of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        TARGETS.iter().find(|target| target.name == name).copied()
    }
}
