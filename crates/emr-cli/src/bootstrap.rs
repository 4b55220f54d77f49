//! The options that say what prepares the nodes of a job flow.

use std::path::Path;

use clap::Args;
use emr_aws::s3::content_of_file;
use emr_core::config::{self, Config};
use emr_core::error::{Error, Outcome, Result};
use emr_core::launch::bootstrap::{Action, BootstrapOptions, Command, Machine, NodeFile};
use emr_core::model::content::Content;

use crate::setting::{commands, flag, items, words};

const HEADING: &str = "Bootstrapping";

/// What prepares the nodes. Each option may be repeated, and adds to those in `mrjob.conf`.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own on the command line")]
pub(super) struct Preparation {
    /// Run this command on each node. In it `PATH#NAME` is a file that the node gets as NAME, `PATH#` one under its own
    /// name, and `PATH#NAME/` an archive that is unpacked into NAME
    #[arg(long, value_name = "COMMAND", help_heading = HEADING)]
    bootstrap: Vec<String>,

    /// Run this command just as it is, after the Python packages
    #[arg(long, value_name = "COMMAND", help_heading = HEADING)]
    bootstrap_cmd: Vec<String>,

    /// Put this file where the commands run
    #[arg(long, value_name = "PATH[#NAME]", help_heading = HEADING)]
    bootstrap_file: Vec<String>,

    /// Run this script, after the commands
    #[arg(long, value_name = "PATH", help_heading = HEADING)]
    bootstrap_script: Vec<String>,

    /// Install these Python packages with pip, before --bootstrap-cmd
    #[arg(long, value_name = "GLOB", help_heading = HEADING)]
    bootstrap_python_package: Vec<String>,

    /// Run this bootstrap action, a local script or one on S3, before all of the above
    #[arg(long, value_name = "'PATH ARGUMENT…'", help_heading = HEADING)]
    bootstrap_action: Vec<String>,

    /// Python to install packages for [default: that of the release]
    #[arg(long, value_name = "COMMAND", help_heading = HEADING)]
    python_bin: Option<String>,

    /// Install Python 3.4 where the release has no Python 3: before EMR 4.6
    #[arg(long, overrides_with = "no_bootstrap_python", help_heading = HEADING)]
    bootstrap_python: bool,

    /// Do not install Python 3.4, whatever mrjob.conf says
    #[arg(long, help_heading = HEADING)]
    no_bootstrap_python: bool,

    /// Install Spark: as an application, and by a bootstrap action on AMI version 3
    #[arg(long, overrides_with = "no_bootstrap_spark", help_heading = HEADING)]
    bootstrap_spark: bool,

    /// Do not install Spark, whatever mrjob.conf says
    #[arg(long, help_heading = HEADING)]
    no_bootstrap_spark: bool,

    /// Let each process that crashes leave a core dump in /tmp/cores on its node
    #[arg(long, overrides_with = "no_core_dumps", help_heading = HEADING)]
    core_dumps: bool,

    /// Leave out core dumps, whatever mrjob.conf says
    #[arg(long, help_heading = HEADING)]
    no_core_dumps: bool,
}

impl Preparation {
    /// These options, with what `config` adds to them.
    pub(super) fn look_up(&self, config: &Config) -> Result<Wanted> {
        let list = |typed: &[String], option| items(typed, config, option).map(|all| (all, !typed.is_empty()));
        let is = |typed, option| flag(typed, config, option).map(|set| set.unwrap_or(false));
        Ok(Wanted {
            actions: list(&self.bootstrap_action, "bootstrap_actions")?,
            commands: list(&self.bootstrap, "bootstrap")?,
            files: list(&self.bootstrap_file, "bootstrap_files")?,
            packages: list(&self.bootstrap_python_package, "bootstrap_python_packages")?,
            cmds: (commands(&self.bootstrap_cmd, config, "bootstrap_cmds")?, !self.bootstrap_cmd.is_empty()),
            scripts: list(&self.bootstrap_script, "bootstrap_scripts")?,
            others: BootstrapOptions {
                python_bin: words(self.python_bin.as_ref(), config, "python_bin")?.unwrap_or_default(),
                python_3: is((self.bootstrap_python, self.no_bootstrap_python), "bootstrap_python")?,
                spark: is((self.bootstrap_spark, self.no_bootstrap_spark), "bootstrap_spark")?,
                core_dumps: is((self.core_dumps, self.no_core_dumps), "core_dumps")?,
                ..Default::default()
            },
        })
    }
}

/// Values of an option, and whether any of them is typed.
type Values<T = String> = (Vec<T>, bool);

/// What prepares the nodes, before the files that it names are read.
pub(super) struct Wanted {
    actions: Values,
    commands: Values,
    files: Values,
    packages: Values,
    cmds: Values<config::Command>,
    scripts: Values,
    others: BootstrapOptions,
}

impl Wanted {
    /// Reads the local files.
    pub(super) fn read(self, config: &Config) -> Result<BootstrapOptions> {
        let machine = Machine { expand: &|path| config.expand(path), content: &content };
        let files = |values| each(values, |text: String| NodeFile::read(&text, &machine));
        Ok(BootstrapOptions {
            actions: each(self.actions, |text| Action::read(&text, &machine))?,
            commands: each(self.commands, |text| Command::read(&text, &machine))?,
            files: files(self.files)?,
            packages: files(self.packages)?,
            cmds: each(self.cmds, |command| match command {
                config::Command::Text(text) => Command::of(&text),
                config::Command::Words(words) => Command::of_words(&words),
            })?,
            scripts: files(self.scripts)?,
            ..self.others
        })
    }
}

/// Reads each of the items. What is wrong with them is wrong with the configuration unless one of them is typed.
fn each<T, U>((items, is_typed): Values<T>, read: impl FnMut(T) -> Result<U>) -> Result<Vec<U>> {
    let read: Result<_> = items.into_iter().map(read).collect();
    read.map_err(|mut error| {
        if error.outcome == Outcome::Usage && !is_typed {
            error.outcome = Outcome::Config;
        }
        error
    })
}

/// The content of a local file. A variable that still stands in its path is not set, and a glob matched nothing.
fn content(path: &Path) -> Result<Content> {
    let text = path.to_string_lossy();
    if text.contains('$') && !path.exists() {
        return Err(Error::new(Outcome::Io, format!("no file is named {text}")).advise("is its variable set?"));
    }
    if text.contains(['*', '?', '[']) && !path.exists() {
        return Err(Error::new(Outcome::Io, format!("no file matches {text}")));
    }
    content_of_file(path)
}
