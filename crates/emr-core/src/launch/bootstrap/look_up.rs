//! Looks up the bootstrap options and reads the local files that they name.

use super::action::Action;
use super::options::BootstrapOptions;
use crate::config::setting::value;
use crate::config::{self, Config, FilePath, Key, List, Setting, options as keys};
use crate::error::Result;
use crate::setup::{Command, Machine, NamedFile};

impl BootstrapOptions {
    /// Looks the options up. Local files are read from `machine`.
    pub fn look_up(config: &Config, machine: &Machine<'_>) -> Result<Self> {
        let is = |key: &'static Key<bool>| config.get(key).map(|set| value(set).unwrap_or(false));
        let files = |key: &'static Key<List<FilePath>>| each(config.get(key)?, |text| NamedFile::read(&text, machine));
        Ok(Self {
            actions: each(config.get(&keys::BOOTSTRAP_ACTIONS)?, |text| Action::read(&text, machine))?,
            commands: each(config.get(&keys::BOOTSTRAP)?, |text| Command::read(&text, machine))?,
            files: files(&keys::BOOTSTRAP_FILES)?,
            packages: files(&keys::BOOTSTRAP_PYTHON_PACKAGES)?,
            cmds: each(config.get(&keys::BOOTSTRAP_CMDS)?, |command| match command {
                config::Command::Text(text) => Command::of(&text),
                config::Command::Words(words) => Command::of_words(&words),
            })?,
            scripts: files(&keys::BOOTSTRAP_SCRIPTS)?,
            python_bin: value(config.get(&keys::PYTHON_BIN)?).unwrap_or_default(),
            python_3: is(&keys::BOOTSTRAP_PYTHON)?,
            spark: is(&keys::BOOTSTRAP_SPARK)?,
            core_dumps: is(&keys::CORE_DUMPS)?,
        })
    }
}

fn each<T, U>(settings: Vec<Setting<T>>, read: impl Fn(T) -> Result<U>) -> Result<Vec<Setting<U>>> {
    settings.into_iter().map(|setting| setting.try_map(&read)).collect()
}
