//! Bootstrapping: what runs on each new node before EMR installs its own software.
//!
//! In mrjob's order: the user's bootstrap actions (after that for core dumps), then one script of ours, the *master* bootstrap script, that fetches
//! files and runs commands. What that needs of local files is uploaded under the hash of its content.

mod action;
mod command;
mod folder;
mod limits;
mod packages;
mod script;
mod source;

use serde_json::json;

pub use action::Action;
pub use command::{Command, Part};
pub use folder::NodeFile;
pub(super) use limits::check;
pub use source::{Machine, Source};

use crate::error::{Error, Result};
use crate::model::job_flow::{BootstrapAction, JobFlow, Software};
use crate::model::s3_uri::S3Uri;
use crate::model::shell;
use crate::policy::{core_dumps, upload};
use folder::Folder;

/// What prepares the nodes of a job flow.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BootstrapOptions {
    /// Bootstrap actions of the user's.
    pub actions: Vec<Action>,
    /// Commands of the option `bootstrap`.
    pub commands: Vec<Command>,
    /// Files that only have to be there.
    pub files: Vec<NodeFile>,
    /// Python packages to install.
    pub packages: Vec<NodeFile>,
    /// Commands of the option `bootstrap_cmds`.
    pub cmds: Vec<Command>,
    /// Scripts to run.
    pub scripts: Vec<NodeFile>,
    /// The words that run Python, where it is not the Python of the release.
    pub python_bin: Vec<String>,
    /// Whether processes that crash leave core dumps.
    pub core_dumps: bool,
}

/// Gives `job_flow` the bootstrap actions that `options` ask for, and the uploads that these need.
pub fn add(job_flow: &mut JobFlow, options: &BootstrapOptions, scratch_uri: Option<&str>) -> Result<()> {
    // Before all else, so that what crashes while a node bootstraps leaves one, too.
    if options.core_dumps {
        core_dumps::add(job_flow, scratch_uri)?;
    }
    let mut uploader = Uploader { job_flow, scratch_uri };
    for (number, action) in options.actions.iter().enumerate() {
        let path = uploader.place(&action.script)?;
        let (args, identity) = (action.args.clone(), action.script.identity());
        uploader.job_flow.bootstrap_actions.push(BootstrapAction {
            name: format!("action {number}"),
            path,
            args,
            identity,
        });
    }
    master(&mut uploader, options)
}

/// Adds the master bootstrap script, unless there is nothing for it to do.
fn master(uploader: &mut Uploader<'_>, options: &BootstrapOptions) -> Result<()> {
    let folder = Folder::of(options.node_files())?;
    let commands = commands(options, &folder, &uploader.job_flow.software);
    if folder.is_empty() && commands.is_empty() {
        return Ok(());
    }
    let mut files = Vec::new();
    for (name, file) in folder.files() {
        let uri = uploader.place(&file.source)?;
        files.push((name, fetchable(uri, &uploader.job_flow.software)?, script::Kind::of(file)?));
    }
    let text = script::text(&uploader.job_flow.software, &files, &commands);
    let scratch = uploader.scratch("a bootstrap script has to be uploaded")?;
    let upload = upload::text(text, "bootstrap.sh", &scratch);
    uploader.job_flow.bootstrap_actions.push(BootstrapAction {
        name: "master".to_owned(),
        path: upload.to.to_string(),
        args: Vec::new(),
        identity: identity(&folder, &commands),
    });
    uploader.job_flow.uploads.push(upload);
    Ok(())
}

/// A command of the master script: as it was written, and as the shell is told it.
pub(super) struct Step {
    /// What the user wrote, for messages.
    written: String,
    /// What is run.
    run: String,
}

/// What the master script runs, in mrjob's order.
fn commands(options: &BootstrapOptions, folder: &Folder, software: &Software) -> Vec<Step> {
    let own = |command: &Command| Step { written: command.written.clone(), run: command.with_names(folder) };
    let script = |script: &NodeFile| Step { written: folder.name(script).to_owned(), run: folder.path(script) };
    let mut steps: Vec<_> = options.commands.iter().map(own).collect();
    let packages: Vec<_> = options.packages.iter().map(|package| folder.name(package)).collect();
    steps.extend(packages::install(software, &options.python_bin, &packages));
    steps.extend(options.cmds.iter().map(own));
    steps.extend(options.scripts.iter().map(script));
    steps
}

/// What two master scripts have in common that do the same, wherever their files lie.
fn identity(folder: &Folder, commands: &[Step]) -> String {
    let mut files: Vec<_> =
        folder.files().map(|(name, file)| json!([name, file.source.identity(), file.is_archive])).collect();
    files.sort_by_key(ToString::to_string);
    let commands: Vec<_> = commands.iter().map(|step| &step.run).collect();
    upload::content_of(&json!({"files": files, "commands": commands}).to_string()).to_string()
}

/// `uri` as the program that fetches it on a node takes it: on releases that is the AWS CLI, which knows S3 alone.
fn fetchable(uri: String, software: &Software) -> Result<String> {
    if matches!(software, Software::Ami { .. }) {
        return Ok(uri);
    }
    let on_s3 = uri.parse::<S3Uri>();
    on_s3.map(|uri| uri.to_string()).map_err(|_| {
        Error::usage(format!("{uri} cannot be fetched while a node bootstraps"))
            .advise("put it on S3, or fetch it by a command of your own, such as curl")
    })
}

impl BootstrapOptions {
    /// Every file that the master script has to fetch.
    fn node_files(&self) -> impl Iterator<Item = &NodeFile> {
        let of_commands = self.commands.iter().chain(&self.cmds).flat_map(Command::files);
        of_commands.chain(&self.files).chain(&self.packages).chain(&self.scripts)
    }
}

/// Notes what has to be on S3.
struct Uploader<'a> {
    job_flow: &'a mut JobFlow,
    scratch_uri: Option<&'a str>,
}

impl Uploader<'_> {
    /// The URI that `source` has, or will have.
    fn place(&mut self, source: &Source) -> Result<String> {
        let (path, content) = match source {
            Source::Remote(uri) => return Ok(uri.clone()),
            Source::Local { path, content } => (path, content),
        };
        let scratch = self.scratch(&format!("{} is a local file", path.display()))?;
        let upload = upload::file(path, *content, &scratch);
        let uri = upload.to.to_string();
        if !self.job_flow.uploads.iter().any(|known| known.to == upload.to) {
            self.job_flow.uploads.push(upload);
        }
        Ok(uri)
    }

    fn scratch(&self, what: &str) -> Result<S3Uri> {
        upload::scratch(self.scratch_uri, what)
    }
}

/// `name`, in the folder of the master script, as a shell is told it.
fn in_folder(name: &str) -> String {
    format!("\"$bootstrap_dir\"/{}", shell::quote(name))
}

#[cfg(test)]
mod tests;
