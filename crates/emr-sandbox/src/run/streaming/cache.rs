//! The files and archives of a job, fetched once and linked into the directory of every task.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::super::filesystem::location::Found;
use super::super::step::{Failed, Workplace, failed_process};
use super::arguments::{Link, Streaming};

/// The directory that has the job's files under the names that tasks know them by.
#[derive(Debug)]
pub(super) struct Cache(PathBuf);

/// Fetches everything that the job names.
pub(super) fn fetch(workplace: &Workplace<'_>, streaming: &Streaming) -> Result<Cache, Failed> {
    let dir = workplace.dir.join("cache");
    fs::create_dir_all(&dir).map_err(|error| Failed::io("the job's files", &error))?;
    for link in &streaming.files {
        let found = find(workplace, link)?;
        let file = dir.join(&link.name);
        let copied =
            fs::copy(&found.path, &file).and_then(|_| fs::set_permissions(&file, Permissions::from_mode(0o755)));
        copied.map_err(|error| Failed::io(&link.uri, &error))?;
    }
    for link in &streaming.archives {
        unpack(workplace, link, &find(workplace, link)?, &dir.join(&link.name))?;
    }
    Ok(Cache(dir))
}

fn find(workplace: &Workplace<'_>, link: &Link) -> Result<Found, Failed> {
    let found = workplace.location(&link.uri)?.file(workplace.store());
    found.map_err(|_| Failed::new("File does not exist.", format!("File does not exist: {}", link.uri)))
}

fn unpack(workplace: &Workplace<'_>, link: &Link, archive: &Found, to: &Path) -> Result<(), Failed> {
    let log = workplace.logs.append("stderr");
    let made = fs::create_dir_all(to).and(log);
    let log = made.map_err(|error| Failed::io(&link.uri, &error))?;
    let mut command = unpacker(&link.uri, &archive.path);
    command.current_dir(to).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    let process = workplace.processes.spawn(&mut command);
    let status = process.and_then(super::super::processes::Process::wait);
    let status = status.map_err(|error| Failed::io(&format!("unpacking {}", link.uri), &error))?;
    if status.success() {
        return Ok(());
    }
    let what = format!("Unpacking {}", link.uri);
    Err(failed_process(&what, status, &workplace.logs.path("stderr")))
}

/// The program that unpacks an archive into its working directory.
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
    /// Links everything into the directory of a task.
    pub(super) fn link_into(&self, task: &Path) -> io::Result<()> {
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            symlink(entry.path(), task.join(entry.file_name()))?;
        }
        Ok(())
    }
}
