//! Bootstrapping: what runs on each new node before EMR installs its own software.
//!
//! In mrjob's order: the user's bootstrap actions (after that for core dumps), then one script of ours, the *master*
//! bootstrap script, that fetches files and runs commands. Local files are uploaded under the hash of their content.

mod action;
mod command;
mod core_dumps;
mod extras;
mod folder;
mod limits;
mod look_up;
mod master;
mod packages;
mod script;
mod source;

pub use action::Action;
pub use command::{Command, Part};
pub use folder::NodeFile;
pub(super) use limits::check;
pub use source::{Machine, Source};

use crate::config::Setting;
use crate::config::setting::Source as OptionSource;
use crate::error::Result;
use crate::launch::amazon_actions;
use crate::model::job_flow::{BootstrapAction, JobFlow, Software};
use crate::model::s3_uri::S3Uri;
use crate::text::one_line;
use crate::upload;

/// What prepares the nodes of a job flow.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BootstrapOptions {
    /// Bootstrap actions of the user's.
    pub actions: Vec<Setting<Action>>,
    /// Commands of the option `bootstrap`.
    pub commands: Vec<Setting<Command>>,
    /// Files that only have to be there.
    pub files: Vec<Setting<NodeFile>>,
    /// Python packages to install.
    pub packages: Vec<Setting<NodeFile>>,
    /// Commands of the option `bootstrap_cmds`.
    pub cmds: Vec<Setting<Command>>,
    /// Scripts to run.
    pub scripts: Vec<Setting<NodeFile>>,
    /// The words that run Python, where it is not the Python of the release.
    pub python_bin: Vec<String>,
    /// Whether to install Python 3 where the release has none.
    pub python_3: bool,
    /// Whether to install Spark.
    pub spark: bool,
    /// Whether processes that crash leave core dumps.
    pub core_dumps: bool,
}

/// Gives `job_flow` the bootstrap actions that `options` ask for, and the uploads that these need. Says what its release
/// has in place of some of them.
pub fn add(job_flow: &mut JobFlow, options: &BootstrapOptions, scratch_uri: Option<&str>) -> Result<Vec<String>> {
    // Before all else, so that what crashes while a node bootstraps leaves one, too.
    if options.core_dumps {
        core_dumps::add(job_flow, scratch_uri)?;
    }
    let spark = if options.spark { extras::spark(&mut job_flow.software, &options.actions) } else { None };
    let mut uploader = Uploader { job_flow, scratch_uri };
    let mut said = Vec::new();
    for (number, Setting { value: action, source }) in options.actions.iter().chain(&spark).enumerate() {
        let path = uploader.place(&action.script)?;
        let (args, identity) = (action.args.clone(), action.script.identity());
        let action = BootstrapAction { name: format!("action {number}"), path, args, identity };
        let replaced = amazon_actions::replace(uploader.job_flow, &action).map_err(|error| source.blame(error))?;
        let Some(instead) = replaced else {
            limits::check_action(&action).map_err(|error| source.blame(error))?;
            uploader.job_flow.bootstrap_actions.push(action);
            continue;
        };
        said.extend(instead);
    }
    master::add(&mut uploader, options)?;
    Ok(said)
}

impl BootstrapOptions {
    /// What is to be said of commands that the machines of `software` do not have: AMI version 2 is Debian, and whatever
    /// came after it Amazon Linux.
    ///
    /// Source: <https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-default-ami.html>
    pub(super) fn doubtful(&self, software: &Software) -> Option<String> {
        let is_debian = matches!(software, Software::Ami { version, .. } if version.starts_with(['1', '2']));
        let mut commands = self.commands.iter().chain(&self.cmds).map(|command| &command.value);
        let command = commands.find(|command| command.runs("apt-get"))?;
        let said = format!(
            "'{}' will fail: Amazon Linux, which AMI versions 3 and releases run on, has yum and no apt-get",
            one_line(&command.written, 80)
        );
        (!is_debian).then_some(said)
    }

    /// Every file that the master script has to fetch.
    fn node_files(&self) -> impl Iterator<Item = Setting<&NodeFile>> {
        let from = |source: &OptionSource, value| Setting { value, source: source.clone() };
        let commands = self.commands.iter().chain(&self.cmds);
        let of_commands =
            commands.flat_map(move |command| command.value.files().map(move |file| from(&command.source, file)));
        let files = self.files.iter().chain(&self.packages).chain(&self.scripts);
        of_commands.chain(files.map(move |file| from(&file.source, &file.value)))
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

#[cfg(test)]
mod tests;
