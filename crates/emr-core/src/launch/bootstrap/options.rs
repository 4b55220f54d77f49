//! The options that prepare the nodes of a job flow.

use super::action::Action;
use crate::config::Setting;
use crate::config::setting::Source;
use crate::model::job_flow::Software;
use crate::setup::{Command, NamedFile};
use crate::text::one_line;

/// The bootstrap options, each with its source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BootstrapOptions {
    /// The user's bootstrap actions.
    pub actions: Vec<Setting<Action>>,
    /// Commands of the option `bootstrap`.
    pub commands: Vec<Setting<Command>>,
    /// Files that are only copied.
    pub files: Vec<Setting<NamedFile>>,
    /// Python packages to install.
    pub packages: Vec<Setting<NamedFile>>,
    /// Commands of the option `bootstrap_cmds`.
    pub cmds: Vec<Setting<Command>>,
    /// Scripts to run.
    pub scripts: Vec<Setting<NamedFile>>,
    /// The words that run Python; empty for the Python of the release.
    pub python_bin: Vec<String>,
    /// Whether to install Python 3 if the release has none.
    pub python_3: bool,
    /// Whether to install Spark.
    pub spark: bool,
    /// Whether crashing processes leave core dumps.
    pub core_dumps: bool,
}

impl BootstrapOptions {
    /// A warning about `apt-get` on nodes of `software` that lack it: AMI version 2 is Debian, everything later Amazon
    /// Linux.
    ///
    /// Source: <https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-default-ami.html>
    pub(in crate::launch) fn doubtful(&self, software: &Software) -> Option<String> {
        let is_debian = matches!(software, Software::Ami { version, .. } if version.starts_with(['1', '2']));
        let mut commands = self.commands.iter().chain(&self.cmds).map(|command| &command.value);
        let command = commands.find(|command| command.runs("apt-get"))?;
        let warning = format!(
            "'{}' will fail: AMI version 3 and releases run Amazon Linux, which has yum and no apt-get",
            one_line(&command.written, 80)
        );
        (!is_debian).then_some(warning)
    }

    /// Every file that the master script fetches.
    pub(super) fn node_files(&self) -> impl Iterator<Item = Setting<&NamedFile>> {
        let from = |source: &Source, value| Setting { value, source: source.clone() };
        let commands = self.commands.iter().chain(&self.cmds);
        let of_commands =
            commands.flat_map(move |command| command.value.files().map(move |file| from(&command.source, file)));
        let files = self.files.iter().chain(&self.packages).chain(&self.scripts);
        of_commands.chain(files.map(move |file| from(&file.source, &file.value)))
    }
}
