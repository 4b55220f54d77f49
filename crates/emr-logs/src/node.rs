//! Logs on the nodes of a job flow. Those of containers belong to users of YARN, and are read with sudo where it exists.
//!
//! Those users write in these folders, too: as root the tools follow no link, and read no more of a file than was listed.

use std::cell::Cell;
use std::time::Duration;

use chrono::DateTime;
use emr_core::error::{Error, Outcome, Result};
use emr_core::logs::{Folders, Generation};
use emr_core::model::instance::Node;
use emr_core::model::log::{LogFile, Place};
use emr_core::shell;
use emr_ssh::{Session, Stream};
use futures_util::future::join_all;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// Time limit of a list, and of a log's silence.
const LIST: Duration = Duration::from_secs(30);

/// Longest list that a node may send, in bytes: a hundred thousand files.
const LONGEST: usize = 16 << 20;

/// Runs what follows as root where this user may.
const AS_ROOT: &str = "as_root=; sudo -n true 2>/dev/null && as_root='sudo -n'; ";

/// Prints the `$4` bytes from `$3` on of the file `$2` in the folder `$1`, if no link leads there from the log folder.
/// A link or a pipe that takes its place meanwhile is neither followed nor waited for. A file that has become shorter is
/// another one: the hour is over, and its bytes are those of the next.
const READ: &str = r#"logs=/mnt/var/log
root=$(cd "$logs" && pwd -P) && cd -- "$1" || exit
[ "$(pwd -P)" = "$root${1#"$logs"}" ] && [ -f "./$2" ] && [ ! -L "./$2" ] || { echo 'not a regular file' >&2; exit 1; }
[ "$(stat -c %s "./$2")" -ge "$(($3 + $4))" ] || { echo 'shorter than it was' >&2; exit 1; }
exec dd if="./$2" iflag=nofollow,nonblock,fullblock,skip_bytes,count_bytes bs=64k skip="$3" count="$4" status=none"#;

/// The same before release 4.0, where all runs as one user and logs are behind links.
const READ_LINKED: &str = r#"cd -- "$1" || exit
[ -f "./$2" ] && [ -r "./$2" ] || { echo 'not a file that can be read' >&2; exit 1; }
tail -c "+$(($3 + 1))" "./$2" | head -c "$4""#;

/// Whether logs are behind links, which are followed, though not as root.
fn is_linked(generation: Generation) -> bool {
    generation != Generation::Release
}

/// What the nodes have.
#[derive(Default)]
pub(super) struct OnNodes {
    /// The logs that can be read.
    pub(super) files: Vec<LogFile>,
    /// Those that this user may not read.
    pub(super) unreadable: Vec<LogFile>,
    /// Why nodes did not answer.
    pub(super) errors: Vec<Error>,
}

/// The logs in `folders` on the nodes.
pub(super) async fn list(session: &Session, generation: Generation, folders: &Folders) -> OnNodes {
    let count = if folders.on_every_node { session.nodes().len() } else { 1 };
    let script = find(generation, &folders.on_nodes);
    let lists = session.nodes().iter().take(count).map(|node| list_on(session, node, &script));
    let mut found = OnNodes::default();
    for list in join_all(lists).await {
        match list {
            Ok(list) => {
                for (is_readable, file) in list {
                    if is_readable { &mut found.files } else { &mut found.unreadable }.push(file);
                }
            }
            Err(error) => found.errors.push(error),
        }
    }
    found
}

/// A script that lists the files whose paths begin with one of `beginnings`: `+` if it can be read or else `-`, size, time
/// and path of each, and a NUL.
fn find(generation: Generation, beginnings: &[String]) -> String {
    let (as_root, command) = if is_linked(generation) { ("", "find -L") } else { (AS_ROOT, "$as_root find -P") };
    let find = |beginning: &String| {
        let folder = beginning.rsplit_once('/').map_or("/", |(folder, _)| folder);
        let pattern = format!("{beginning}*");
        let (folder, pattern) = (shell::quote(folder), shell::quote(&pattern));
        let print = r"\( -readable -printf '+ %s %T@ %p\0' -o -printf '- %s %T@ %p\0' \)";
        format!("{command} {folder} -type f -path {pattern} {print} 2>/dev/null; ")
    };
    format!("{as_root}{}true", beginnings.iter().map(find).collect::<String>())
}

async fn list_on(session: &Session, node: &Node, script: &str) -> Result<Vec<(bool, LogFile)>> {
    let mut list = Vec::new();
    let take = |stream, bytes: &[u8]| {
        if stream == Stream::Stdout && list.len() < LONGEST {
            list.extend_from_slice(bytes);
        }
    };
    session.run_each(node, script, Some(LIST), take).await?;
    Ok(files(node, &list))
}

/// Parses the list of files on `node`. What follows the last NUL was cut off.
pub(super) fn files(node: &Node, list: &[u8]) -> Vec<(bool, LogFile)> {
    let whole = list.iter().rposition(|byte| *byte == 0).map_or(&list[..0], |end| &list[..end]);
    whole.split(|byte| *byte == 0).filter_map(|entry| file(node, entry)).collect()
}

/// Parses an entry of the list: whether the file can be read, and the file. A path that is no UTF-8 is skipped: EMR
/// writes none.
fn file(node: &Node, entry: &[u8]) -> Option<(bool, LogFile)> {
    let mut fields = std::str::from_utf8(entry).ok()?.splitn(4, ' ');
    let is_readable = fields.next()? == "+";
    let (bytes, time, path) = (fields.next()?.parse().ok()?, fields.next()?, fields.next()?);
    let seconds = time.split('.').next()?.parse().ok()?;
    let place = Place::Node { node: node.id.to_string(), path: path.to_owned() };
    Some((is_readable, LogFile { place, bytes, time: DateTime::from_timestamp(seconds, 0) }))
}

/// A script that prints the bytes `from` to `to` of the file at `path`.
fn print(generation: Generation, path: &str, from: u64, to: u64) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
    let (from, count) = (from.to_string(), to.saturating_sub(from).to_string());
    let command = if is_linked(generation) { READ_LINKED } else { READ };
    let words = shell::join(["sh", "-c", command, "sh", folder, name, &from, &count]);
    if is_linked(generation) { words } else { format!("{AS_ROOT}$as_root {words}") }
}

/// Passes the bytes `from` to `to` of the file at `path` on `node` to `each`, until it returns false.
pub(super) async fn read(
    session: &Session,
    generation: Generation,
    (node, path): (&str, &str),
    (from, to): (u64, u64),
    mut each: impl FnMut(&[u8]) -> bool,
) -> Result<()> {
    let unknown = || Error::new(Outcome::Bug, format!("there is no node {node} to read {path} on"));
    let node = session.nodes().iter().find(|known| known.id.as_str() == node).ok_or_else(unknown)?;
    let script = print(generation, path, from, to);
    let (enough, last) = (Notify::new(), Cell::new(Instant::now()));
    let mut said = Vec::new();
    let take = |stream, bytes: &[u8]| {
        match stream {
            Stream::Stdout if !each(bytes) => enough.notify_one(),
            Stream::Stderr if said.len() < 1000 => said.extend_from_slice(bytes),
            _ => {}
        }
        last.set(Instant::now());
    };
    let silence =
        || Error::new(Outcome::Unavailable, format!("{}:{path} has not come for {} s", node.id, LIST.as_secs()));
    let code = tokio::select! {
        // What has arrived goes first: a slow reader of stdout is not a node that is silent.
        biased;
        code = session.run_each(node, &script, None, take) => code?,
        () = enough.notified() => return Ok(()),
        () = silent(&last) => return Err(silence()),
    };
    if code == 0 {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&said);
    Err(Error::new(Outcome::Unavailable, format!("{}:{path} cannot be read: {}", node.id, said.trim())))
}

/// Waits until nothing has come since `last` for as long as a list may take: a read of a pipe that took the place of a log,
/// or of a disk that hangs, never ends.
async fn silent(last: &Cell<Instant>) {
    while last.get().elapsed() < LIST {
        sleep_until(last.get() + LIST).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use emr_core::model::instance::example::node;
    use emr_core::model::instances::Role;

    #[test]
    fn a_list_of_files_is_read_and_what_is_no_entry_is_passed_over() {
        let node = node(1, Role::Core);
        let (is_readable, read) = file(&node, b"+ 12 1449857544.25 /mnt/var/log/a b\nc").unwrap();
        assert!(is_readable && !file(&node, b"- 12 1449857544.25 /a").unwrap().0);
        assert_eq!((read.bytes, read.place.path()), (12, "/mnt/var/log/a b\nc"));
        assert_eq!(read.time.unwrap().timestamp(), 1_449_857_544);
        for entry in [&b""[..], b"+ x 1 /a", b"+ 1 x /a", b"+ 1 2", b"+ 1 2 \xff"] {
            assert_eq!(file(&node, entry), None);
        }
    }

    #[test]
    fn nothing_in_a_path_reaches_the_shell() {
        let script = find(Generation::Release, &["/a b/$(x)/".to_owned()]);
        assert!(script.contains("'/a b/$(x)' -type f -path '/a b/$(x)/*'"), "{script}");
    }

    #[test]
    fn links_are_followed_before_release_4_alone_and_never_as_root() {
        for generation in [Generation::Hadoop1, Generation::Ami3, Generation::Release] {
            let script = find(generation, &["/a/".to_owned()]) + &print(generation, "/a/b", 0, 1);
            assert!(script.contains("find -L") != script.contains("sudo"), "{script}");
        }
    }
}
