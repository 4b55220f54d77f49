//! The files and archives of a job, fetched once and linked into every task's directory.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::plan::{Link, Plan};
use crate::run::failure::Failure;
use crate::run::filesystem::DataFile;
use crate::run::processes::Process;
use crate::run::program;
use crate::run::workplace::Workplace;

/// A directory with the job's files, under the names that tasks see.
#[derive(Debug)]
pub(super) struct Cache(PathBuf);

/// Fetches all files and archives of the job, and checks that its jars exist.
pub(super) fn fetch(workplace: &Workplace<'_>, plan: &Plan) -> Result<Cache, Failure> {
    let dir = workplace.dir.join("cache");
    fs::create_dir_all(&dir).map_err(|error| Failure::io("the job's files", &error))?;
    for jar in &plan.libjars {
        workplace.file(&jar.uri)?;
    }
    for link in &plan.files {
        workplace.fetch(&link.uri, &dir.join(&link.name))?;
    }
    for link in &plan.archives {
        unpack(workplace, link, &workplace.file(&link.uri)?, &dir.join(&link.name))?;
    }
    Ok(Cache(dir))
}

fn unpack(workplace: &Workplace<'_>, link: &Link, archive: &DataFile, to: &Path) -> Result<(), Failure> {
    let log = workplace.logs.append("stderr");
    let made = fs::create_dir_all(to).and(log);
    let log = made.map_err(|error| Failure::io(&link.uri, &error))?;
    let mut command = unpacker(&link.uri, &archive.path);
    command.current_dir(to).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    let status = workplace.processes.spawn(&mut command).and_then(Process::wait);
    let status = status.map_err(|error| Failure::io(&format!("unpacking {}", link.uri), &error))?;
    if status.success() {
        return Ok(());
    }
    let what = format!("Unpacking {}", link.uri);
    Err(program::failure(&what, status, &workplace.logs.path("stderr")))
}

/// The command that unpacks an archive into its working directory.
fn unpacker(uri: &str, archive: &Path) -> Command {
    let extension = Path::new(uri).extension().and_then(|extension| extension.to_str());
    let mut command = match extension {
        Some("zip" | "jar") => Command::new("unzip"),
        _ => Command::new("tar"),
    };
    match extension {
        Some("zip" | "jar") => command.arg("-qo"),
        Some("gz" | "tgz") => command.arg("-xzf"),
        _ => command.arg("-xf"),
    };
    command.arg(archive);
    command
}

impl Cache {
    /// Links all files into a task's directory.
    pub(super) fn link_into(&self, task: &Path) -> io::Result<()> {
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            symlink(entry.path(), task.join(entry.file_name()))?;
        }
        Ok(())
    }
}
