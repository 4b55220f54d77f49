//! What is run on a node: a line for its shell, which ends when nobody listens any more.

use emr_core::shell;

use super::{AfterMark, Mark};

/// Becomes the words behind the mark.
const BECOME: &str = "shift\nexec \"$@\"";

/// Runs `$2` in a group of its own and ends the group when stdin ends, which is when the other side goes away or closes
/// it: sshd itself lets a command run on. sshd tells this to nobody once the command it started has ended, so this one
/// stays while something that the command left in the background holds its stdout or stderr open, for that is what the
/// other side waits for. A daemon holds neither, and goes on. The mark once more on stderr says that a 255 is the
/// command's own, because `ssh` says 255 of its own failures.
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

/// The line for a remote shell that means these words and nothing else, whatever is in them.
#[must_use]
pub fn line(words: &[impl AsRef<str>]) -> String {
    shell::join(words)
}

/// A line for a remote shell that says `mark` and becomes the command `words`.
#[must_use]
pub fn marked(words: &[impl AsRef<str>], mark: &Mark) -> String {
    let script = format!("{}{BECOME}", Mark::SAY);
    let head = ["exec", "sh", "-c", &script, "sh", mark.word()];
    shell::join(head.into_iter().chain(words.iter().map(AsRef::as_ref)))
}

/// A line for a remote shell that says `mark`, runs `script` without stdin, and ends it when the connection ends.
#[must_use]
pub fn watched(script: &str, mark: &Mark) -> String {
    line(&["exec", "sh", "-c", &format!("{}{WATCH}", Mark::SAY), "sh", mark.word(), script])
}

/// Tells in the streams of an `ssh` that runs a [`watched`] command what the command says from what others say.
#[derive(Debug)]
pub struct Streams {
    stdout: AfterMark,
    stderr: AfterMark,
    /// What may be the beginning of the mark at the end of stderr.
    held: Vec<u8>,
}

/// What the end of an `ssh` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The exit code of the command; none where `ssh` failed, or the command never began.
    pub code: Option<u8>,
    /// What the command said last.
    pub rest: Vec<u8>,
    /// What `ssh` or the login shell may have said before the command began.
    pub before: Vec<u8>,
    /// Whether the command began.
    pub began: bool,
}

impl Streams {
    /// Those of a command whose mark is `mark`.
    #[must_use]
    pub fn new(mark: &Mark) -> Self {
        Self { stdout: mark.on_stdout(), stderr: mark.on_stderr(), held: Vec::new() }
    }

    /// Takes what stdout brings, and returns what of it the command has printed.
    pub fn stdout<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        self.stdout.read(bytes)
    }

    /// Takes what stderr brings, and returns what of it the command has said.
    pub fn stderr(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(self.stderr.read(bytes));
        let mark = self.stderr.mark();
        let tail = (1..=mark.len()).rev().find(|&length| self.held.ends_with(&mark[..length]));
        let held = self.held.split_off(self.held.len() - tail.unwrap_or(0));
        std::mem::replace(&mut self.held, held)
    }

    /// Takes the exit code of `ssh`; none where it was killed.
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

    /// What the command has said, and the end, of a stderr that comes in these pieces.
    fn told(pieces: &[&[u8]], code: Option<i32>) -> (Vec<u8>, End) {
        let mut streams = Streams::new(&Mark::new("X"));
        let mut said: Vec<u8> = pieces.iter().flat_map(|piece| streams.stderr(piece)).collect();
        let end = streams.end(code);
        said.extend_from_slice(&end.rest);
        (said, end)
    }

    const MARK: &[u8] = b"emr-tools-X-err\n";

    #[test]
    fn what_comes_before_the_command_is_not_the_command_s() {
        let (said, end) = told(&[b"welcome\nemr-tools-X", b"-err\noo", b"ps\n"], Some(3));
        assert_eq!((said.as_slice(), end.code), (&b"oops\n"[..], Some(3)));
    }

    #[test]
    fn an_ssh_that_failed_has_no_exit_code_of_a_command() {
        let (said, end) = told(&[b"Connection refused\n"], Some(255));
        assert_eq!((said.as_slice(), end.code, end.began), (&b""[..], None, false));
        assert_eq!(end.before, b"Connection refused\n");
        let (said, end) = told(&[MARK, b"half", b"\nTimeout\n"], Some(255));
        assert_eq!((said.as_slice(), end.code, end.began), (&b"half\nTimeout\n"[..], None, true));
        assert_eq!(told(&[MARK], None).1.code, None);
        assert_eq!(told(&[], Some(0)).1.code, None);
    }

    #[test]
    fn a_255_of_the_command_is_marked() {
        let (said, end) = told(&[MARK, b"bad\n", MARK], Some(255));
        assert_eq!((said.as_slice(), end.code), (&b"bad\n"[..], Some(255)));
        let (said, end) = told(&[MARK, b"emr"], Some(0));
        assert_eq!((said.as_slice(), end.code), (&b"emr"[..], Some(0)));
    }

    #[test]
    fn a_shell_that_has_closed_stderr_runs_the_command_all_the_same() {
        let mut streams = Streams::new(&Mark::new("X"));
        assert_eq!(streams.stdout(b"emr-tools-X-err\nemr-tools-X-out\nhere\n"), b"here\n");
        assert_eq!(streams.end(Some(0)).code, Some(0));
    }

    proptest! {
        #[test]
        fn words_are_the_same_words_to_a_shell(words in proptest::collection::vec("\\PC*|[\n\t'\"$`\\\\!*;& ]*", 1..6)) {
            prop_assert_eq!(shell::split(&line(&words)).unwrap(), words.clone());
            let marked = shell::split(&marked(&words, &Mark::new("X"))).unwrap();
            prop_assert_eq!(&marked[6..], &words);
        }

        #[test]
        fn stderr_means_the_same_however_it_comes_in_pieces(
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
