//! Finds exit codes and signals in log lines and says what they mean.

use std::sync::LazyLock;

use super::Weight;
use super::needles::Needles;
use crate::model::cause::CauseKind;

/// Words before an exit code. [`SIGNAL`] has those before the number of a signal.
const CODE: [&str; 13] = [
    "subprocess failed with code ",
    "exit code ",
    "Exit code is ",
    "Exit code: ",
    "exitCode ",
    "exitCode: ",
    "exitCode=",
    "exit status ",
    "Exit status: ",
    "exited with status ",
    "User application exited with ",
    "exited with code ",
    "return code ",
];
/// Python's words for a command that a signal ended: `died with <Signals.SIGKILL: 9>`.
const OF_PYTHON: &str = "died with <Signals.";
const SIGNAL: [&str; 2] = ["killed by signal ", "terminated by signal "];

/// Words at the end of EMR's controller log of a step or bootstrap action.
const OF_STEP: [&str; 2] = ["ended with exit code ", "failed with exitCode "];

/// Signals that end programs: number, name, and the shells' word.
const NAMES: [(u64, &str, &str); 9] = [
    (4, "SIGILL", "Illegal instruction"),
    (6, "SIGABRT", "Aborted"),
    (7, "SIGBUS", "Bus error"),
    (8, "SIGFPE", "Floating point exception"),
    (9, "SIGKILL", "Killed"),
    (11, "SIGSEGV", "Segmentation fault"),
    (15, "SIGTERM", "Terminated"),
    (24, "SIGXCPU", "CPU time limit exceeded"),
    (25, "SIGXFSZ", "File size limit exceeded"),
];

/// What the exit code in `text` means, and its weight; `None` without one, or for success.
pub(super) fn meaning(text: &str) -> Option<(Weight, CauseKind, String)> {
    static WORDS: LazyLock<Needles> = LazyLock::new(|| {
        let of_shells = NAMES.iter().map(|(.., said)| *said);
        Needles::new(CODE.into_iter().chain(SIGNAL).chain([OF_PYTHON]).chain(of_shells))
    });
    if !WORDS.may_be_in(text) {
        return None;
    }
    if let Some(signal) = signal(text) {
        return Some(killed(signal));
    }
    match number_after(text, &CODE)? {
        0 => None,
        126 => Some((Weight::Likely, CauseKind::PermissionDenied, "a program cannot be executed".to_owned())),
        127 => Some((Weight::Likely, CauseKind::CommandNotFound, "a program was not found".to_owned())),
        code @ 129..=192 => Some(killed(code.unsigned_abs() - 128)),
        code @ -64..0 => Some(killed(code.unsigned_abs())),
        code @ 1.. => Some((Weight::Hint, CauseKind::ProgramError, format!("a program failed with exit code {code}"))),
        _ => None,
    }
}

/// The exit code of a step in `text`, a line of the controller's log.
pub(super) fn of_step(text: &str) -> Option<i32> {
    number_after(text, &OF_STEP)?.try_into().ok()
}

/// The meaning of an end by `signal`. SIGTERM is only a hint: YARN sends it for other reasons.
fn killed(signal: u64) -> (Weight, CauseKind, String) {
    let name = NAMES.iter().find(|(number, ..)| *number == signal).map_or("", |(_, name, _)| *name);
    let message = format!("killed by signal {signal} {name}").trim_end().to_owned();
    let weight = if signal == 15 { Weight::Hint } else { Weight::Likely };
    (weight, CauseKind::KilledBySignal, message)
}

/// The signal in `text`, by number or name.
fn signal(text: &str) -> Option<u64> {
    let of_python = || number_after(text.split_once(OF_PYTHON)?.1, &[": "]);
    let number = number_after(text, &SIGNAL).or_else(of_python).and_then(|number| number.try_into().ok());
    number.or_else(|| signal_of_shell(text))
}

/// The signal in a shell's message, such as `job.sh: line 3: 4242 Killed python3 job.py`, or just `Killed`.
fn signal_of_shell(text: &str) -> Option<u64> {
    let named = |said: &str| NAMES.iter().find(|(.., name)| said.starts_with(name)).map(|(number, ..)| *number);
    let Some((_, rest)) = text.split_once(": line ") else {
        let is_alone = NAMES.iter().any(|(.., name)| text.strip_suffix(" (core dumped)").unwrap_or(text) == *name);
        return named(text).filter(|_| is_alone);
    };
    let mut words = rest.split_whitespace();
    words.next()?.strip_suffix(':')?.parse::<u64>().ok()?;
    let pid = words.next()?;
    pid.parse::<u64>().ok()?;
    named(rest.split_once(pid)?.1.trim_start())
}

fn number_after(text: &str, words: &[&str]) -> Option<i64> {
    words.iter().find_map(|words| {
        let (_, rest) = text.split_once(words)?;
        let end = rest.char_indices().find(|(at, c)| !(c.is_ascii_digit() || *at == 0 && *c == '-'));
        rest[..end.map_or(rest.len(), |(at, _)| at)].parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<(Weight, String)> {
        meaning(text).map(|(weight, _, message)| (weight, message))
    }

    fn killed(text: &str) -> (Weight, String) {
        (Weight::Likely, text.to_owned())
    }

    #[test]
    fn codes_above_128_are_signals() {
        assert_eq!(
            told("PipeMapRed.waitOutputThreads(): subprocess failed with code 137"),
            Some(killed("killed by signal 9 SIGKILL"))
        );
        assert_eq!(told("Container exited with a non-zero exit code 139"), Some(killed("killed by signal 11 SIGSEGV")));
        assert_eq!(told("killed by signal 33"), Some(killed("killed by signal 33")));
        assert_eq!(told("Exit code is 143").unwrap().0, Weight::Hint);
        assert_eq!(told("Command exiting with ret '255'"), None);
        assert_eq!(told("ended with exit code 0"), None);
        assert_eq!(told("ended with exit code 1").unwrap().0, Weight::Hint);
        assert_eq!(told("exit code -100"), None);
    }

    #[test]
    fn signals_are_recognized_in_messages_of_spark_python_and_shells() {
        for text in [
            "Container from a bad node: container_1_2_01_000003 on host: ip-1. Exit status: 137. Diagnostics: x",
            "subprocess.CalledProcessError: Command '['x']' died with <Signals.SIGKILL: 9>.",
            "Command '['x']' returned non-zero exit status -9",
            "/mnt/tmp/job.sh: line 3:  4242 Killed                  python3 job.py",
            "Killed",
        ] {
            assert_eq!(told(text), Some(killed("killed by signal 9 SIGKILL")), "{text}");
        }
        assert_eq!(told("Segmentation fault (core dumped)"), Some(killed("killed by signal 11 SIGSEGV")));
        for text in ["Killed the old ones", "x: line 3: syntax error", "job.sh: line 3: 7 up"] {
            assert_eq!(told(text), None, "{text}");
        }
    }

    #[test]
    fn the_exit_code_of_a_step_is_in_the_controller_log() {
        assert_eq!(of_step("waitProcessCompletion ended with exit code 134 : hadoop jar x --exit code 3"), Some(134));
        assert_eq!(of_step("Step failed with exitCode 1 and took 130 seconds"), Some(1));
        assert_eq!(of_step("total process run time: 14 seconds"), None);
        assert_eq!(of_step("ended with exit code 99999999999999999999"), None);
    }
}
