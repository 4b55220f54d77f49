//! The archive: a file with a line of JSON for each job flow that has ended, which is never asked for again.
//!
//! EMR forgets what has ended after two months, the archive does not. A line is written at once and under a lock of the
//! file, after a look at what others have added: two runs at once write no job flow twice. A run that is killed while it
//! writes leaves a line without its end. Readers pass over it, and the next writer takes it away.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::PathBuf;

use emr_core::error::{Error, Outcome, Result};
use emr_core::model::id::JobFlowId;
use emr_core::usage::JobFlow;

/// How each line begins: with a mark that no record of another tool has, such as that of `list-job-flows`.
const BEGINNING: &[u8] = b"{\"audit_usage\":1,\"job_flow_id\":\"j-";

/// What the mark is put before.
const UNMARKED: &[u8] = b"\"job_flow_id\":\"j-";

/// An archive, as far as it has been read.
pub(crate) struct Archive {
    path: PathBuf,
    /// The job flows that it had at first.
    known: HashSet<JobFlowId>,
    /// Those that were added since, by this run or by another.
    added: HashSet<JobFlowId>,
    /// Bytes of whole lines that were read.
    read: u64,
    /// How many lines these are.
    lines: u64,
}

impl Archive {
    /// Reads the archive at `path`, and hands each job flow to `each`, once. A file that is not there is made: that it can
    /// be written shows now, and not after hours of asking.
    pub(crate) fn read(path: PathBuf, each: impl FnMut(JobFlow)) -> Result<Self> {
        let mut archive = Self { path, known: HashSet::new(), added: HashSet::new(), read: 0, lines: 0 };
        let file = archive.open()?;
        archive.go_on(file, each)?;
        archive.known = std::mem::take(&mut archive.added);
        Ok(archive)
    }

    /// Whether it had this job flow at first. What another run has added since was not handed to anyone here.
    pub(crate) fn had(&self, job_flow: &JobFlowId) -> bool {
        self.known.contains(job_flow)
    }

    /// Adds `job_flow`, unless it or another run has added it already.
    pub(crate) fn add(&mut self, job_flow: &JobFlow) -> Result<()> {
        let id = &job_flow.job_flow_id;
        let line = line(job_flow)?;
        let file = self.open()?;
        // The lock ends with the file.
        file.lock().map_err(|cause| self.failed("lock", &cause))?;
        let mut file = self.go_on(file, drop)?;
        if self.known.contains(id) || self.added.contains(id) {
            return Ok(());
        }
        file.set_len(self.read).and_then(|()| file.write_all(&line)).map_err(|cause| self.failed("write", &cause))?;
        self.note(id.clone(), line.len());
        Ok(())
    }

    fn open(&self) -> Result<File> {
        let file = File::options().read(true).append(true).create(true).open(&self.path);
        let file = file.map_err(|cause| self.failed("open", &cause))?;
        let is_plain = file.metadata().is_ok_and(|found| found.is_file());
        if is_plain { Ok(file) } else { Err(crate::no_plain_file(&self.path)) }
    }

    /// Reads what has been added to `file` since, up to the last whole line, and hands each new job flow to `each`.
    fn go_on(&mut self, mut file: File, mut each: impl FnMut(JobFlow)) -> Result<File> {
        let length = file.metadata().map_err(|cause| self.failed("read", &cause))?.len();
        if length < self.read {
            // Somebody has emptied it, so what is known is not in it any more.
            (self.known, self.added, self.read, self.lines) = (HashSet::new(), HashSet::new(), 0, 0);
        }
        file.seek(SeekFrom::Start(self.read)).map_err(|cause| self.failed("read", &cause))?;
        let mut reader = BufReader::with_capacity(1 << 16, file);
        let mut line = Vec::new();
        loop {
            line.clear();
            reader.read_until(b'\n', &mut line).map_err(|cause| self.failed("read", &cause))?;
            if line.last() != Some(&b'\n') {
                self.check_rest(&line)?;
                return Ok(reader.into_inner());
            }
            if !line.starts_with(BEGINNING) {
                return Err(self.strange("it begins otherwise"));
            }
            let job_flow: JobFlow = serde_json::from_slice(&line).map_err(|cause| self.strange(&cause.to_string()))?;
            if self.note(job_flow.job_flow_id.clone(), line.len()) {
                each(job_flow);
            }
        }
    }

    /// Notes a line of so many bytes, and returns whether its job flow is new.
    fn note(&mut self, job_flow: JobFlowId, bytes: usize) -> bool {
        self.read += bytes as u64;
        self.lines += 1;
        self.added.insert(job_flow)
    }

    /// What has no end may be taken away only if it is the beginning of a line of ours.
    fn check_rest(&self, rest: &[u8]) -> Result<()> {
        let same = BEGINNING.len().min(rest.len());
        if rest[..same] == BEGINNING[..same] { Ok(()) } else { Err(self.strange("it begins otherwise")) }
    }

    fn strange(&self, why: &str) -> Error {
        let number = self.lines + 1;
        Error::config(format!("line {number} of {} is no record of an archived job flow: {why}", self.path.display()))
            .advise("name a file that audit-usage alone writes")
    }

    fn failed(&self, what: &str, cause: &io::Error) -> Error {
        Error::file(what, &self.path, cause)
    }
}

/// The line of `job_flow`.
fn line(job_flow: &JobFlow) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(job_flow)
        .map_err(|cause| Error::new(Outcome::Bug, format!("a job flow has no JSON: {cause}")))?;
    let (_, keys) = json.split_at(json.len().min(1));
    let mark = BEGINNING.strip_suffix(UNMARKED).unwrap_or(BEGINNING);
    Ok([mark, keys, b"\n"].concat())
}

#[cfg(test)]
mod tests {
    use emr_core::model::cluster::ClusterState;
    use emr_core::model::cluster::example::cluster;

    use super::*;

    fn job_flow(id: &str) -> JobFlow {
        JobFlow { steps: Some(Vec::new()), ..JobFlow::listed(cluster(id, ClusterState::Terminated)) }
    }

    fn ids(path: &std::path::Path) -> Vec<String> {
        let mut ids = Vec::new();
        Archive::read(path.to_owned(), |job_flow| ids.push(job_flow.job_flow_id.to_string())).unwrap();
        ids
    }

    #[test]
    fn two_writers_write_nothing_twice_and_a_torn_line_is_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("archive");
        let mut one = Archive::read(path.clone(), drop).unwrap();
        let mut other = Archive::read(path.clone(), drop).unwrap();
        one.add(&job_flow("j-A")).unwrap();
        other.add(&job_flow("j-A")).unwrap();
        assert!(!other.had(&"j-A".parse().unwrap()), "it was not handed out");
        other.add(&job_flow("j-B")).unwrap();
        one.add(&job_flow("j-C")).unwrap();
        assert_eq!(ids(&path), ["j-A", "j-B", "j-C"]);
        for (torn, next) in [
            ("{", "j-D"),
            ("{\"audit_usage\":1,\"job_flow_id\":\"j-D\",\"na", "j-E"),
            ("{\"audit_usage\":1,\"job_flow_id\":\"j-", "j-F"),
        ] {
            let before = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, before.clone() + torn).unwrap();
            assert_eq!(ids(&path).len(), before.lines().count(), "a reader passes over it");
            one.add(&job_flow(next)).unwrap();
            assert!(std::fs::read_to_string(&path).unwrap().starts_with(&before));
        }
        assert_eq!(ids(&path), ["j-A", "j-B", "j-C", "j-D", "j-E", "j-F"]);
    }

    #[test]
    fn another_file_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes");
        // A record of list-job-flows, as far as an archive has its keys.
        let listed = "{\"job_flow_id\":\"j-A\",\"name\":\"x\",\"state\":\"WAITING\",\"idle_s\":3}\n";
        let unfinished = "{\"audit_usage\":1,\"job_flow_id\":\"j-A\"}\n";
        for text in ["hello", "hello\n", listed, &listed[..20], unfinished, "[", "{\"a\": 1}"] {
            std::fs::write(&path, text).unwrap();
            let error = Archive::read(path.clone(), drop).err().unwrap();
            assert!(error.to_string().starts_with("line 1 of "), "{error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn an_emptied_archive_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("archive");
        let mut archive = Archive::read(path.clone(), drop).unwrap();
        archive.add(&job_flow("j-A")).unwrap();
        std::fs::write(&path, "").unwrap();
        archive.add(&job_flow("j-B")).unwrap();
        assert_eq!(ids(&path), ["j-B"]);
    }
}
