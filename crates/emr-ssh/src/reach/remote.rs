//! What is run on a node: a line for its shell, which ends when nobody listens any more.

use emr_core::shell;

/// Runs `$2` in a group of its own and ends the group when stdin ends, which is when the other side goes away or closes
/// it: sshd itself lets a command run on. What the command leaves in the background goes on, as sshd tells nobody that
/// the other side goes away after it has ended. The mark `$1` on stderr says that the command begins, and, because `ssh` says
/// 255 of its own failures, that a 255 is the command's own.
const WATCH: &str = r#"echo "$1" >&2
exec 3<&0 </dev/null
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
wait $command
code=$?
kill $watch 2>/dev/null
[ $code != 255 ] || echo "$1" >&2
exit $code"#;

/// What is kept of the words that come before the command begins.
const KEPT: usize = 1 << 14;

/// The line for a remote shell that means these words and nothing else, whatever is in them.
#[must_use]
pub fn line(words: &[impl AsRef<str>]) -> String {
    shell::join(words)
}

/// A line for a remote shell that runs `script` without stdin, and ends it when the connection ends.
#[must_use]
pub fn watched(script: &str, mark: &str) -> String {
    line(&["exec", "sh", "-c", WATCH, "sh", mark, script])
}

/// Tells on the stderr of an `ssh` that runs a [`watched`] command what `ssh` says from what the command says.
#[derive(Debug)]
pub struct Remarks {
    mark: Vec<u8>,
    began: bool,
    /// Before the command began: what `ssh` and the login shell have said. Then: what may be the beginning of a mark.
    held: Vec<u8>,
}

/// What the end of an `ssh` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The exit code of the command; none where `ssh` failed.
    pub code: Option<u8>,
    /// What the command said last.
    pub rest: Vec<u8>,
    /// What `ssh` may have said.
    pub ssh: Vec<u8>,
    /// Whether the command began.
    pub began: bool,
}

impl Remarks {
    /// Of a command whose mark is `mark`.
    #[must_use]
    pub fn new(mark: &str) -> Self {
        Self { mark: format!("{mark}\n").into_bytes(), began: false, held: Vec::new() }
    }

    /// Takes what stderr brings, and returns what of it the command has said.
    pub fn read(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        if !self.began {
            let place = self.held.windows(self.mark.len()).position(|window| window == self.mark);
            let Some(place) = place else {
                let much = self.held.len().saturating_sub(KEPT);
                self.held.drain(..much);
                return Vec::new();
            };
            self.began = true;
            self.held.drain(..place + self.mark.len());
        }
        let tail = (1..=self.mark.len()).rev().find(|&length| self.held.ends_with(&self.mark[..length]));
        let held = self.held.split_off(self.held.len() - tail.unwrap_or(0));
        std::mem::replace(&mut self.held, held)
    }

    /// Takes the exit code of `ssh`; none where it was killed.
    #[must_use]
    pub fn end(self, code: Option<i32>) -> End {
        let code = code.and_then(|code| u8::try_from(code).ok());
        let is_marked = self.began && self.held == self.mark;
        let rest = if self.began && !is_marked { self.held.clone() } else { Vec::new() };
        let code = code.filter(|code| self.began && (*code != 255 || is_marked));
        End { code, rest, ssh: self.held, began: self.began }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What the command has said, and the end, of a stderr that comes in these pieces.
    fn told(pieces: &[&[u8]], code: Option<i32>) -> (Vec<u8>, End) {
        let mut remarks = Remarks::new("MARK");
        let mut said: Vec<u8> = pieces.iter().flat_map(|piece| remarks.read(piece)).collect();
        let end = remarks.end(code);
        said.extend_from_slice(&end.rest);
        (said, end)
    }

    #[test]
    fn what_comes_before_the_command_is_not_the_command_s() {
        let (said, end) = told(&[b"welcome\nMA", b"RK\noo", b"ps\n"], Some(3));
        assert_eq!((said.as_slice(), end.code), (&b"oops\n"[..], Some(3)));
    }

    #[test]
    fn an_ssh_that_failed_has_no_exit_code_of_a_command() {
        let (said, end) = told(&[b"Connection refused\n"], Some(255));
        assert_eq!((said.as_slice(), end.code, end.began), (&b""[..], None, false));
        assert_eq!(end.ssh, b"Connection refused\n");
        let (said, end) = told(&[b"MARK\nhalf", b"\nTimeout\n"], Some(255));
        assert_eq!((said.as_slice(), end.code, end.began), (&b"half\nTimeout\n"[..], None, true));
        assert_eq!(told(&[b"MARK\n"], None).1.code, None);
        assert_eq!(told(&[], Some(0)).1.code, None);
    }

    #[test]
    fn a_255_of_the_command_is_marked() {
        let (said, end) = told(&[b"MARK\nbad\nMARK\n"], Some(255));
        assert_eq!((said.as_slice(), end.code), (&b"bad\n"[..], Some(255)));
        let (said, end) = told(&[b"MARK\nMA"], Some(0));
        assert_eq!((said.as_slice(), end.code), (&b"MA"[..], Some(0)));
    }

    proptest! {
        #[test]
        fn words_are_the_same_words_to_a_shell(words in proptest::collection::vec("\\PC*|[\n\t'\"$`\\\\!*;& ]*", 1..6)) {
            prop_assert_eq!(shell::split(&line(&words)).unwrap(), words);
        }

        #[test]
        fn stderr_means_the_same_however_it_comes_in_pieces(
            said in "[MARK\n]{0,20}",
            cuts in proptest::collection::vec(0..40_usize, 0..6),
        ) {
            let all = format!("noise\nMARK\n{said}");
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(all.len())).chain([0, all.len()]).collect();
            cuts.sort_unstable();
            let pieces: Vec<_> = cuts.windows(2).map(|pair| &all.as_bytes()[pair[0]..pair[1]]).collect();
            let (pieced, whole) = (told(&pieces, Some(0)), told(&[all.as_bytes()], Some(0)));
            prop_assert_eq!(&pieced.0, &whole.0);
            let expected = said.strip_suffix("MARK\n").unwrap_or(&said);
            prop_assert_eq!(whole.0, expected.as_bytes());
        }
    }
}
