//! Groups core dumps with the same cause: same executable, same signal, same backtrace.

use crate::record::CoreRecord;

/// The most functions in a line, including the mark for omitted ones.
const SHOWN: usize = 5;

/// The most nodes that a line names.
const NAMED: usize = 3;

/// Core dumps, grouped by cause.
#[derive(Debug, Clone, Default)]
pub(crate) struct Summary(Vec<Group>);

#[derive(Debug, Clone)]
struct Group {
    first: CoreRecord,
    count: usize,
    nodes: Vec<String>,
}

impl Summary {
    /// Adds a core dump to the group of its cause.
    pub(crate) fn add(&mut self, record: &CoreRecord) {
        let node = record.node.to_string();
        match self.0.iter_mut().find(|group| is_alike(&group.first, record)) {
            Some(group) => {
                group.count += 1;
                if !group.nodes.contains(&node) {
                    group.nodes.push(node);
                }
            }
            None => self.0.push(Group { first: record.clone(), count: 1, nodes: vec![node] }),
        }
    }

    /// Reports one line per cause, the most frequent first.
    pub(crate) fn say(&self) {
        self.lines().for_each(|line| emr_cli::say(&line));
    }

    /// One line per cause, the most frequent first.
    fn lines(&self) -> impl Iterator<Item = String> {
        let mut groups: Vec<_> = self.0.iter().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.count));
        groups.into_iter().map(Group::line)
    }
}

impl Group {
    fn line(&self) -> String {
        let Self { first, count, nodes } = self;
        let number = || first.signal.map(|number| format!("signal {number}"));
        let signal = first.signal_name.map(str::to_owned).or_else(number).map(|signal| format!(" {signal}"));
        let frames = first.backtrace.as_deref().unwrap_or_default();
        let place = match frames {
            [] => String::new(),
            _ => format!(" in {}", telling(frames).join(" < ")),
        };
        format!("{count} × {}{}{place} (on {})", program(first), signal.unwrap_or_default(), few(nodes))
    }
}

/// The innermost functions. For a Python program these are the innermost one and then the Python functions, without the
/// C functions between.
fn telling(frames: &[String]) -> Vec<&str> {
    let python = frames.iter().position(|frame| frame.contains(".py:")).filter(|at| *at > 1);
    let head = python.map_or(vec![], |_| vec![&*frames[0], "…"]);
    let rest = frames[python.unwrap_or(0)..].iter().map(String::as_str);
    head.into_iter().chain(rest).take(SHOWN).collect()
}

/// The first three of `names`, and the number of the others.
#[must_use]
pub(crate) fn few(names: &[String]) -> String {
    let first = names[..names.len().min(NAMED)].join(", ");
    if names.len() > NAMED { format!("{first} and {} more", names.len() - NAMED) } else { first }
}

fn is_alike(left: &CoreRecord, right: &CoreRecord) -> bool {
    let cause = |record: &CoreRecord| (program(record).to_owned(), record.signal, record.backtrace.clone());
    cause(left) == cause(right)
}

/// The executable, which is harder to forge than the program's name.
fn program(record: &CoreRecord) -> &str {
    record.executable.as_deref().unwrap_or(&record.program)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(node: &str, backtrace: &[&str]) -> CoreRecord {
        CoreRecord {
            job_flow_id: "j-A".parse().unwrap(),
            node: node.parse().unwrap(),
            path: "/tmp/cores/core".to_owned(),
            bytes: 1,
            signal: Some(11),
            signal_name: Some("SIGSEGV"),
            pid: Some(1),
            program: "python3".to_owned(),
            executable: Some("/usr/bin/python3".to_owned()),
            time: None,
            partial: false,
            file: "x".to_owned(),
            sha256: None,
            backtrace: Some(backtrace.iter().map(|frame| (*frame).to_owned()).collect()),
        }
    }

    #[test]
    fn a_crash_in_c_code_below_python_names_the_python_functions() {
        let frames = ["strlen (strlen.S:79)", "??", "ffi_call", "string_at (ctypes/__init__.py:5)", "f (a.py:3)"];
        let mut summary = Summary::default();
        summary.add(&record("i-1", &frames));
        let line = "1 × /usr/bin/python3 SIGSEGV in strlen (strlen.S:79) < … < string_at (ctypes/__init__.py:5) < f \
            (a.py:3) (on i-1)";
        assert_eq!(summary.lines().collect::<Vec<_>>(), [line]);
    }

    #[test]
    fn a_hundred_core_dumps_with_the_same_cause_are_one_line() {
        let mut summary = Summary::default();
        summary.add(&record("i-9", &["other"]));
        for number in 0..100 {
            summary.add(&record(&format!("i-{}", number % 5), &["reducer (crash.py:12)", "mapper (crash.py:9)"]));
        }
        let expected = [
            "100 × /usr/bin/python3 SIGSEGV in reducer (crash.py:12) < mapper (crash.py:9) (on i-0, i-1, i-2 and 2 more)",
            "1 × /usr/bin/python3 SIGSEGV in other (on i-9)",
        ];
        assert_eq!(summary.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn another_signal_or_a_missing_backtrace_is_another_cause() {
        let mut summary = Summary::default();
        summary.add(&record("i-1", &["f"]));
        summary.add(&CoreRecord { signal: Some(6), signal_name: None, ..record("i-1", &["f"]) });
        summary.add(&CoreRecord { backtrace: None, ..record("i-1", &[]) });
        assert_eq!(summary.lines().count(), 3);
        assert!(summary.lines().any(|line| line == "1 × /usr/bin/python3 signal 6 in f (on i-1)"));
    }
}
