//! What is run on a node: a line for its shell, which ends when nobody listens any more.

/// Runs `$2` in a group of its own and ends the group when stdin ends, which is when the other side goes away or closes
/// it: sshd itself lets a command run on. The mark `$1` on stderr says that the command begins, and, because `ssh` says
/// 255 of its own failures, that a 255 is the command's own.
const WATCH: &str = r#"echo "$1" >&2
exec 3<&0 </dev/null
setsid sh -c "$2" 3<&- &
command=$!
{
    while read -r line <&3; do :; done
    kill -s TERM -- -$command
    sleep 2
    kill -s KILL -- -$command
} >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait $command
code=$?
kill $watch
[ $code != 255 ] || echo "$1" >&2
exit $code"#;

/// What is kept of the words that come before the command begins.
const KEPT: usize = 1 << 14;

/// The line for a remote shell that means these words and nothing else, whatever is in them.
#[must_use]
pub fn line(words: &[impl AsRef<str>]) -> String {
    shell_words::join(words)
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
