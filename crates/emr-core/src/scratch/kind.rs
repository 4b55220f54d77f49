//! The kind of a key below the scratch URI.
//!
//! A key counts as one of ours only if it is as specific as the tools make it: a hash, a run id, the id of a job flow.
//! A folder that merely has the same name is somebody's data.

use serde::Serialize;

use crate::model::run_id::RunId;
use crate::model::s3_uri::S3Uri;
use crate::model::scratch_uri::{FILES, INPUTS, LOCKS, LOGS, OUTPUTS};

/// What an object below the scratch URI is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A log that EMR wrote: `logs/j-ID/…`.
    Log,
    /// A part of a job's output: `output/RUN/…`.
    Output,
    /// An input of a step: `inputs/SHA-256/…`.
    Input,
    /// An uploaded file: `files/SHA-256/NAME`.
    File,
    /// A file of a job of mrjob's: `LABEL.OWNER.DATE.TIME.MICROSECONDS/…`.
    Mrjob,
    /// A lock, or the minimum of a pool: `locks/…`. It is never deleted.
    Lock,
    /// Anything else, which the tools did not write.
    Other,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [Self::Log, Self::Output, Self::Input, Self::File, Self::Mrjob, Self::Lock, Self::Other];

    /// Its name in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Output => "output",
            Self::Input => "input",
            Self::File => "file",
            Self::Mrjob => "mrjob",
            Self::Lock => "lock",
            Self::Other => "other",
        }
    }

    /// Whether its key is the hash of its content, so that a job may rely on an object that another one uploaded.
    #[must_use]
    pub fn is_shared(self) -> bool {
        matches!(self, Self::Input | Self::File)
    }

    /// The kind of `rest`, a key without the scratch URI.
    pub(super) fn of(rest: &str) -> Self {
        let below = |folder| rest.strip_prefix(folder).and_then(|rest| rest.split_once('/'));
        if rest.starts_with(LOCKS) {
            return Self::Lock;
        }
        match (below(LOGS), below(OUTPUTS), below(INPUTS), below(FILES)) {
            (Some((id, _)), ..) if is_job_flow(id) => Self::Log,
            (_, Some((run, _)), ..) if RunId::is_one(run) => Self::Output,
            (_, _, Some((hash, _)), _) if is_hash(hash) => Self::Input,
            (.., Some((hash, _))) if is_hash(hash) => Self::File,
            _ if rest.split_once('/').is_some_and(|(folder, _)| is_mrjob_job(folder)) => Self::Mrjob,
            _ => Self::Other,
        }
    }
}

/// What a key is, and where its scratch URI ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Its kind.
    pub kind: Kind,
    /// The key of the scratch URI that it is below: empty, or ending in a slash.
    pub scratch: &'a str,
}

/// What `key` is, which begins with `folder`. The folder is the scratch URI, or lies in it: `scratch/logs/` is as good
/// as `scratch/`. It is empty or ends in a slash.
///
/// Of a scratch URI that lies below the folder only the locks are known. Without them, two jobs would share a job flow, and
/// pools lose their minimums.
#[must_use]
pub fn place<'a>(folder: &str, key: &'a str) -> Place<'a> {
    let other = Place { kind: Kind::Other, scratch: &key[..folder.len()] };
    if folder.starts_with(LOCKS) || folder.contains(&format!("/{LOCKS}")) {
        return Place { kind: Kind::Lock, ..other };
    }
    let ends = folder.rmatch_indices('/').map(|(slash, _)| slash + 1).chain([0]);
    let mut places = ends.map(|end| Place { kind: Kind::of(&key[end..]), scratch: &key[..end] });
    let found = places.find(|place| place.kind != Kind::Other);
    let is_lock = found.is_none() && is_below_locks(&key[folder.len()..]);
    if is_lock { Place { kind: Kind::Lock, ..other } } else { found.unwrap_or(other) }
}

/// Whether `rest` has a folder of locks in it.
fn is_below_locks(rest: &str) -> bool {
    rest.match_indices(LOCKS).any(|(start, _)| start == 0 || rest[..start].ends_with('/'))
}

/// The lock under which a sweep deletes `object`, if it is an upload: see [`crate::scratch`].
#[must_use]
pub fn sweep_lock(object: &S3Uri) -> Option<S3Uri> {
    let ends = object.key.rmatch_indices('/').map(|(slash, _)| slash + 1).chain([0]);
    let mut scratches = ends.filter(|end| Kind::of(&object.key[*end..]).is_shared());
    scratches.next().map(|end| lock_in(&object.bucket, &object.key[..end]))
}

impl Place<'_> {
    /// The lock under which a sweep deletes what is shared below this scratch URI.
    #[must_use]
    pub fn sweep_lock(&self, bucket: &str) -> S3Uri {
        lock_in(bucket, self.scratch)
    }
}

fn lock_in(bucket: &str, scratch: &str) -> S3Uri {
    S3Uri { bucket: bucket.to_owned(), key: format!("{scratch}{LOCKS}s3-tmpwatch") }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_job_flow(text: &str) -> bool {
    let id = text.strip_prefix("j-").unwrap_or_default();
    id.len() >= 10 && id.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// Whether `folder` is named as mrjob names the folder of a job, such as `mr_job.ann.20130515.180000.123456`.
///
/// Source: `make_unique_name` in mrjob's `runner.py`
fn is_mrjob_job(folder: &str) -> bool {
    let mut parts = folder.rsplitn(4, '.');
    let mut has = |length| parts.next().is_some_and(|part| part.len() == length && part.bytes().all(is_digit));
    has(6) && has(6) && has(8) && folder.matches('.').count() >= 4
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::DateTime;
    use proptest::prelude::*;

    use super::super::{Limits, Live, Verdict};
    use super::*;
    use crate::model::pool::PoolHash;
    use crate::model::scratch_uri::ScratchUri;
    use crate::pool::{locks, mrjob_locks};
    use crate::upload;

    const HASH: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn kind(folder: &str, key: &str) -> Kind {
        place(folder, key).kind
    }

    #[test]
    fn each_writer_s_key_has_its_kind() {
        let scratch: ScratchUri = "s3://b/team/tmp".parse().unwrap();
        let content = upload::content_of("abc");
        let run = RunId::from_random(0x0123_4567_89ab_cdef);
        let (job_flow, pool) = ("j-2AXXXXXXGAPLF".parse().unwrap(), "etl.v2".parse().unwrap());
        let written = [
            (scratch.logs().join("j-2AXXXXXXGAPLF/steps/s-1/stderr.gz"), Kind::Log),
            (scratch.output(&run).join("part-00000"), Kind::Output),
            (upload::input_folder([("a", &content)].into_iter(), &scratch).join("a"), Kind::Input),
            (upload::place(&content, "job.py", &scratch), Kind::File),
            (locks::of_job_flow(&scratch.locks(), &job_flow), Kind::Lock),
            (locks::of_pool(&scratch.locks(), &pool), Kind::Lock),
            (locks::of_minimum(&scratch.locks(), &pool, &PoolHash::from_digest(7), "us-east-1"), Kind::Lock),
            (mrjob_locks(&scratch, &job_flow).join("2"), Kind::Lock),
            (sweep_lock(&upload::place(&content, "job.py", &scratch)).unwrap(), Kind::Lock),
        ];
        for (uri, kind) in written {
            for folder in ["team/tmp/", &uri.key[..=uri.key.rfind('/').unwrap()]] {
                let place = place(folder, &uri.key);
                assert_eq!(place.kind, kind, "{folder} {uri}");
                assert!(kind == Kind::Lock || place.scratch == "team/tmp/", "{place:?}");
            }
        }
    }

    #[test]
    fn the_folder_of_a_job_of_mrjob_s_is_known_by_its_name() {
        for job in ["mr_job.ann.20130515.180000.123456", "no_script.a.b.20130515.180000.123456"] {
            assert_eq!(kind("tmp/", &format!("tmp/{job}/files/x")), Kind::Mrjob, "{job}");
        }
        for other in ["20130515.180000.123456", "x.20130515.180000.123456", "a.b.2013.180000.123456", "a.b.c.d.e"] {
            assert_eq!(kind("tmp/", &format!("tmp/{other}/x")), Kind::Other, "{other}");
        }
    }

    #[test]
    fn a_folder_that_only_has_the_name_of_one_of_ours_is_somebody_s() {
        let others = [
            "logs/app.log",
            "logs/j-x/a",
            "logs/2026/11/29/x",
            "output/202611290000/part-0",
            "output/daily/part-0",
            "output/part-0",
            "inputs/2026/a",
            "files/report.pdf",
            "files/BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD/x",
            "data/logs/j-2AXXXXXXGAPLF/x",
            "other.txt",
            "locks",
            "clocks/x",
            "data/locks-of-doors/x",
            "//",
            "../files/x",
        ];
        for other in others {
            assert_eq!(kind("", other), Kind::Other, "{other}");
        }
        assert_eq!(kind("data/", &format!("data/more/files/{HASH}/x")), Kind::Other);
    }

    #[test]
    fn nothing_below_locks_is_ever_anything_else() {
        for (folder, key) in [
            ("", format!("locks/files/{HASH}/x")),
            ("locks/", format!("locks/files/{HASH}/x")),
            ("tmp/locks/files/", format!("tmp/locks/files/{HASH}/x")),
            ("", "team/tmp/locks/minimums/etl/0123".to_owned()),
            ("team/", "team/tmp/locks/pools/etl".to_owned()),
        ] {
            assert_eq!(kind(folder, &key), Kind::Lock, "{folder} {key}");
            let all = Limits { age: Duration::ZERO, all_kinds: true };
            let (long_ago, now) = (DateTime::UNIX_EPOCH, DateTime::from_timestamp(1_795_000_000, 0).unwrap());
            assert_eq!(all.verdict(kind(folder, &key), long_ago, now, &Live::default()), Verdict::Lock, "{key}");
        }
    }

    #[test]
    fn an_upload_and_a_sweep_know_the_same_lock() {
        let scratch: ScratchUri = "s3://b/team/tmp".parse().unwrap();
        let uri = upload::place(&upload::content_of("abc"), "x", &scratch);
        let lock = scratch.locks().join("s3-tmpwatch");
        assert_eq!(sweep_lock(&uri), Some(lock.clone()));
        for folder in ["team/tmp/", "team/tmp/files/"] {
            assert_eq!(place(folder, &uri.key).sweep_lock("b"), lock);
        }
        assert_eq!(sweep_lock(&scratch.logs().join("j-2AXXXXXXGAPLF/x")), None);
    }

    proptest! {
        #[test]
        fn any_key_below_any_folder_has_a_kind(folder in "([a-zé./]{0,9}/)?", rest in "\\PC{0,40}") {
            let key = format!("{folder}{rest}");
            let place = place(&folder, &key);
            prop_assert!(key.starts_with(place.scratch) && folder.starts_with(place.scratch));
        }
    }
}
