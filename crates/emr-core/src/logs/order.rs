//! The order in which to read logs: those of known failures, then the likeliest and the latest.

use std::collections::BTreeMap;

use super::path::{Identity, Stream, Subject};
use crate::model::log::LogFile;

/// The logs of one subject, the most useful first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The subject.
    pub subject: Subject,
    /// The logs.
    pub logs: Vec<(Identity, LogFile)>,
}

impl Group {
    /// Removes empty logs.
    #[must_use]
    pub fn with_text(mut self) -> Self {
        self.logs.retain(|(_, file)| !file.is_empty());
        self
    }
}

/// Groups `files` by subject, greatest first. In a group stderr comes before syslog, and the newest hour first.
#[must_use]
pub fn grouped(files: Vec<LogFile>) -> Vec<Group> {
    let mut groups: BTreeMap<Subject, Vec<(Identity, LogFile)>> = BTreeMap::new();
    for file in files {
        let identity = Identity::of(file.place.path());
        groups.entry(identity.subject.clone()).or_default().push((identity, file));
    }
    let mut groups: Vec<_> = groups.into_iter().rev().map(|(subject, logs)| Group { subject, logs }).collect();
    for Group { logs, .. } in &mut groups {
        logs.sort_by(|(a, _), (b, _)| {
            let newest_first = b.rotated.is_none().cmp(&a.rotated.is_none()).then_with(|| b.rotated.cmp(&a.rotated));
            a.stream.cmp(&b.stream).then(newest_first)
        });
    }
    groups
}

/// The attempts among `groups`, in the order in which to search for a cause. `failed` has the ids of known failures,
/// the likeliest first. If some of those have logs, all others are left out. Otherwise application masters come first,
/// such as Spark's driver, then the latest attempts.
#[must_use]
pub fn suspects(groups: Vec<Group>, failed: &[String]) -> Vec<Group> {
    let rank = |group: &Group| match &group.subject {
        Subject::Attempt(attempt) => {
            let known = failed.iter().position(|id| *id == attempt.id).unwrap_or(failed.len());
            Some((known, !attempt.is_master()))
        }
        _ => None,
    };
    let groups = groups.into_iter().map(Group::with_text).filter(|group| !group.logs.is_empty());
    let mut ranked: Vec<_> = groups.filter_map(|group| Some((rank(&group)?, group))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    if ranked.first().is_some_and(|((known, _), _)| *known < failed.len()) {
        ranked.retain(|((known, _), _)| *known < failed.len());
    }
    ranked.into_iter().map(|(_, group)| group).collect()
}

/// The log `stream` of a step among `files`: one file an hour, oldest first. Of two copies of one hour the first
/// counts.
#[must_use]
pub fn hours(files: &[LogFile], stream: Stream) -> Vec<LogFile> {
    let is_wanted = |identity: &Identity| identity.stream == stream && matches!(identity.subject, Subject::Step(_));
    let named = files.iter().map(|file| (Identity::of(file.place.path()), file));
    let mut hours: Vec<_> = named.filter(|(identity, _)| is_wanted(identity)).collect();
    // The file that is still being written has no hour and is the newest.
    hours.sort_by(|(a, _), (b, _)| {
        a.rotated.is_none().cmp(&b.rotated.is_none()).then_with(|| a.rotated.cmp(&b.rotated))
    });
    hours.dedup_by(|(b, _), (a, _)| a.rotated == b.rotated);
    hours.into_iter().map(|(_, file)| file.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::log::Place;

    fn files(paths: &[&str]) -> Vec<LogFile> {
        let place = |path: &&str| Place::Node { node: "i-1".to_owned(), path: (*path).to_owned() };
        paths.iter().map(|path| LogFile { place: place(path), bytes: 9, time: None }).collect()
    }

    fn names(groups: &[Group]) -> Vec<&str> {
        groups
            .iter()
            .map(|group| match &group.subject {
                Subject::Attempt(attempt) => attempt.id.as_str(),
                _ => "",
            })
            .collect()
    }

    #[test]
    fn the_newest_attempt_comes_first_with_its_stderr() {
        let groups = grouped(files(&[
            "attempt_1_0001_m_000002_0/syslog",
            "attempt_1_0001_m_000010_0/syslog",
            "attempt_1_0001_m_000010_0/stderr",
            "attempt_1_0001_m_000002_1/stderr",
        ]));
        let ids = ["attempt_1_0001_m_000002_1", "attempt_1_0001_m_000010_0", "attempt_1_0001_m_000002_0"];
        assert_eq!(names(&groups), ids);
        let streams: Vec<_> = groups[1].logs.iter().map(|(identity, _)| identity.stream).collect();
        assert_eq!(streams, [Stream::Stderr, Stream::Syslog]);
    }

    #[test]
    fn the_newest_hour_of_a_log_comes_first() {
        let groups =
            grouped(files(&["steps/s-A/syslog.2015-12-11-09", "steps/s-A/syslog", "steps/s-A/syslog.2015-12-11-10"]));
        let hours: Vec<_> = groups[0].logs.iter().map(|(identity, _)| identity.rotated.as_deref()).collect();
        assert_eq!(hours, [None, Some("2015-12-11-10"), Some("2015-12-11-09")]);
    }

    #[test]
    fn the_hours_of_a_step_s_log_do_not_include_logs_of_tasks() {
        let files = files(&[
            "steps/s-A/syslog.gz",
            "steps/s-A/syslog.2015-12-11-10.gz",
            "steps/s-A/stderr.gz",
            "steps/s-A/syslog.2015-12-11-09.gz",
            "elsewhere/steps/s-A/syslog.gz",
            "containers/application_1_0001/container_1_0001_01_000002/syslog.gz",
        ]);
        let found = hours(&files, Stream::Syslog);
        let paths: Vec<_> = found.iter().map(|file| file.place.path()).collect();
        let hour = |hour| format!("steps/s-A/syslog.2015-12-11-{hour}.gz");
        assert_eq!(paths, [&hour("09"), &hour("10"), "steps/s-A/syslog.gz"]);
        assert!(hours(&files, Stream::Stdout).is_empty());
    }

    #[test]
    fn only_known_failures_are_suspects_and_else_the_master_comes_first() {
        let paths = [1, 2, 3, 4].map(|task| format!("container_1_0001_01_00000{task}/stderr"));
        let mut files = files(&paths.each_ref().map(String::as_str));
        let failed = ["container_1_0001_01_000002".to_owned()];
        let order = |files, failed: &[String]| {
            let groups = suspects(grouped(files), failed);
            names(&groups).iter().map(|id| id[id.len() - 1..].to_owned()).collect::<String>()
        };
        assert_eq!(order(files.clone(), &failed), "2");
        assert_eq!(order(files.clone(), &[]), "1432");
        files[0].bytes = 0;
        assert_eq!(order(files, &[]), "432");
    }
}
