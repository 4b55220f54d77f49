//! Looking up one option: what was typed, and what the configuration has for it.
//!
//! Every option that a tool reads passes through here or through [`Config`] itself, whose ledger then has it. An option
//! of several values has those of the files first, and then those that were typed.

use emr_core::config::setting::Setting;
use emr_core::config::{self, Command, Config};
use emr_core::error::{Error, Result};
use serde_json::Value;

/// What was typed, or else what `config` has for `option`.
pub fn either(typed: Option<&String>, config: &Config, option: &str) -> Result<Option<String>> {
    Ok(setting(typed, config, option)?.map(|setting| setting.value))
}

/// The same with its source.
pub fn setting(typed: Option<&String>, config: &Config, option: &str) -> Result<Option<Setting<String>>> {
    put(typed.map(String::as_str), config, option)?;
    config.text(option)
}

/// A nested value whose text was typed, or else what `config` has for `option`.
pub fn nested(typed: Option<&String>, config: &Config, option: &str) -> Result<Option<Setting<Value>>> {
    put(typed.map(String::as_str), config, option)?;
    config.json(option)
}

/// The same, with numbers and truth values where YAML takes words without quotes for such.
pub fn document(typed: Option<&String>, config: &Config, option: &str) -> Result<Option<Setting<Value>>> {
    put(typed.map(String::as_str), config, option)?;
    config.document(option)
}

/// What `look_up` finds for `option` in the files, without what was typed, which is told beside it.
pub(crate) fn of_files<'a, T>(
    typed: &'a [T],
    config: &Config,
    option: &str,
    look_up: impl Fn(&Config, &str) -> Result<Option<Setting<Value>>>,
) -> Result<Option<Setting<Value>>>
where
    &'a [T]: Into<config::Value>,
{
    let files = look_up(config, option)?;
    if !typed.is_empty() {
        config.typed(option, typed)?;
        look_up(config, option)?;
    }
    Ok(files)
}

/// Reads a whole number from a command line.
pub fn whole(text: &str) -> Result<u32> {
    text.parse().map_err(|_| Error::usage(format!("not a whole number from 0 to {}", u32::MAX)))
}

/// The number that was typed, or else what `config` has for `option`.
pub fn count(typed: Option<u32>, config: &Config, option: &str) -> Result<Option<Setting<u32>>> {
    put(typed.map(|number| number.to_string()).as_deref(), config, option)?;
    config.number(option)
}

/// The number, whole or not, that was typed, or else what `config` has for `option`.
pub fn decimal(typed: Option<f64>, config: &Config, option: &str) -> Result<Option<Setting<f64>>> {
    put(typed.map(|number| number.to_string()).as_deref(), config, option)?;
    config.decimal(option)
}

/// What was typed of `--option` and `--no-option`, or else what `config` has for `option`.
pub fn flag(typed: (bool, bool), config: &Config, option: &str) -> Result<Option<bool>> {
    let typed = match typed {
        (true, _) => Some("true"),
        (false, true) => Some("false"),
        (false, false) => None,
    };
    put(typed, config, option)?;
    config.flag(option)
}

/// What `config` has for `option`, and then what was typed. Where they are paths, globs in them are expanded.
pub fn items(typed: &[String], config: &Config, option: &str) -> Result<Vec<String>> {
    put_all(typed, config, option)?;
    config.list(option)
}

/// The commands that `config` has for `option`, and then the texts that were typed.
pub fn commands(typed: &[String], config: &Config, option: &str) -> Result<Vec<Command>> {
    put_all(typed, config, option)?;
    config.commands(option)
}

/// The words of the command that was typed, or else of what `config` has for `option`.
pub fn words(typed: Option<&String>, config: &Config, option: &str) -> Result<Option<Vec<String>>> {
    put(typed.map(String::as_str), config, option)?;
    config.words(option)
}

/// What `config` has for `option`, each key with what was typed where that has it.
pub fn pairs(typed: &[(String, String)], config: &Config, option: &str) -> Result<Vec<(String, String)>> {
    if !typed.is_empty() {
        config.typed(option, typed)?;
    }
    config.map(option)
}

fn put(typed: Option<&str>, config: &Config, option: &str) -> Result<()> {
    typed.map_or(Ok(()), |text| config.typed(option, text))
}

fn put_all(typed: &[String], config: &Config, option: &str) -> Result<()> {
    if typed.is_empty() { Ok(()) } else { config.typed(option, typed) }
}
