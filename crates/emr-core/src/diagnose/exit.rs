//! What exit codes say, in the words of those who report them.

use super::Weight;
use crate::model::cause::CauseKind;

/// The words before an exit code, and before the number of a signal.
const CODE: [&str; 7] = [
    "subprocess failed with code ",
    "exit code ",
    "Exit code is ",
    "exitCode ",
    "exitCode: ",
    "exit status ",
    "exited with status ",
];
const SIGNAL: [&str; 2] = ["killed by signal ", "terminated by signal "];

/// Signals that end programs.
const NAMES: [(u64, &str); 9] = [
    (4, "SIGILL"),
    (6, "SIGABRT"),
    (7, "SIGBUS"),
    (8, "SIGFPE"),
    (9, "SIGKILL"),
    (11, "SIGSEGV"),
    (15, "SIGTERM"),
    (24, "SIGXCPU"),
    (25, "SIGXFSZ"),
];

/// What the exit code in `text` says, and how much that is; none where there is none, or one that means no failure.
pub(super) fn meaning(text: &str) -> Option<(Weight, CauseKind, String)> {
    if let Some(signal) = number_after(text, &SIGNAL) {
        return Some(killed(signal));
    }
    match number_after(text, &CODE)? {
        0 => None,
        126 => Some((Weight::Likely, CauseKind::PermissionDenied, "a program cannot be executed".to_owned())),
        127 => Some((Weight::Likely, CauseKind::CommandNotFound, "a program was not found".to_owned())),
        code @ 129..=192 => Some(killed(code - 128)),
        code => Some((Weight::Hint, CauseKind::ProgramError, format!("a program failed with exit code {code}"))),
    }
}

/// That a signal ended the process. YARN itself ends by SIGTERM what has another cause.
fn killed(signal: u64) -> (Weight, CauseKind, String) {
    let name = NAMES.iter().find(|(number, _)| *number == signal).map_or("", |(_, name)| *name);
    let message = format!("killed by signal {signal} {name}").trim_end().to_owned();
    let weight = if signal == 15 { Weight::Hint } else { Weight::Likely };
    (weight, CauseKind::KilledBySignal, message)
}

fn number_after(text: &str, words: &[&str]) -> Option<u64> {
    words.iter().find_map(|words| {
        let (_, rest) = text.split_once(words)?;
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_above_128_are_signals() {
        let told = |text| meaning(text).map(|(weight, _, message)| (weight, message));
        let killed = |text: &str| (Weight::Likely, text.to_owned());
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
}
