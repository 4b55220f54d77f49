//! Hadoop's ids of jobs, task attempts and containers. Their parts compare as numbers.

use std::fmt;

/// The part that the ids of a job, its application, its attempts and its containers share: the start time of the master
/// process, and a number. Ordered by both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobNumber {
    cluster: u64,
    number: u64,
}

impl JobNumber {
    /// Parses the id of an application or a job, such as `application_1449857544442_0002` or `job_201512112247_0003`.
    #[must_use]
    pub fn read(id: &str) -> Option<Self> {
        let numbers = id.strip_prefix("application_").or_else(|| id.strip_prefix("job_"))?;
        let (cluster, number) = numbers.split_once('_')?;
        Some(Self { cluster: number_of(cluster)?, number: number_of(number)? })
    }

    /// The id of its YARN application.
    #[must_use]
    pub fn application(&self) -> String {
        format!("application_{self}")
    }

    /// The id of its `MapReduce` job.
    #[must_use]
    pub fn job(&self) -> String {
        format!("job_{self}")
    }
}

impl fmt::Display for JobNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{:04}", self.cluster, self.number)
    }
}

/// One attempt at a task, or a container. The greatest is the one to look at first: of the latest job the latest
/// attempt, and in `MapReduce` the last task, with reducers after mappers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attempt {
    /// Its job.
    pub job: JobNumber,
    run: u64,
    is_reduce: bool,
    task: u64,
    /// Its id, as Hadoop writes it.
    pub id: String,
}

impl Attempt {
    /// Parses the id of an attempt (`attempt_201512112247_0003_m_000000_0`) or of a container, with or without the
    /// epoch that YARN adds after a restart (`container_e17_1449857544442_0002_01_000003`).
    #[must_use]
    pub fn read(id: &str) -> Option<Self> {
        let mut parts: Vec<_> = id.split('_').collect();
        if parts.get(1).is_some_and(|part| part.strip_prefix('e').is_some_and(is_number)) {
            parts.remove(1);
        }
        let (cluster, number, is_reduce, task, attempt) = match parts.as_slice() {
            ["attempt", cluster, number, kind @ ("m" | "r"), task, attempt] => {
                (cluster, number, *kind == "r", task, attempt)
            }
            ["container", cluster, number, attempt, task] => (cluster, number, false, task, attempt),
            _ => return None,
        };
        let job = JobNumber { cluster: number_of(cluster)?, number: number_of(number)? };
        Some(Self { job, run: number_of(attempt)?, is_reduce, task: number_of(task)?, id: id.to_owned() })
    }

    /// Whether it is the application master's container: Spark's driver in cluster mode, or `MapReduce`'s application
    /// master.
    #[must_use]
    pub fn is_master(&self) -> bool {
        self.task == 1 && self.id.starts_with("container_")
    }
}

/// The first id in `text` that begins with `prefix`, such as `application_`.
#[must_use]
pub fn find<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let id = &text[text.find(prefix)?..];
    Some(id.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn number_of(text: &str) -> Option<u64> {
    if is_number(text) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn attempt(id: &str) -> Attempt {
        Attempt::read(id).unwrap()
    }

    #[test]
    fn ids_compare_as_numbers_and_the_latest_attempt_is_the_greatest() {
        let rising = [
            "attempt_201512112247_0003_m_000009_0",
            "attempt_201512112247_0003_m_000010_0",
            "attempt_201512112247_0003_r_000000_0",
            "attempt_201512112247_0003_m_000000_1",
            "attempt_201512112247_0003_m_000000_10",
            "attempt_201512112247_9999_m_000000_0",
            "attempt_201512112247_10000_m_000000_0",
        ];
        assert!(rising.windows(2).all(|pair| attempt(pair[0]) < attempt(pair[1])));
    }

    #[test]
    fn container_ids_may_have_an_epoch() {
        let plain = attempt("container_1449857544442_0002_01_000003");
        let later = attempt("container_e17_1449857544442_0002_01_000003");
        assert_eq!((plain.job, plain.task, plain.run), (later.job, later.task, later.run));
        assert!(!plain.is_master() && attempt("container_1449857544442_0002_02_000001").is_master());
    }

    #[test]
    fn other_text_is_none() {
        for text in
            ["", "attempt_", "attempt_1_2_x_3_4", "attempt_1_2_m_3_-4", "container_1_2_3", "container_e_1_2_3_4"]
        {
            assert_eq!(Attempt::read(text), None, "{text}");
        }
        for text in ["", "job_1", "job_a_1", "application_1_+2", "application_99999999999999999999999_1", "x_1_2"] {
            assert_eq!(JobNumber::read(text), None, "{text}");
        }
    }

    #[test]
    fn an_id_is_found_within_a_line() {
        assert_eq!(find("at http://x/proxy/application_1_0002/ now", "application_"), Some("application_1_0002"));
        assert_eq!(find("nothing here", "application_"), None);
    }

    proptest! {
        #[test]
        fn writing_and_parsing_a_job_number_return_the_same(cluster: u64, number: u64) {
            let job = JobNumber { cluster, number };
            prop_assert_eq!(JobNumber::read(&job.application()), Some(job));
            prop_assert_eq!(JobNumber::read(&job.job()), Some(job));
        }

        #[test]
        fn any_text_is_parsed_without_a_panic(text in ".*") {
            let _ = (Attempt::read(&text), JobNumber::read(&text), find(&text, "job_"));
        }
    }
}
