//! Logs on the nodes of a job flow. Those of containers belong to users of YARN, and are read with sudo where it is there.

use std::time::Duration;

use chrono::DateTime;
use futures_util::future::join_all;
use tokio::sync::Notify;

use crate::error::{Error, Outcome, Result};
use crate::model::instance::Node;
use crate::model::log::{LogFile, Place};
use crate::policy::logs::Folders;
use crate::ssh::{Session, Stream};

/// A list that takes longer has failed.
const LIST: Duration = Duration::from_secs(30);

/// The longest list that a node may give: a hundred thousand files.
const LONGEST: usize = 16 << 20;

/// Runs what follows as root where this user may.
const AS_ROOT: &str = "as_root=; sudo -n true 2>/dev/null && as_root='sudo -n'; ";

/// The logs in `folders` on the nodes, and whether all nodes told.
pub(super) async fn list(session: &Session, folders: &Folders) -> (Vec<LogFile>, bool) {
    let count = if folders.on_every_node { session.nodes().len() } else { 1 };
    let script = find(&folders.on_nodes);
    let lists = session.nodes().iter().take(count).map(|node| list_on(session, node, &script));
    let mut files = Vec::new();
    let mut is_all = true;
    for list in join_all(lists).await {
        match list {
            Ok(found) => files.extend(found),
            Err(error) => {
                log::warn!("{error}");
                is_all = false;
            }
        }
    }
    (files, is_all)
}

/// A script that lists the files whose paths begin with one of `beginnings`: size, time and path of each, and a NUL.
fn find(beginnings: &[String]) -> String {
    let find = |beginning: &String| {
        let folder = beginning.rsplit_once('/').map_or("/", |(folder, _)| folder);
        let pattern = format!("{beginning}*");
        let (folder, pattern) = (shell_words::quote(folder), shell_words::quote(&pattern));
        format!("$as_root find -L {folder} -type f -path {pattern} -printf '%s %T@ %p\\0' 2>/dev/null; ")
    };
    format!("{AS_ROOT}{}true", beginnings.iter().map(find).collect::<String>())
}

async fn list_on(session: &Session, node: &Node, script: &str) -> Result<Vec<LogFile>> {
    let mut list = Vec::new();
    let take = |stream, bytes: &[u8]| {
        if stream == Stream::Stdout && list.len() < LONGEST {
            list.extend_from_slice(bytes);
        }
    };
    session.run_each(node, script, Some(LIST), take).await?;
    let whole = list.iter().rposition(|byte| *byte == 0).map_or(&list[..0], |end| &list[..end]);
    Ok(whole.split(|byte| *byte == 0).filter_map(|entry| file(node, entry)).collect())
}

/// The file that an entry of the list is. One whose path is no text is passed over: none of EMR's own is.
fn file(node: &Node, entry: &[u8]) -> Option<LogFile> {
    let mut fields = std::str::from_utf8(entry).ok()?.splitn(3, ' ');
    let (bytes, time, path) = (fields.next()?.parse().ok()?, fields.next()?, fields.next()?);
    let seconds = time.split('.').next()?.parse().ok()?;
    let place = Place::Node { node: node.id.to_string(), path: path.to_owned() };
    Some(LogFile { place, bytes, time: DateTime::from_timestamp(seconds, 0) })
}

/// Hands the bytes of the file at `path` on `node` to `each`, until it says that it is enough.
pub(super) async fn read(
    session: &Session,
    node: &str,
    path: &str,
    from: u64,
    mut each: impl FnMut(&[u8]) -> bool,
) -> Result<()> {
    let unknown = || Error::new(Outcome::Bug, format!("there is no node {node} to read {path} on"));
    let node = session.nodes().iter().find(|known| known.id.as_str() == node).ok_or_else(unknown)?;
    let script = format!("{AS_ROOT}$as_root tail -c +{} -- {}", from.saturating_add(1), shell_words::quote(path));
    let enough = Notify::new();
    let mut said = Vec::new();
    let take = |stream, bytes: &[u8]| match stream {
        Stream::Stdout if !each(bytes) => enough.notify_one(),
        Stream::Stderr if said.len() < 1000 => said.extend_from_slice(bytes),
        _ => {}
    };
    let code = tokio::select! {
        code = session.run_each(node, &script, None, take) => code?,
        () = enough.notified() => return Ok(()),
    };
    if code == 0 {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&said);
    Err(Error::new(Outcome::Unavailable, format!("{}:{path} cannot be read: {}", node.id, said.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::instance::example::node;
    use crate::model::instances::Role;

    #[test]
    fn a_list_of_files_is_read_and_what_is_no_entry_is_passed_over() {
        let node = node(1, Role::Core);
        let read = file(&node, b"12 1449857544.25 /mnt/var/log/a b\nc").unwrap();
        assert_eq!((read.bytes, read.place.path()), (12, "/mnt/var/log/a b\nc"));
        assert_eq!(read.time.unwrap().timestamp(), 1_449_857_544);
        for entry in [&b""[..], b"x 1 /a", b"1 x /a", b"1 2", b"1 2 \xff"] {
            assert_eq!(file(&node, entry), None);
        }
    }

    #[test]
    fn nothing_in_a_path_reaches_the_shell() {
        let script = find(&["/a b/$(x)/".to_owned()]);
        assert!(script.contains("'/a b/$(x)' -type f -path '/a b/$(x)/*'"), "{script}");
    }
}
