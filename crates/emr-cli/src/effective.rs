//! `--print-config`: each effective option with its value and source.

use clap::Args;
use emr_core::config::{Config, Decisions, Declaration, Shown};
use emr_core::error::Result;

use super::output::Output;
use crate::option_record::OptionRecord;

/// Whether only to print the effective options.
#[derive(Debug, Clone, Args)]
pub struct PrintConfig {
    /// Print each option with its value and source, and send nothing
    #[arg(long = "print-config", conflicts_with = "dry_run")]
    pub wanted: bool,
}

/// Prints the options of the tool as records: the value in `config`, or the one in `decisions` if the rules chose another.
/// Prints nothing if a value cannot be read.
pub fn print(config: &Config, decisions: &Decisions, output: &Output) -> Result<()> {
    let mut options = config.offered().to_vec();
    options.sort_by_key(|option| option.name);
    let mut records = Vec::new();
    for option in options {
        let shown = decisions.effective(option, config)?;
        records.extend(shown.filter(|shown| is_of_interest(option, shown)).map(|shown| record(option, shown)));
    }
    let mut printer = output.printer();
    records.iter().try_for_each(|record| printer.print(record))?;
    printer.finish()
}

/// An option that no file can have is printed only if it is set.
fn is_of_interest(option: &Declaration, shown: &Shown) -> bool {
    option.is_in_files || !shown.origins.is_empty()
}

fn record(option: &Declaration, Shown { value, origins }: Shown) -> OptionRecord {
    let source = match origins.as_slice() {
        [] => "default".to_owned(),
        origins => origins.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    OptionRecord { option: option.name.to_owned(), value, source }
}
