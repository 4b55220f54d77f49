//! Prints the output of completed steps, or keeps it in a folder.

mod codec;
mod folder;
mod hadoop_blocks;
mod keep;
mod local_name;
mod notes;
mod order;
mod parts;
mod pieces;
mod print;
mod tally;
mod transfer;
mod unpack;
#[cfg(feature = "untrusted")]
pub mod untrusted;
mod wanted;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use emr_aws::s3::Version;
use emr_aws::{Aws, S3};
use emr_cli::progress::Bar;
use emr_cli::{Account, Commands, Text, pipe, progress, signal};
use emr_core::error::{Outcome, Result};
use emr_core::stdin::NamedOutput;
use emr_core::text::escaped;

use crate::codec::{Codec, check_printable};
use crate::folder::Kept;
use crate::local_name::local_names;
use crate::parts::Part;
use crate::tally::{Tally, count};
use crate::transfer::transfer;

const EXAMPLES: &str = "\
Examples:
  add-step j-2AXXXXXXGAPLF --streaming --mapper cat --input in.txt --output s3://bucket/out/ | wait-step | fetch-output
  fetch-output s3://bucket/out/ | sort | head
  fetch-output --output-dir out s3://bucket/out/
  fetch-output --output-dir out/$(date +%F) --delete-after s3://bucket/out/
  fetch-output --raw s3://bucket/out/part-00000.gz > part-00000.gz";

/// Print the output of completed steps
///
/// Takes the records of steps, as wait-step prints them, on stdin, or places on S3 as arguments. The part files of an
/// output follow one another in the order of their numbers, folder by folder, without what Hadoop hides: names that
/// begin with _ or a dot. Files that end in .gz, .bz2, .deflate, .zst, .snappy or .lz4 are unpacked.
///
/// A step that did not complete has no output: nothing is printed, not even of the others. A step whose record names no
/// output is passed over, and an output that several steps have is fetched once. An object that is replaced while it is
/// read is an error. At the first error nothing more is printed, and the message says how much was.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Args {
    /// Places on S3, or records of steps [default: those on stdin, as with -]
    #[arg(value_name = "OUTPUT")]
    outputs: Vec<String>,

    /// Take files as they are, without unpacking them
    #[arg(long)]
    raw: bool,

    /// Keep the files in this folder and print nothing; what is there, whole and unchanged, is not fetched again. Each of
    /// several outputs has a folder in it, named by its step or the last part of its place
    #[arg(long, value_name = "DIR")]
    output_dir: Option<PathBuf>,

    /// Then delete on S3 _SUCCESS and what was fetched, once all of it is safe on disk. An output without _SUCCESS is not
    /// deleted
    #[arg(long, requires = "output_dir")]
    delete_after: bool,

    /// Print the places of the files in their order, refuse what would be refused, and fetch and delete nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    account: Account,
}

/// Runs the tool with these words of a command line, its own name first.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, fetch_output)
}

async fn fetch_output(args: Args) -> Result<Outcome> {
    let named = pipe::outputs(&args.outputs)?;
    let places = wanted::places(&named)?;
    let config = args.account.config()?;
    let commands = Commands::of(&args.account, &config)?;
    let aws = args.account.connect_to(&config, places).await?;
    let tally = Arc::default();
    tokio::select! {
        outcome = fetch(&args, (&aws, &commands), named, &tally) => outcome,
        number = signal::ending() => {
            emr_cli::complain(&interrupted(&args, &tally));
            Ok(Outcome::Signal(number))
        }
    }
}

/// Says how far a run was that is interrupted.
fn interrupted(args: &Args, tally: &Tally) -> String {
    if args.output_dir.is_some() {
        return format!("interrupted with {} fetched; the same command goes on", count(tally.files(), "file"));
    }
    format!("interrupted with at least {} printed", tally.bytes_and_files())
}

async fn fetch(
    args: &Args,
    (aws, commands): (&Aws, &Commands),
    named: Vec<NamedOutput>,
    tally: &Arc<Tally>,
) -> Result<Outcome> {
    let refused = wanted::incomplete(&aws.emr, &named, commands).await;
    if !refused.is_empty() {
        for error in &refused {
            emr_cli::report(error);
        }
        return Ok(wanted::outcome(&refused));
    }
    let (mut parts, mut marks) = (Vec::new(), Vec::new());
    let outputs = wanted::outputs(named)?;
    let folders = if args.output_dir.is_some() { wanted::folders(&outputs)? } else { vec![None; outputs.len()] };
    for (output, folder) in outputs.iter().zip(folders) {
        let found = Box::pin(parts::contents(&aws.s3, &output.at)).await?;
        parts.extend(found.parts.into_iter().map(|part| (folder.clone(), part)));
        marks.extend(found.mark);
    }
    match &args.output_dir {
        _ if args.dry_run => look(args, &parts),
        Some(path) => keep(args, &aws.s3, path, &parts, &marks, tally).await,
        None => print(args, &aws.s3, &parts, tally).await,
    }
}

/// Prints the places of `parts`, and refuses what a run in earnest would.
fn look(args: &Args, parts: &[(Option<String>, Part)]) -> Result<Outcome> {
    let Some(path) = &args.output_dir else {
        with_codecs(args, parts)?;
        return list(parts);
    };
    let all = to_keep(args, parts)?;
    let folder = keep::check(path, &all)?;
    if args.delete_after {
        keep::check_whole(&folder, &all)?;
    }
    list(parts)
}

/// Prints the places of `parts`.
fn list(parts: &[(Option<String>, Part)]) -> Result<Outcome> {
    let mut text = Text::on_stdout();
    for (_, part) in parts {
        text.print(format!("{}\n", escaped(&part.version.at.to_string())).as_bytes());
    }
    text.end().map(|_| Outcome::Done)
}

/// `parts` that can be printed, each with what unpacks it.
fn with_codecs(args: &Args, parts: &[(Option<String>, Part)]) -> Result<Vec<(Part, Option<Codec>)>> {
    let with_codec = |(_, part): &(Option<String>, Part)| {
        if !args.raw {
            check_printable(&part.version.at.to_string())?;
        }
        codec(args, part).map(|codec| (part.clone(), codec))
    };
    parts.iter().map(with_codec).collect()
}

async fn print(args: &Args, s3: &S3, parts: &[(Option<String>, Part)], tally: &Arc<Tally>) -> Result<Outcome> {
    let coded = with_codecs(args, parts)?;
    let parts: Vec<Part> = coded.iter().map(|(part, _)| part.clone()).collect();
    let bytes = parts.iter().map(|part| part.version.bytes).sum();
    let bar = if Text::on_stdout().is_for_people() { Bar::hidden() } else { progress::bytes("output", bytes) };
    let (is_raw, printed) = (args.raw, Arc::clone(tally));
    let take = move |pieces| print::print(&coded, is_raw, pieces, &printed);
    let done = Box::pin(transfer(s3, &parts, bar.clone(), take)).await;
    bar.finish_and_clear();
    done.map(|()| Outcome::Done).map_err(|error| print::after(tally, error))
}

/// `parts` with what they are kept as.
fn to_keep(args: &Args, parts: &[(Option<String>, Part)]) -> Result<Vec<Kept>> {
    let names = local_names(parts, args.raw)?;
    let kept = |(name, (_, part)): (String, &(Option<String>, Part))| {
        Ok(Kept { name, part: part.clone(), codec: codec(args, part)?, is_raw: args.raw })
    };
    names.into_iter().zip(parts).map(kept).collect()
}

async fn keep(
    args: &Args,
    s3: &S3,
    path: &Path,
    parts: &[(Option<String>, Part)],
    marks: &[Version],
    tally: &Arc<Tally>,
) -> Result<Outcome> {
    let all = to_keep(args, parts)?;
    let mut folder = keep::keep(s3, path, &all, tally).await?;
    keep::tidy(&mut folder, &all, marks)?;
    if args.delete_after { keep::delete(s3, &mut folder, &all, marks).await } else { Ok(Outcome::Done) }
}

/// What `part` is unpacked with.
fn codec(args: &Args, part: &Part) -> Result<Option<Codec>> {
    if args.raw { Ok(None) } else { Codec::of_file(&part.version.at.to_string()) }
}
