//! `--print-config`: each option that counts, with its value and where that came from.

use clap::Args;
use emr_core::config::{Config, Decisions, Declaration, Shown};
use emr_core::error::Result;

use super::output::Output;
use crate::option_record::OptionRecord;

/// Whether only to print what was asked for.
#[derive(Debug, Clone, Args)]
pub struct PrintConfig {
    /// Print each option of the job flow with its value and where that came from, and send nothing
    #[arg(long = "print-config", conflicts_with = "dry_run")]
    pub wanted: bool,
}

/// Prints the options of the tool as records: what `config` says of each, unless the rules decided otherwise.
pub fn print(config: &Config, decisions: &Decisions, output: &Output) -> Result<()> {
    let mut options = config.offered().to_vec();
    options.sort_by_key(|option| option.name);
    let mut printer = output.printer();
    for option in options {
        if let Some(shown) = decisions.effective(option, config)?.filter(|shown| is_of_interest(option, shown)) {
            printer.print(&record(option, shown))?;
        }
    }
    printer.finish()
}

/// What no file can say is only worth a record where something says it.
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
