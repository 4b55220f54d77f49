//! Finds, fetches, reads and deletes the core dumps of a node. All calls block, so each node has its own thread.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use emr_cli::progress::Bar;
use emr_core::error::Result;
use emr_core::model::id::InstanceId;
use emr_core::model::instance::Node;
use emr_ssh::reach::{Mark, Reach};
use emr_ssh::{Explainer, Session};

use crate::dump::binaries::Binaries;
use crate::dump::memory::{self, BLOCK};
use crate::dump::{backtrace, python};
use crate::remote::{
    CHUNK, FoundCore, Link, Listing, PATIENCE, Part, fetch, is_refused, is_worth_another_try, list, words,
};
use crate::{file_name, local, vault};

/// The folder that is searched on every node. The usual advice is to write core dumps there.
const USUAL: &str = "/tmp/cores";

/// How to connect to a node, also a second time.
#[derive(Clone)]
struct Dial {
    id: InstanceId,
    explainer: Explainer,
    /// The longest time to an answer.
    limit: Duration,
    /// The command without sudo, and with it.
    words: [Vec<OsString>; 2],
    /// The mark that comes before the output of the helper.
    mark: Mark,
}

/// A node whose core dumps are listed.
pub(crate) struct SearchedNode {
    dial: Dial,
    link: Link,
    as_root: bool,
    /// The core dumps and other files that were found.
    pub(crate) listing: Listing,
}

impl Dial {
    fn new(session: &Session, node: &Node, reach: &Reach) -> Result<Self> {
        let line = |as_root| -> Result<(Vec<OsString>, Mark)> {
            let (command, mark) = session.command(node, &words(as_root))?;
            let command = command.into_std();
            Ok(([command.get_program()].into_iter().chain(command.get_args()).map(OsString::from).collect(), mark))
        };
        let ((own, mark), (root, _)) = (line(false)?, line(true)?);
        let (id, explainer) = (node.id.clone(), session.explainer(node));
        Ok(Self { id, explainer, limit: reach.connect_timeout + PATIENCE, words: [own, root], mark })
    }

    fn open(&self, as_root: bool) -> Result<Link> {
        let words = &self.words[usize::from(as_root)];
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        let explainer = self.explainer.clone();
        let explain = Box::new(move |code, began, said: &[u8]| explainer.error(code, began, said));
        Link::open(&mut command, &self.mark, self.limit, explain)
    }
}

/// Where to search on a node, and whether core dumps will be deleted.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    /// The folders; empty for the default: `/tmp/cores`, and where the node's kernel writes core dumps.
    pub(crate) folders: Vec<String>,
    /// Whether core dumps will be deleted.
    pub(crate) delete: bool,
}

/// Connects to `node`. Returns a blocking function that searches it.
pub(crate) fn look(
    session: &Session,
    node: &Node,
    reach: &Reach,
    wanted: Search,
) -> Result<impl FnOnce() -> Result<SearchedNode> + Send + use<>> {
    let dial = Dial::new(session, node, reach)?;
    Ok(move || {
        let id = dial.id.clone();
        SearchedNode::find(dial, &wanted).map_err(|error| error.on(id))
    })
}

impl SearchedNode {
    fn find(dial: Dial, wanted: &Search) -> Result<Self> {
        let mut link = dial.open(false)?;
        let folders = folders(&link, wanted);
        let listing = list(&mut link, &folders)?;
        let mut looked = Self { dial, link, as_root: false, listing };
        if looked.wants_root(wanted) {
            // Without sudo, the files that this user may read are listed.
            if let Ok(mut link) = looked.dial.open(true) {
                let listing = list(&mut link, &folders)?;
                looked = Self { link, listing, as_root: true, ..looked };
            }
        }
        Ok(looked)
    }

    fn wants_root(&self, wanted: &Search) -> bool {
        let others = wanted.delete && self.listing.found.iter().any(|core| !core.mine);
        !self.link.greeting.root && (others || !self.listing.unreadable.is_empty())
    }

    /// The id of the instance.
    pub(crate) fn id(&self) -> &InstanceId {
        &self.dial.id
    }

    /// Where the node's kernel writes core dumps, as text, if the helper cannot search there.
    pub(crate) fn elsewhere(&self) -> Option<String> {
        let pattern = &self.link.greeting.core_pattern;
        if let Some(program) = pattern.strip_prefix('|') {
            let program = program.split_whitespace().next().unwrap_or_default();
            return Some(format!("gives core dumps to the program {program}"));
        }
        folder(pattern)
            .is_none()
            .then(|| format!("writes core dumps as '{pattern}' to the folder that each program runs in"))
    }

    /// Fetches a core dump to `file`, and returns its SHA-256. If the connection breaks, connects again and resumes,
    /// once.
    pub(crate) fn fetch(&mut self, core: &FoundCore, file: &Path, bar: &Bar) -> Result<String> {
        let first = self.fetch_once(core, file, bar);
        let fetched = match first {
            Err(error) if is_worth_another_try(&error) => {
                self.link = self.dial.open(self.as_root).map_err(|again| again.on(self.id()))?;
                self.fetch_once(core, file, bar)
            }
            Err(error) => {
                // Frames of this file may still arrive, and would be taken for the next answer.
                self.link = self.dial.open(self.as_root).map_err(|again| again.on(self.id()))?;
                Err(error)
            }
            fetched => fetched,
        };
        let path = String::from_utf8_lossy(&core.identity.path).into_owned();
        fetched.map_err(|error| error.on(path).on(self.id()))
    }

    fn fetch_once(&mut self, core: &FoundCore, file: &Path, bar: &Bar) -> Result<String> {
        vault::check_place(file)?;
        let part = Part::open(file, core.identity.numbers[0])?;
        part.check_room(core.stored)?;
        let sha256 = fetch(&mut self.link, &core.identity, true, part, |bytes| bar.set_position(bytes))?;
        Ok(hex::encode(sha256))
    }

    /// The backtrace of the thread that crashed, made on the node.
    pub(crate) fn backtrace(&mut self, core: &FoundCore) -> Result<Option<Vec<String>>> {
        let (link, path) = (&mut self.link, &core.identity.path);
        let native = match &core.header.executable {
            Some(executable) => backtrace::functions(&link.debug(path, executable, &backtrace::GDB)?),
            None => Vec::new(),
        };
        let python = python::traceback(&core.header, |part| read(link, path, part))?;
        Ok(backtrace::merged(native, python))
    }

    /// Fetches the files that the process of a core dump ran, and returns their folder. Each build is fetched once.
    pub(crate) fn fetch_binaries(&mut self, core: &FoundCore, file: &Path, folder: &Path) -> Result<Binaries> {
        let binaries = local::binaries(&core.header, file)?;
        let build = folder.join(&binaries.build);
        let link = &mut self.link;
        local::keep(&build, &binaries, |path, start| link.read(path.as_bytes(), false, start, CHUNK))?;
        Ok(binaries)
    }

    /// Deletes a core dump on the node.
    pub(crate) fn delete(&mut self, core: &FoundCore) -> Result<()> {
        let path = String::from_utf8_lossy(&core.identity.path).into_owned();
        self.link.delete(&core.identity).map_err(|error| error.on(format!("cannot delete {path}")).on(self.id()))
    }
}

/// Reads a part of the core dump at `path`, or of a file that was mapped. A file that may not be read counts as empty.
fn read(link: &mut Link, path: &[u8], part: &memory::Part) -> Result<Vec<u8>> {
    let read = match &part.file {
        None => link.read(path, true, part.start, BLOCK),
        Some(file) => link.read(file.as_bytes(), false, part.start, BLOCK),
    };
    read.or_else(|error| if is_refused(&error) { Ok(Vec::new()) } else { Err(error) })
}

/// The folders to search on a node.
fn folders(link: &Link, wanted: &Search) -> Vec<String> {
    if !wanted.folders.is_empty() {
        return wanted.folders.clone();
    }
    let mut folders = vec![USUAL.to_owned()];
    folders.extend(folder(&link.greeting.core_pattern).filter(|folder| folder != USUAL));
    folders
}

/// The folder in a `core_pattern`, if it is the same for all programs.
fn folder(pattern: &str) -> Option<String> {
    let fixed = pattern.split('%').next().filter(|fixed| fixed.starts_with('/'))?;
    let (folder, _) = fixed.rsplit_once('/')?;
    Some(if folder.is_empty() { "/".to_owned() } else { folder.to_owned() })
}

/// The folder for the core dumps of a node.
pub(crate) fn place(output_dir: &Path, job_flow: &str, id: &InstanceId, core: &FoundCore) -> PathBuf {
    let file = file_name::file_name(&core.identity, core.header.pid, &core.header.program);
    output_dir.join(job_flow).join(id.as_str()).join(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_core_dumps_ends_before_what_depends_on_the_program() {
        let of = |pattern| folder(pattern).unwrap_or_default();
        assert_eq!(of("/tmp/cores/core.%e.%p.%h.%t"), "/tmp/cores");
        assert_eq!(of("/var/cores/%e/core"), "/var/cores");
        assert_eq!(of("/core"), "/");
        for nowhere in ["core", "", "|/usr/lib/systemd/systemd-coredump %P", "%e"] {
            assert_eq!(of(nowhere), "", "{nowhere}");
        }
    }
}
