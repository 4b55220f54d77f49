//! The versions, the files of options, and what is wrong with them.

use emr_cli::Account;
use emr_core::config::options::{EC2_KEY_PAIR, EMR_TAGS, IAM_INSTANCE_PROFILE, IAM_SERVICE_ROLE};
use emr_core::config::{Config, Typed};

use crate::record::{CheckRecord, State};

pub(crate) const CHECK: &str = "configuration";

/// The configuration, and what there is to say of it. Where it cannot be read, the rest is checked without its
/// files.
pub(crate) fn read(account: &Account, typed: &Typed) -> (Config, Vec<CheckRecord>) {
    let mut records = vec![CheckRecord::ok("version", version())];
    match account.unsaid_config([typed]) {
        Ok(config) => {
            records.extend(remarks(&config));
            records.extend(wrong(&config));
            (config, records)
        }
        Err(error) => {
            records.push(CheckRecord::error(CHECK, State::Failure, &error, "put it right, or give --no-conf"));
            (account.config_without_files([typed]), records)
        }
    }
}

fn version() -> String {
    format!("emr-tools {} on {} {}", emr_cli::VERSION, std::env::consts::OS, std::env::consts::ARCH)
}

/// Which files were read, and each warning about them.
fn remarks(config: &Config) -> Vec<CheckRecord> {
    let files: Vec<_> = config.files().map(|file| file.display().to_string()).collect();
    let found = match files.as_slice() {
        [] => "no file was read".to_owned(),
        // The strongest last, as they win.
        files => format!("read {}", files.join(", then ")),
    };
    let advice = "see mrjob.conf(5) for the options";
    let warnings = config.warnings().iter().map(|warning| CheckRecord::warning(CHECK, warning.as_str(), advice));
    [CheckRecord::ok(CHECK, found)].into_iter().chain(warnings).collect()
}

/// The wrong values of options that no other check reports.
fn wrong(config: &Config) -> Vec<CheckRecord> {
    let errors = [
        config.get(&IAM_SERVICE_ROLE).err(),
        config.get(&IAM_INSTANCE_PROFILE).err(),
        config.get(&EMR_TAGS).err(),
        config.get(&EC2_KEY_PAIR).err(),
    ];
    let advice = "put it right: the tools refuse it";
    errors.iter().flatten().map(|error| CheckRecord::error(CHECK, State::Failure, error, advice)).collect()
}
