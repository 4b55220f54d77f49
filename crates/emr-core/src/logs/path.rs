//! Identifies a log by its path.

use super::ids::{Attempt, JobNumber};
use crate::model::id::StepId;

/// The subject of a log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A step.
    Step(StepId),
    /// An attempt of a task, or a container.
    Attempt(Attempt),
    /// The history of a job.
    History(JobNumber),
    /// A bootstrap action, by its number from 1, on a node.
    Bootstrap(u32),
    /// Anything else that runs on a node.
    Other,
}

/// Which log of a subject it is, the most useful for finding a cause first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stream {
    /// A program's stderr.
    Stderr,
    /// Hadoop's log.
    Syslog,
    /// A program's stdout.
    Stdout,
    /// EMR's log of a step or bootstrap action.
    Controller,
    /// Something else.
    Other,
}

/// What a log is, by its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its subject.
    pub subject: Subject,
    /// Which log of the subject it is.
    pub stream: Stream,
    /// The hour at which it was rotated; `None` for the newest.
    pub rotated: Option<String>,
}

impl Identity {
    /// Identifies the log at `path`.
    ///
    /// Paths differ by release: `steps/s-X/stderr.gz`, `containers/application_1_0001/container_1_0001_01_000002/syslog.gz`,
    /// `task-attempts/attempt_1_0001_m_000000_0/syslog`, `node/i-X/bootstrap-actions/1/stderr.gz`, and the same below
    /// `/mnt/var/log` on a node.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let mut parents = path.rsplit('/');
        let name = parents.next().unwrap_or_default();
        let name = name.strip_suffix(".gz").unwrap_or(name);
        if let Some(job) = history(name) {
            return Self { subject: Subject::History(job), stream: Stream::Other, rotated: None };
        }
        let (stream, rotated) = name.split_once('.').map_or((name, None), |(stream, rest)| (stream, Some(rest)));
        let stream = match stream {
            "stderr" => Stream::Stderr,
            "syslog" => Stream::Syslog,
            "stdout" => Stream::Stdout,
            "controller" => Stream::Controller,
            _ => Stream::Other,
        };
        let subject = subject(parents.next().unwrap_or_default(), parents.next().unwrap_or_default());
        let rotated = rotated.filter(|_| stream != Stream::Other).map(str::to_owned);
        Self { subject, stream, rotated }
    }
}

/// The subject of logs in `folder`, whose parent is `above`.
fn subject(folder: &str, above: &str) -> Subject {
    if above == "bootstrap-actions"
        && let Ok(number) = folder.parse()
    {
        return Subject::Bootstrap(number);
    }
    if above == "steps"
        && let Ok(step) = folder.parse()
    {
        return Subject::Step(step);
    }
    Attempt::read(folder).map_or(Subject::Other, Subject::Attempt)
}

/// The job whose history is in the file `name`: `job_1449857544442_0002-1449857…-hadoop-….jhist`, or before YARN
/// `job_201512112247_0003_1449857…_hadoop_streamjob`. The job's configuration (`.xml`) is in the same folder.
fn history(name: &str) -> Option<JobNumber> {
    let id: Vec<_> = name.splitn(4, ['_', '-']).collect();
    let ["job", cluster, number, rest] = id.as_slice() else { return None };
    let is_configuration = std::path::Path::new(rest).extension().is_some_and(|extension| extension == "xml");
    if is_configuration { None } else { JobNumber::read(&format!("job_{cluster}_{number}")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is(path: &str, subject: &Subject, stream: Stream, rotated: Option<&str>) {
        let rotated = rotated.map(str::to_owned);
        assert_eq!(Identity::of(path), Identity { subject: subject.clone(), stream, rotated }, "{path}");
    }

    #[test]
    fn paths_of_every_release_are_recognized() {
        let step = Subject::Step("s-AB1".parse().unwrap());
        let attempt = |id: &str| Subject::Attempt(Attempt::read(id).unwrap());
        is("logs/j-A/steps/s-AB1/stderr.gz", &step, Stream::Stderr, None);
        is("/mnt/var/log/hadoop/steps/s-AB1/syslog.2015-12-11-22", &step, Stream::Syslog, Some("2015-12-11-22"));
        is("steps/s-AB1/syslog.2015-12-11-22.gz", &step, Stream::Syslog, Some("2015-12-11-22"));
        let container = attempt("container_1_0001_01_000002");
        is("j-A/containers/application_1_0001/container_1_0001_01_000002/stdout.gz", &container, Stream::Stdout, None);
        let mapper = attempt("attempt_1_0001_m_000000_0");
        is("task-attempts/job_1_0001/attempt_1_0001_m_000000_0/syslog", &mapper, Stream::Syslog, None);
        is("j-A/node/i-1/bootstrap-actions/12/controller.gz", &Subject::Bootstrap(12), Stream::Controller, None);
        is("node/i-1/applications/hadoop-yarn/x.log.gz", &Subject::Other, Stream::Other, None);
        is("", &Subject::Other, Stream::Other, None);
    }

    #[test]
    fn the_history_of_a_job_is_recognized_and_its_configuration_is_not() {
        let job = Subject::History(JobNumber::read("job_15_0002").unwrap());
        let new = "hadoop-mapreduce/history/2015/12/11/000000/job_15_0002-1449857-hadoop-streamjob1.jar-1-0-0.jhist.gz";
        is(new, &job, Stream::Other, None);
        is("jobs/job_15_0002_1449857_hadoop_streamjob1.jar", &job, Stream::Other, None);
        is("jobs/job_15_0002_conf.xml", &Subject::Other, Stream::Other, None);
    }

    proptest! {
        #[test]
        fn any_path_is_identified_without_a_panic(path in "(.|/)*") {
            let _ = Identity::of(&path);
        }
    }
}
