//! The processes of this machine and their parents.
//!
//! Process groups and parents alone do not find all that a command started: setsid(2) leaves the group, and a child
//! that outlives its parent loses it. s3-lock adopts orphans, so everything that its command started descends from
//! s3-lock and is found here.

use rustix::process::Pid;

/// A process, from `/proc/PID/stat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process {
    pid: i32,
    parent: i32,
    group: i32,
    session: i32,
    /// The process has ended, but its parent has not reaped it.
    is_zombie: bool,
}

/// A snapshot of all processes. Empty on systems without `/proc`.
#[derive(Debug, Default)]
pub(crate) struct Processes(Vec<Process>);

impl Processes {
    /// Takes a snapshot.
    pub(crate) fn now() -> Self {
        let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let pids = names.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
        let stats = pids.filter_map(|pid| std::fs::read(format!("/proc/{pid}/stat")).ok());
        Self(stats.filter_map(|stat| parse(&String::from_utf8_lossy(&stat))).collect())
    }

    /// The running descendants of `pid`, without `others` and what descends only from them.
    pub(crate) fn descendants(&self, pid: Pid, others: &[Pid]) -> Vec<Pid> {
        let mut found = vec![pid.as_raw_nonzero().get()];
        let mut next = 0;
        while let Some(&parent) = found.get(next) {
            let children = self.0.iter().filter(|process| process.parent == parent);
            let children =
                children.map(|child| child.pid).filter(|&child| others.iter().all(|other| raw(*other) != child));
            let new: Vec<_> = children.filter(|child| !found.contains(child)).collect();
            found.extend(new);
            next += 1;
        }
        let running = found.into_iter().skip(1).filter(|&pid| self.of(pid).is_some_and(|process| !process.is_zombie));
        running.filter_map(Pid::from_raw).collect()
    }

    /// The children of `pid` that have ended and must be reaped.
    pub(crate) fn zombies(&self, pid: Pid) -> impl Iterator<Item = Pid> {
        let children = self.0.iter().filter(move |process| process.parent == raw(pid) && process.is_zombie);
        children.filter_map(|child| Pid::from_raw(child.pid))
    }

    /// Whether the process group of `pid` is orphaned in the sense of POSIX: no member has a parent in another group of
    /// the session, so nobody could continue the group if it stopped.
    pub(crate) fn is_orphaned(&self, pid: Pid) -> bool {
        let Some(own) = self.of(raw(pid)) else { return false };
        let shell = self.ancestors(own).find(|process| process.group != own.group);
        shell.is_none_or(|shell| shell.session != own.session)
    }

    /// Whether the group of `pid` has members that are neither its ancestors nor its descendants, such as the other
    /// commands of a pipeline.
    pub(crate) fn has_company(&self, pid: Pid) -> bool {
        let Some(own) = self.of(raw(pid)) else { return false };
        let is_family = |process: &Process| {
            process.pid == own.pid
                || self.ancestors(own).any(|ancestor| ancestor == *process)
                || self.ancestors(*process).any(|ancestor| ancestor == own)
        };
        self.0.iter().any(|process| process.group == own.group && !process.is_zombie && !is_family(process))
    }

    fn of(&self, pid: i32) -> Option<Process> {
        self.0.iter().find(|process| process.pid == pid).copied()
    }

    /// The parent of `of`, its parent, and so on.
    fn ancestors(&self, of: Process) -> impl Iterator<Item = Process> {
        // A PID may be reused while `/proc` is read, so a chain of parents could be a loop.
        std::iter::successors(self.of(of.parent), |process| self.of(process.parent)).take(self.0.len())
    }
}

fn raw(pid: Pid) -> i32 {
    pid.as_raw_nonzero().get()
}

/// The place of the number of threads among the numbers after the state.
const THREADS: usize = 16;

/// Parses `/proc/PID/stat`. The second field is the name, which may contain any character.
fn parse(stat: &str) -> Option<Process> {
    let (pid, rest) = stat.split_once(' ')?;
    let mut fields = rest.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?;
    let numbers: Vec<i64> = fields.map_while(|field| field.parse().ok()).take(THREADS + 1).collect();
    let number = |place: usize| numbers.get(place).and_then(|&number| number.try_into().ok());
    // The first thread may end before the others; the process then still runs.
    let is_zombie = matches!(state, "Z" | "X") && numbers.get(THREADS).is_none_or(|&threads| threads <= 1);
    Some(Process { pid: pid.parse().ok()?, parent: number(0)?, group: number(1)?, session: number(2)?, is_zombie })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pid(number: i32) -> Pid {
        Pid::from_raw(number).unwrap()
    }

    /// Processes by PID, parent, group and session; those with a PID above 90 are zombies.
    fn processes(rows: &[(i32, i32, i32, i32)]) -> Processes {
        let process = |&(pid, parent, group, session)| Process { pid, parent, group, session, is_zombie: pid > 90 };
        Processes(rows.iter().map(process).collect())
    }

    #[test]
    fn a_process_is_parsed_whatever_its_name_is() {
        let named = |name: &str| parse(&format!("12 ({name}) S 3 4 5 34816 4 4194560 1"));
        let process = Process { pid: 12, parent: 3, group: 4, session: 5, is_zombie: false };
        for name in ["sh", "a b) Z 9 9 9", "((", ""] {
            assert_eq!(named(name), Some(process), "{name}");
        }
        assert_eq!(parse("12 (sh"), None);
        let dead = |threads: u32| parse(&format!("12 (sh) Z 3 4 5 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 {threads} 0"));
        assert!(dead(1).unwrap().is_zombie && !dead(2).unwrap().is_zombie, "the other threads run on");
    }

    #[test]
    fn descendants_are_found_in_other_groups_and_sessions_but_not_below_others() {
        let all = processes(&[
            (1, 0, 1, 1),
            (5, 1, 5, 1),
            (6, 5, 6, 1),
            (7, 6, 7, 7),
            (8, 5, 8, 1),
            (9, 8, 8, 1),
            (91, 6, 6, 1),
        ]);
        assert_eq!(all.descendants(pid(5), &[pid(8)]), [pid(6), pid(7)]);
        assert_eq!(all.descendants(pid(7), &[]), []);
    }

    #[test]
    fn a_loop_of_parents_ends() {
        let all = processes(&[(5, 6, 5, 1), (6, 5, 5, 1)]);
        assert_eq!(all.descendants(pid(5), &[]), [pid(6)]);
        assert!(all.is_orphaned(pid(5)) && !all.has_company(pid(5)));
    }

    #[test]
    fn a_group_is_orphaned_unless_a_parent_in_another_group_of_the_session_could_continue_it() {
        let shell = [(1, 0, 1, 1), (10, 1, 10, 10)];
        let below = |more: &[(i32, i32, i32, i32)]| processes(&[&shell, more].concat());
        assert!(!below(&[(20, 10, 20, 10)]).is_orphaned(pid(20)), "a shell's job");
        assert!(!below(&[(20, 10, 20, 10), (21, 20, 20, 10)]).is_orphaned(pid(21)), "in a script that is a job");
        assert!(below(&[(20, 10, 20, 20)]).is_orphaned(pid(20)), "the leader of a session");
        assert!(below(&[(20, 10, 10, 10)]).is_orphaned(pid(20)), "in the group of the session's leader");
        assert!(processes(&[(1, 0, 1, 1)]).is_orphaned(pid(1)), "the first process of a container");
    }

    #[test]
    fn a_pipeline_is_company_and_a_script_is_not() {
        let script = [(10, 1, 10, 10), (20, 10, 20, 10), (21, 20, 20, 10), (30, 21, 20, 10), (92, 10, 20, 10)];
        assert!(!processes(&script).has_company(pid(21)));
        let pipeline = [(10, 1, 10, 10), (20, 10, 20, 10), (21, 10, 20, 10)];
        assert!(processes(&pipeline).has_company(pid(20)) && processes(&pipeline).has_company(pid(21)));
    }
}
