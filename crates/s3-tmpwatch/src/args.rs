//! The command line of s3-tmpwatch.

use std::time::Duration;

use clap::Parser;
use emr_cli::{Account, Encryption, Group, Options, Output};
use emr_core::config::options::S3_SCRATCH_URI;
use emr_core::config::setting::value;
use emr_core::config::{Argument, Config, Offer, Takes, Typed};
use emr_core::error::{Error, Result};
use emr_core::model::s3_uri::S3Uri;
use emr_core::model::time;
use emr_core::scratch::Limits;

const EXAMPLES: &str = "\
Examples:
  s3-tmpwatch --dry-run --output table 30d s3://bucket/scratch/
  17 3 * * *  s3-tmpwatch -q 30d s3://bucket/scratch/ > /dev/null
  s3-tmpwatch 7d s3://bucket/scratch/logs/
  s3-tmpwatch --print-lifecycle-rule 30d s3://bucket/scratch/";

/// Delete old files below the scratch URI
///
/// Prints a record of each file that it deleted. Only what the tools and EMR write below the scratch URI, and the folders
/// of mrjob's jobs, are deleted, each kind by a rule of its own:
///
/// Logs go by their age alone. Outputs and inputs of steps are kept while a step that has not ended may use them, so back
/// to two days before the oldest one was added. Uploaded files and mrjob's folders are kept while a live job flow of this
/// account and region may use them, so back to two days before the oldest one was started. Locks are never deleted.
///
/// Nothing younger than two days is deleted, whatever the time: an upload that finds a file older than a day makes it new.
/// So no job loses what it was just told is there. Ages are those of S3's clock.
///
/// If one file cannot be deleted, the others are; the first failure decides the exit code.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Delete what was not written for longer than this: 30d, 12h; a bare number is hours
    #[arg(value_name = "TIME", value_parser = time::hours)]
    age: Duration,

    /// Scratch URIs, or folders in them [default: the scratch URI of mrjob.conf]
    #[arg(value_name = "S3_URI")]
    folders: Vec<String>,

    /// Print what would be deleted, and delete nothing
    #[arg(long, short = 't', visible_alias = "test")]
    pub(crate) dry_run: bool,

    /// Delete what the tools did not write, too, by its age alone; not for a whole bucket, and never below locks/
    #[arg(long)]
    all_kinds: bool,

    /// Print the lifecycle rule that deletes old logs, and all that is old below output/; ask AWS nothing
    #[arg(long, conflicts_with_all = ["dry_run", "all_kinds"])]
    pub(crate) print_lifecycle_rule: bool,

    #[command(flatten)]
    options: Options<ScratchGroup>,

    #[command(flatten)]
    pub(crate) output: Output,

    #[command(flatten)]
    encryption: Encryption,

    #[command(flatten)]
    pub(crate) account: Account,
}

/// The option for the folder where none is named.
#[derive(Debug, Clone)]
struct ScratchGroup;

impl Group for ScratchGroup {
    const OFFERS: &'static [Offer] = &[S3_SCRATCH_URI.offer_as(&[Argument::new(
        "s3-scratch-uri",
        Takes::Value("S3_URI"),
        "The scratch URI, where no argument names one [default: that of mrjob.conf]",
    )])];
}

impl Args {
    /// What is old enough.
    pub(crate) fn limits(&self) -> Limits {
        Limits { age: self.age, all_kinds: self.all_kinds }
    }

    /// The typed options that may also be set in `mrjob.conf`.
    pub(crate) fn typed(&self) -> [&Typed; 2] {
        [self.options.typed(), self.encryption.typed()]
    }

    /// The folders to sweep, each once and with a slash at its end. That one lies within another is an error: what the
    /// inner one holds would have one kind below the one, and another kind below the other.
    pub(crate) fn folders(&self, config: &Config) -> Result<Vec<S3Uri>> {
        let mut named = self.folders.clone();
        if named.is_empty() {
            named.extend(value(config.get(&S3_SCRATCH_URI)?));
        }
        if named.is_empty() {
            return Err(Error::usage("no folder is named").advise("name one, such as s3://bucket/scratch/"));
        }
        let all = named.iter().map(|text| self.folder(text)).collect::<Result<Vec<_>>>()?;
        let mut folders: Vec<S3Uri> = Vec::new();
        for folder in all {
            let nested = folders.iter().find_map(|known| nested(known, &folder).or_else(|| nested(&folder, known)));
            if let Some((outer, inner)) = nested {
                return Err(Error::usage(format!("{inner} lies within {outer}")).advise("name one of them"));
            }
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        Ok(folders)
    }

    /// The scratch URI of the configuration, with a slash at its end.
    pub(crate) fn scratch(config: &Config) -> Result<Option<S3Uri>> {
        let scratch = value(config.get(&S3_SCRATCH_URI)?);
        // A strange one is an error where it is what is swept.
        let scratch = scratch.and_then(|text| text.parse::<S3Uri>().ok());
        Ok(scratch.map(|uri| if uri.key.is_empty() { uri } else { uri.join("") }))
    }

    fn folder(&self, text: &str) -> Result<S3Uri> {
        let uri: S3Uri = text.parse()?;
        if uri.key.contains(['*', '?', '[']) {
            return Err(Error::usage(format!("{uri} is a glob")).advise("name the folder: all of it is swept"));
        }
        if !uri.key.is_empty() && uri.key.trim_matches('/').is_empty() {
            return Err(Error::usage(format!("{uri} names no folder")).advise("name one, such as s3://bucket/scratch/"));
        }
        if uri.key.is_empty() && self.all_kinds {
            let whole = Error::usage(format!("--all-kinds would empty the bucket {}", uri.bucket));
            return Err(whole.advise("name a folder in it"));
        }
        Ok(if uri.key.is_empty() { uri } else { uri.join("") })
    }
}

/// The two, if `inner` is another folder and lies within `outer`.
fn nested<'a>(outer: &'a S3Uri, inner: &'a S3Uri) -> Option<(&'a S3Uri, &'a S3Uri)> {
    let is_within = outer != inner && outer.bucket == inner.bucket && inner.key.starts_with(outer.key.as_str());
    is_within.then_some((outer, inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(args: &[&str]) -> Result<Vec<String>> {
        let args = Args::parse_from(["s3-tmpwatch", "--no-conf", "30d"].iter().chain(args));
        let config = args.account.unsaid_config(args.typed())?;
        Ok(args.folders(&config)?.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_folder_ends_in_a_slash_and_is_swept_once() {
        assert_eq!(folders(&["s3://b/tmp", "s3n://b/tmp/"]).unwrap(), ["s3://b/tmp/"]);
        assert_eq!(folders(&["s3://b/tmp", "s3://b/tmp2", "s3://c/tmp"]).unwrap().len(), 3);
        assert_eq!(folders(&["--s3-scratch-uri", "s3://b/tmp"]).unwrap(), ["s3://b/tmp/"]);
    }

    #[test]
    fn a_folder_within_another_one_is_refused_with_both_names() {
        for (args, said) in [
            (["s3://b/team/", "s3://b/team/tmp"], "s3://b/team/tmp/ lies within s3://b/team/"),
            (["s3://b/tmp/logs/", "s3://b/tmp/"], "s3://b/tmp/logs/ lies within s3://b/tmp/"),
            (["s3://b", "s3://b/x"], "s3://b/x/ lies within s3://b/"),
        ] {
            let error = folders(&args).unwrap_err();
            assert_eq!((error.finding().as_str(), error.outcome.exit_code()), (said, 2));
        }
    }

    #[test]
    fn a_folder_that_may_not_be_meant_is_refused() {
        for args in [&["/tmp"][..], &["s3://b/tmp/*"], &["--all-kinds", "s3://b/"], &["s3://b//"], &[]] {
            assert!(folders(args).is_err(), "{args:?}");
        }
    }

    #[test]
    fn a_bare_number_is_hours_as_with_mrjob() {
        let age = |text| Args::parse_from(["s3-tmpwatch", text, "s3://b/"]).age;
        assert_eq!(
            (age("7"), age("7h"), age("90m")),
            (Duration::from_hours(7), Duration::from_hours(7), Duration::from_mins(90))
        );
    }
}
