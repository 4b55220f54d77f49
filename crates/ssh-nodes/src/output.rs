//! Writes the output of a command: as lines that start with the node's name, once for all nodes with equal output, as
//! records, or to files.

use std::fs::{DirBuilder, Permissions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use emr_cli::{Printer, Text, pass_on};
use emr_core::error::{Error, Result};
use emr_core::model::id::JobFlowId;
use emr_core::model::instance::Node;
use emr_ssh::Stream;
use tempfile::NamedTempFile;

use crate::args::Args;
use crate::host_ranges::fold;
use crate::record::NodeRecord;

/// A longer line is broken, so that memory stays bounded.
const LONGEST_LINE: usize = 1 << 16;

/// The most bytes of a stream that are kept for groups and records: 16 MiB.
const KEPT: usize = 1 << 24;

/// The output of all nodes.
pub(crate) struct Outputs {
    job_flow: JobFlowId,
    manner: Manner,
    text: Text,
    /// Each distinct output with the names of its nodes, in order of first arrival.
    groups: Vec<(Vec<u8>, Vec<String>)>,
    failure: Option<Error>,
}

/// How output is written.
enum Manner {
    /// Line by line, at once.
    Lines,
    /// At the end, equal outputs once.
    Groups,
    /// In records.
    Records(Printer<NodeRecord>),
    /// To files in a folder; the records name them.
    Files(PathBuf, Printer<NodeRecord>),
}

/// The output of one node.
pub(crate) struct Place<'a> {
    node: &'a Node,
    stdout: Kept,
    stderr: Kept,
}

/// The kept output of a stream.
enum Kept {
    Memory(Vec<u8>),
    File(NamedTempFile),
}

impl Outputs {
    /// Prepares for the output of the nodes of `job_flow`, in the manner that `args` select.
    pub(crate) fn new(args: &Args, job_flow: &JobFlowId) -> Result<Self> {
        let manner = match &args.output_dir {
            Some(folder) => {
                let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
                made.map_err(|cause| Error::file("make", folder, &cause))?;
                Manner::Files(folder.clone(), args.output.printer())
            }
            None if args.group => Manner::Groups,
            None if args.output.is_chosen() => Manner::Records(args.output.printer()),
            None => Manner::Lines,
        };
        Ok(Self { job_flow: job_flow.clone(), manner, text: Text::on_stdout(), groups: Vec::new(), failure: None })
    }

    /// The place for the output of `node`.
    pub(crate) fn place<'a>(&self, node: &'a Node) -> Result<Place<'a>> {
        let kept = || match &self.manner {
            Manner::Files(folder, _) => {
                let private = Permissions::from_mode(0o600);
                let file = tempfile::Builder::new().prefix(".part-").permissions(private).tempfile_in(folder);
                file.map(Kept::File).map_err(|cause| Error::file("write into", folder, &cause))
            }
            _ => Ok(Kept::Memory(Vec::new())),
        };
        Ok(Place { node, stdout: kept()?, stderr: kept()? })
    }

    /// Takes output of a node. Returns whether more is wanted.
    pub(crate) fn take(&mut self, place: &mut Place<'_>, stream: Stream, bytes: &[u8]) -> bool {
        let taken = match &self.manner {
            Manner::Lines => {
                self.take_lines(place, stream, bytes);
                Ok(())
            }
            // Both streams in order of arrival, as on a terminal.
            Manner::Groups => place.stdout.keep(bytes),
            Manner::Records(_) | Manner::Files(..) => place.of(stream).keep(bytes),
        };
        if let Err(error) = taken {
            self.failure.get_or_insert(error);
        }
        self.failure.is_none() && !self.text.is_closed()
    }

    /// Whether more output is useless: the reader has closed the pipe, or writing has failed.
    pub(crate) fn is_closed(&self) -> bool {
        self.failure.is_some() || self.text.is_closed()
    }

    fn take_lines(&mut self, place: &mut Place<'_>, stream: Stream, bytes: &[u8]) {
        let label = place.node.label();
        let Kept::Memory(held) = place.of(stream) else { return };
        held.extend_from_slice(bytes);
        let whole = held.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let whole = if held.len() - whole > LONGEST_LINE { held.len() } else { whole };
        let lines: Vec<u8> = held.drain(..whole).collect();
        self.pass_on(label, stream, &lines);
    }

    fn pass_on(&mut self, label: &str, stream: Stream, lines: &[u8]) {
        let mut text = Vec::new();
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            text.extend_from_slice(label.as_bytes());
            text.extend_from_slice(b": ");
            text.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
            text.push(b'\n');
        }
        match stream {
            // `finish` returns the error.
            Stream::Stdout => drop(self.text.print(&text)),
            // The reader is gone and the commands are being ended, so their complaints about that are dropped.
            Stream::Stderr if self.text.is_closed() => {}
            Stream::Stderr => pass_on(&text),
        }
    }

    /// Ends the output at `place`. `ran` is the result of the command.
    pub(crate) fn end(&mut self, mut place: Place<'_>, ran: Result<u8>) -> Result<()> {
        let mut record = NodeRecord::new(self.job_flow.clone(), place.node);
        match &ran {
            Ok(code) => record.exit_code = Some(*code),
            Err(error) => record.error = Some(error.to_string()),
        }
        let node = place.node;
        match &mut self.manner {
            Manner::Lines => {
                for stream in [Stream::Stdout, Stream::Stderr] {
                    let Kept::Memory(rest) = std::mem::replace(place.of(stream), Kept::Memory(Vec::new())) else {
                        continue;
                    };
                    self.pass_on(node.label(), stream, &rest);
                }
                Ok(())
            }
            Manner::Groups => {
                if let (Ok(_), Kept::Memory(output)) = (ran, place.stdout) {
                    self.add(node, output);
                }
                Ok(())
            }
            Manner::Records(printer) => {
                record.stdout = Some(place.stdout.text()).filter(|_| ran.is_ok());
                record.stderr = Some(place.stderr.text()).filter(|text| !text.is_empty());
                printer.print(&record)
            }
            Manner::Files(folder, printer) => {
                // The output of a command that was cut off is not kept.
                if ran.is_ok() {
                    let file = place.stdout.settle(folder, &format!("{}.out", node.id))?;
                    place.stderr.settle(folder, &format!("{}.err", node.id))?;
                    record.file = Some(file.display().to_string());
                }
                printer.print(&record)
            }
        }
    }

    fn add(&mut self, node: &Node, output: Vec<u8>) {
        let label = node.label().to_owned();
        match self.groups.iter_mut().find(|(other, _)| *other == output) {
            Some((_, labels)) => labels.push(label),
            None => self.groups.push((output, vec![label])),
        }
    }

    /// Prints what was held back. Returns whether the reader has closed the pipe.
    pub(crate) fn finish(mut self) -> Result<bool> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        for (output, labels) in &self.groups {
            let labels: Vec<_> = labels.iter().map(String::as_str).collect();
            let rule = "-".repeat(15);
            let end: &[u8] = if output.last().is_some_and(|last| *last != b'\n') { b"\n" } else { b"" };
            let heading = format!("{rule}\n{} ({})\n{rule}\n", fold(&labels), labels.len());
            self.text.print(&[heading.as_bytes(), output, end].concat());
        }
        match &mut self.manner {
            Manner::Records(printer) | Manner::Files(_, printer) => {
                printer.finish()?;
                Ok(printer.is_closed())
            }
            Manner::Lines | Manner::Groups => Ok(!self.text.end()?),
        }
    }
}

impl Place<'_> {
    fn of(&mut self, stream: Stream) -> &mut Kept {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }
}

impl Kept {
    fn keep(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Memory(kept) => {
                let room = KEPT.saturating_sub(kept.len());
                if !bytes.is_empty() && room < bytes.len() && room > 0 {
                    emr_cli::warn(&format!("output is cut after {} MiB; --output-dir keeps all of it", KEPT >> 20));
                }
                kept.extend_from_slice(&bytes[..room.min(bytes.len())]);
                Ok(())
            }
            Self::File(file) => {
                let written = file.write_all(bytes);
                written.map_err(|cause| Error::file("write", file.path(), &cause))
            }
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Memory(kept) => String::from_utf8_lossy(kept).into_owned(),
            Self::File(_) => String::new(),
        }
    }

    /// Renames the file to `name`, replacing an existing one.
    fn settle(self, folder: &Path, name: &str) -> Result<PathBuf> {
        let path = folder.join(name);
        if let Self::File(file) = self {
            file.persist(&path).map_err(|failed| Error::file("write", &path, &failed.error))?;
        }
        Ok(path)
    }
}
