//! The line that a node's shell runs. The command ends when the connection does.

use emr_core::shell;

use super::{AfterMark, Mark};

/// Replaces the shell with the words after the mark.
const BECOME: &str = "shift\nexec \"$@\"";

/// Runs `$2` in its own process group, and ends the group when stdin ends: sshd lets a command run on after the
/// connection is lost or closed. Background processes of the command may hold its stdout or stderr open, and the other
/// side waits for those, so this script stays until they end. A daemon holds neither, and continues. `ssh` uses 255 for
/// its own failures, so for a command's own 255 the mark is printed once more on stderr.
const WATCH: &str = r#"exec 3<&0 </dev/null
setsid sh -c "$2" 3<&- &
command=$!
{
    while read -r line <&3; do :; done
    kill -s TERM -- -$command || kill -s TERM $command
    sleep 2
    kill -s KILL -- -$command
} >/dev/null 2>&1 &
watch=$!
exec 3<&-
is_held() {
    for pipe in "$(readlink /proc/$$/fd/1)" "$(readlink /proc/$$/fd/2)"; do
        name=$(printf %s "$pipe" | sed 's/[][*?\\]/\\&/g')
        [ -z "$(exec 2>/dev/null; find /proc/[0-9]*/fd/[12] -lname "$name" ! -path "/proc/$$/*")" ] || return 0
    done
    return 1
}
wait $command
code=$?
while kill -s 0 -- -$command 2>/dev/null && is_held; do sleep 1; done
kill $watch 2>/dev/null
[ $code != 255 ] || echo "$1-err" >&2
exit $code"#;

/// The line that a remote shell splits into exactly these words.
#[must_use]
pub fn line(words: &[impl AsRef<str>]) -> String {
    shell::join(words)
}

/// A line for a remote shell that prints `mark` and becomes the command `words`.
#[must_use]
pub fn marked(words: &[impl AsRef<str>], mark: &Mark) -> String {
    let script = format!("{}{BECOME}", Mark::SAY);
    let head = ["exec", "sh", "-c", &script, "sh", mark.word()];
    shell::join(head.into_iter().chain(words.iter().map(AsRef::as_ref)))
}

/// A line for a remote shell that prints `mark`, runs `script` without stdin, and ends it when the connection ends.
#[must_use]
pub fn watched(script: &str, mark: &Mark) -> String {
    line(&["exec", "sh", "-c", &format!("{}{WATCH}", Mark::SAY), "sh", mark.word(), script])
}

/// Separates the output of a [`watched`] command from that of `ssh` and the login shell.
#[derive(Debug)]
pub struct Streams {
    stdout: AfterMark,
    stderr: AfterMark,
    /// The end of stderr that may be the beginning of the mark.
    held: Vec<u8>,
}

/// The result of an `ssh`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The exit code of the command; `None` if `ssh` failed or the command never began.
    pub code: Option<u8>,
    /// The end of the command's stderr.
    pub rest: Vec<u8>,
    /// What `ssh` or the login shell wrote before the command began.
    pub before: Vec<u8>,
    /// Whether the command began.
    pub began: bool,
}

impl Streams {
    /// The streams of a command whose mark is `mark`.
    #[must_use]
    pub fn new(mark: &Mark) -> Self {
        Self { stdout: mark.on_stdout(), stderr: mark.on_stderr(), held: Vec::new() }
    }

    /// Takes bytes of stdout, and returns those of the command.
    pub fn stdout<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        self.stdout.read(bytes)
    }

    /// Takes bytes of stderr, and returns those of the command.
    pub fn stderr(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(self.stderr.read(bytes));
        let mark = self.stderr.mark();
        let tail = (1..=mark.len()).rev().find(|&length| self.held.ends_with(&mark[..length]));
        let held = self.held.split_off(self.held.len() - tail.unwrap_or(0));
        std::mem::replace(&mut self.held, held)
    }

    /// Takes the exit code of `ssh`; `None` if it was killed.
    #[must_use]
    pub fn end(self, code: Option<i32>) -> End {
        let began = self.stdout.began() || self.stderr.began();
        let is_marked = self.held == self.stderr.mark();
        let code = code.and_then(|code| u8::try_from(code).ok()).filter(|code| began && (*code != 255 || is_marked));
        let rest = if is_marked { Vec::new() } else { self.held };
        End { code, rest, before: self.stderr.before().to_vec(), began }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The command's part of a stderr that comes in these pieces, and its end.
    fn told(pieces: &[&[u8]], code: Option<i32>) -> (Vec<u8>, End) {
        let mut streams = Streams::new(&Mark::new("X"));
        let mut said: Vec<u8> = pieces.iter().flat_map(|piece| streams.stderr(piece)).collect();
        let end = streams.end(code);
        said.extend_from_slice(&end.rest);
        (said, end)
    }

    const MARK: &[u8] = b"emr-tools-X-err\n";

    #[test]
    fn output_before_the_mark_is_not_the_command_s() {
        let (said, end) = told(&[b"welcome\nemr-tools-X", b"-err\noo", b"ps\n"], Some(3));
        assert_eq!((said.as_slice(), end.code), (&b"oops\n"[..], Some(3)));
    }

    #[test]
    fn a_failed_ssh_has_no_exit_code_of_a_command() {
        let (said, end) = told(&[b"Connection refused\n"], Some(255));
        assert_eq!((said.as_slice(), end.code, end.began), (&b""[..], None, false));
        assert_eq!(end.before, b"Connection refused\n");
        let (said, end) = told(&[MARK, b"half", b"\nTimeout\n"], Some(255));
        assert_eq!((said.as_slice(), end.code, end.began), (&b"half\nTimeout\n"[..], None, true));
        assert_eq!(told(&[MARK], None).1.code, None);
        assert_eq!(told(&[], Some(0)).1.code, None);
    }

    #[test]
    fn a_command_s_own_255_is_marked() {
        let (said, end) = told(&[MARK, b"bad\n", MARK], Some(255));
        assert_eq!((said.as_slice(), end.code), (&b"bad\n"[..], Some(255)));
        let (said, end) = told(&[MARK, b"emr"], Some(0));
        assert_eq!((said.as_slice(), end.code), (&b"emr"[..], Some(0)));
    }

    #[test]
    fn a_shell_that_has_joined_the_streams_runs_the_command() {
        let mut streams = Streams::new(&Mark::new("X"));
        assert_eq!(streams.stdout(b"emr-tools-X-err\nemr-tools-X-out\nhere\n"), b"here\n");
        assert_eq!(streams.end(Some(0)).code, Some(0));
    }

    proptest! {
        #[test]
        fn a_shell_splits_a_line_into_the_same_words(words in proptest::collection::vec("\\PC*|[\n\t'\"$`\\\\!*;& ]*", 1..6)) {
            prop_assert_eq!(shell::split(&line(&words)).unwrap(), words.clone());
            let marked = shell::split(&marked(&words, &Mark::new("X"))).unwrap();
            prop_assert_eq!(&marked[6..], &words);
        }

        #[test]
        fn pieces_of_stderr_do_not_matter(
            said in "[emr\\-tolsX\n]{0,20}",
            cuts in proptest::collection::vec(0..60_usize, 0..6),
        ) {
            let all = format!("noise\nemr-tools-X-err\n{said}");
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(all.len())).chain([0, all.len()]).collect();
            cuts.sort_unstable();
            let pieces: Vec<_> = cuts.windows(2).map(|pair| &all.as_bytes()[pair[0]..pair[1]]).collect();
            let (pieced, whole) = (told(&pieces, Some(0)), told(&[all.as_bytes()], Some(0)));
            prop_assert_eq!(&pieced.0, &whole.0);
            let expected = said.strip_suffix("emr-tools-X-err\n").unwrap_or(&said);
            prop_assert_eq!(whole.0, expected.as_bytes());
        }
    }
}
