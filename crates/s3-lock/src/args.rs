//! The command line of s3-lock, and the lock that it names.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Parser, Subcommand};
use emr_aws::Aws;
use emr_cli::{Account, Encryption, History, Output};
use emr_core::config::options::SHARED;
use emr_core::error::{Error, Result};
use emr_core::model::lock::{self, Token};
use emr_core::model::s3_uri::S3Uri;
use emr_core::model::time;
use emr_core::stdin::Places;

use crate::{piped, uri};

const EXAMPLES: &str = "\
Examples:
  s3-lock run s3://bucket/locks/nightly -- ./nightly.sh
  s3-lock acquire s3://bucket/locks/nightly --wait 10m > lock.json
  s3-lock renew < lock.json
  s3-lock release < lock.json
  s3-lock show s3://bucket/locks/nightly
  s3-lock probe s3://bucket/locks/ --minutes 10
  s3-lock verify history.jsonl";

/// Hold a lock that is one object on S3
///
/// The object is written only by conditional requests, so it never has two holders, even if answers are lost. A lock is
/// held for its time to live after each write, so a holder that dies blocks it no longer than that. The generation
/// grows whenever the lock changes hands.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) action: Action,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Take the lock, and print its record with the token that renews and releases it
    Acquire(Acquire),
    /// Renew the lock for another time to live
    Renew(Renew),
    /// Release the lock
    Release(Held),
    /// Print the record of the lock, without its token
    Show(Named),
    /// Run a command while the lock is held, and exit with its code; end it when the lock is lost
    ///
    /// The command is a job, as in a shell. It has its own process group, and the terminal if there is one: ctrl-C
    /// reaches it, ctrl-Z stops it and s3-lock. A stopped s3-lock cannot renew the lock. If the lock has expired when
    /// fg or bg continues it, the command is killed instead.
    ///
    /// Signals to s3-lock are passed on to the command's process group: HUP, INT, QUIT, ABRT, USR1, USR2, ALRM, TERM,
    /// CONT, TSTP, URG, XCPU, XFSZ, VTALRM, PROF, WINCH and IO, except those that were ignored when s3-lock started.
    ///
    /// Everything that the command has started also ends when the lock is lost, when a signal ends the command, or when
    /// the command ends after HUP, INT or TERM was passed on; on Linux also in other process groups and sessions. It
    /// gets TERM, and KILL after a sixth of --ttl, at most 5 seconds. If the lock is lost, the exit code is 75; if it
    /// could not be renewed, 69, 75 or 77, depending on S3's answer.
    ///
    /// When the command ends by itself, the lock is released, and background processes of the command go on without it.
    /// flock(1) differs: its lock lasts until the last process that has inherited the file ends. Let a script wait for
    /// its children.
    ///
    /// If s3-lock is killed by KILL, the command is killed, too (Linux), but not the command's own children nor a
    /// set-user-ID program. An s3-lock that is stopped by STOP renews nothing, while the command goes on.
    Run(Run),
    /// Test whether a store honours the conditional writes that locks need
    ///
    /// A dozen requests tell what a store does at once. What it does once in a thousand requests, or under load, shows
    /// only in time: with --minutes, eight processes acquire, renew and release three locks, some are killed and some
    /// stopped for a while, and what they recorded is verified. It prints what was tried and what was found.
    Probe(Probe),
    /// Check what --history has recorded: one chain of writes, one holder at a time, nothing asked of EMR without a lock
    ///
    /// Prints a record for each violation, and the verdict. Histories of several processes may share a file or have one
    /// each; give all that use the same locks. The exit code is 1 if anything is violated, and 2 if a line is no record.
    Verify(Verify),
}

/// How long the lock is held, and what to do when somebody else holds it.
#[derive(Debug, clap::Args)]
pub(crate) struct Taking {
    /// Time to live: how long the lock is held after each write
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = lock::time_to_live)]
    pub(crate) ttl: Duration,

    /// Wait up to this long while somebody else holds it [default: do not wait]
    #[arg(short, long, visible_alias = "timeout", value_name = "DURATION", value_parser = time::duration)]
    pub(crate) wait: Option<Duration>,

    /// Do not wait, as without --wait
    #[arg(short, long, visible_alias = "nb", conflicts_with = "wait")]
    pub(crate) nonblock: bool,

    /// Exit with this code instead of 1 when somebody else holds it
    #[arg(short = 'E', long, value_name = "N")]
    pub(crate) conflict_exit_code: Option<u8>,

    /// Hold it under this token; acquiring again with the same token succeeds [default: a new one]
    #[arg(long, value_name = "TEXT", value_parser = token)]
    pub(crate) token: Option<Token>,
}

/// The store of the lock.
#[derive(Debug, clap::Args)]
pub(crate) struct Store {
    #[command(flatten)]
    encryption: Encryption,

    #[command(flatten)]
    history: History,

    #[command(flatten)]
    account: Account,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Acquire {
    /// The lock's object
    #[arg(value_name = "S3_URI", value_parser = uri::of_object)]
    pub(crate) lock: S3Uri,

    #[command(flatten)]
    pub(crate) taking: Taking,

    #[command(flatten)]
    pub(crate) output: Output,

    #[command(flatten)]
    pub(crate) store: Store,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Named {
    /// The lock's object; without it, the lock in the record on stdin
    #[arg(value_name = "S3_URI", value_parser = uri::of_object)]
    pub(crate) lock: Option<S3Uri>,

    #[command(flatten)]
    pub(crate) output: Output,

    #[command(flatten)]
    pub(crate) store: Store,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Held {
    /// Token of the holder [default: that of the record on stdin, or S3_LOCK_TOKEN]
    #[arg(long, value_name = "TEXT", value_parser = token)]
    token: Option<Token>,

    #[command(flatten)]
    pub(crate) named: Named,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Renew {
    /// Time to live from now on [default: unchanged]
    #[arg(long, value_name = "DURATION", value_parser = lock::time_to_live)]
    pub(crate) ttl: Option<Duration>,

    #[command(flatten)]
    pub(crate) held: Held,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    /// The lock's object
    #[arg(value_name = "S3_URI", value_parser = uri::of_object)]
    pub(crate) lock: S3Uri,

    #[command(flatten)]
    pub(crate) taking: Taking,

    #[command(flatten)]
    pub(crate) store: Store,

    /// Command to run, with S3_LOCK_URI, S3_LOCK_TOKEN and S3_LOCK_GENERATION in its environment
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Probe {
    /// Folder for the test objects, which are removed afterwards
    #[arg(value_name = "S3_URI")]
    pub(crate) place: S3Uri,

    /// Then let processes fight over locks there for so long, kill and stop some, and verify the history of it
    #[arg(long, value_name = "N", value_parser = time::minutes)]
    pub(crate) minutes: Option<Duration>,

    /// Repeat the choices of the run that had this seed
    #[arg(long, value_name = "N", requires = "minutes", hide_short_help = true)]
    pub(crate) seed: Option<u64>,

    #[command(flatten)]
    pub(crate) output: Output,

    #[command(flatten)]
    pub(crate) store: Store,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    #[arg(
        value_name = "HISTORY",
        required = true,
        help = "Files that --history or EMR_TOOLS_LOCK_HISTORY has written; - for stdin"
    )]
    histories: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) output: Output,

    /// Report errors only; -qq reports nothing
    #[arg(short, long, action = ArgAction::Count, help_heading = SHARED)]
    quiet: u8,
}

impl Verify {
    /// The histories, of which one at most is stdin.
    pub(crate) fn histories(&self) -> Result<&[PathBuf]> {
        if self.histories.iter().filter(|path| path.as_os_str() == "-").count() > 1 {
            return Err(Error::usage("- is given twice, and stdin can be read once only"));
        }
        Ok(&self.histories)
    }
}

impl Store {
    /// Makes the clients. Sends no request.
    pub(crate) async fn connect(&self) -> Result<Aws> {
        let config = self.account.config_with([self.encryption.typed()])?;
        self.account.connect_recorded(&config, Places::default(), &self.history).await
    }

    /// The words that name this store, for another command.
    pub(crate) fn words(&self) -> Vec<String> {
        [self.encryption.typed().words(), self.account.words()].concat()
    }

    /// The file in which requests for locks are recorded, if they are.
    pub(crate) fn history(&self) -> Result<Option<PathBuf>> {
        self.history.path()
    }

    /// The number of `--quiet` options.
    pub(crate) fn quiet(&self) -> u8 {
        self.account.quiet()
    }
}

impl Named {
    /// The named lock, and the token that came with its name.
    pub(crate) fn lock(&self) -> Result<(S3Uri, Option<Token>)> {
        match &self.lock {
            Some(lock) => Ok((lock.clone(), None)),
            None => piped::lock(),
        }
    }
}

impl Held {
    /// The named lock, and the token of its holder.
    pub(crate) fn lock(&self) -> Result<(S3Uri, Token)> {
        let (lock, piped) = self.named.lock()?;
        let exported = || std::env::var("S3_LOCK_TOKEN").ok().map(Token);
        let token = self.token.clone().or(piped).or_else(exported).ok_or_else(|| {
            Error::usage("no token is given").advise("give --token, or pipe in the record that s3-lock acquire printed")
        })?;
        Ok((lock, token))
    }
}

fn token(text: &str) -> Result<Token> {
    if text.is_empty() || text.len() > 256 || text.contains(char::is_control) {
        return Err(Error::usage("a token is one line of 1 to 256 bytes"));
    }
    Ok(Token(text.to_owned()))
}
