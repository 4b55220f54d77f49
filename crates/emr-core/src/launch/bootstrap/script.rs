//! The text of the master bootstrap script.
//!
//! The script runs each command by `eval` of a quoted word. So an unbalanced quote in one command cannot swallow the
//! next, while `cd` and `export` last for later commands, as in mrjob.

use super::instruction::Instruction;
use crate::error::{Error, Result};
use crate::model::job_flow::Software;
use crate::setup::NamedFile;
use crate::shell;

/// The format of a file, which is copied, or unpacked by tar or unzip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    File,
    Tar,
    Zip,
}

/// mrjob's archive formats, by file name extension.
const ARCHIVES: &[(&str, Format)] = &[
    (".tar", Format::Tar),
    (".tar.gz", Format::Tar),
    (".tgz", Format::Tar),
    (".tar.bz2", Format::Tar),
    (".zip", Format::Zip),
];

impl Format {
    pub(super) fn of(file: &NamedFile) -> Result<Self> {
        if !file.is_archive {
            return Ok(Self::File);
        }
        let name = file.source.base_name();
        let known = ARCHIVES.iter().find(|(end, _)| name.ends_with(end)).map(|(_, format)| *format);
        known.ok_or_else(|| {
            Error::usage(format!("'{name}' is not an archive that can be unpacked"))
                .advise("its name has to end in .tar, .tar.gz, .tgz, .tar.bz2 or .zip")
        })
    }
}

const HEAD: &str = r#"#!/bin/sh
# Prepares a node, as the bootstrap options of its job flow say. Written by the emr-tools.
#
# It stops at the first command that fails, and says which. What stands in quotes is meant as it stands:
# shellcheck disable=SC1003,SC2016

set -e
exec >&2

# bootstrap_begin COMMAND: says what is run next.
bootstrap_begin() {
    bootstrap_command=$1
    printf 'bootstrap: %s\n' "$1"
}

bootstrap_end() {
    bootstrap_code=$?
    [ "$bootstrap_code" -eq 0 ] ||
        printf 'bootstrap: exit code %s from: %s\n' "$bootstrap_code" "$bootstrap_command" >&2
}
trap bootstrap_end EXIT
"#;

const FOLDER: &str = r"
# Where the files are.
bootstrap_dir=$PWD
";

const FETCH: &str = r#"
# bootstrap_fetch URI NAME: a file of the folder, for everybody to read and run, as in Hadoop's distributed cache.
bootstrap_fetch() {
    bootstrap_begin "fetch $1"
    FETCH "$1" "$bootstrap_dir/$2"
    chmod a+rx "$bootstrap_dir/$2"
}
"#;

const UNPACK: &str = r#"
# bootstrap_unpack KIND URI NAME: an archive, unpacked into a directory of the folder.
bootstrap_unpack() {
    bootstrap_begin "fetch and unpack $2"
    bootstrap_tmp=$(mktemp -d)
    FETCH "$2" "$bootstrap_tmp/archive"
    mkdir -p "$bootstrap_dir/$3"
    case $1 in
        tar) tar -xf "$bootstrap_tmp/archive" -C "$bootstrap_dir/$3" ;;
        zip) unzip -q -o "$bootstrap_tmp/archive" -d "$bootstrap_dir/$3" ;;
    esac
    chmod -R a+rx "$bootstrap_dir/$3"
    rm -r "$bootstrap_tmp"
}
"#;

/// The script that fetches `files`, each with its name, URI and format, and then runs `commands`.
pub(super) fn text(software: &Software, files: &[(&str, String, Format)], commands: &[Instruction]) -> String {
    let fetch = match software {
        Software::Release { .. } => "aws s3 cp",
        // AMI versions have Hadoop during bootstrapping, but no AWS CLI.
        Software::Ami { .. } => "hadoop fs -copyToLocal",
    };
    let is_archive = |format: Format| format != Format::File;
    let mut text = HEAD.to_owned();
    if !files.is_empty() {
        text += FOLDER;
    }
    if files.iter().any(|(_, _, format)| !is_archive(*format)) {
        text += &FETCH.replace("FETCH", fetch);
    }
    if files.iter().any(|(_, _, format)| is_archive(*format)) {
        text += &UNPACK.replace("FETCH", fetch);
    }
    if !files.is_empty() {
        text += "\n# Files\n\n";
        text.extend(files.iter().map(fetched));
    }
    if !commands.is_empty() {
        text += "\n# Commands\n";
        text.extend(commands.iter().map(run));
    }
    text
}

fn fetched((name, uri, format): &(&str, String, Format)) -> String {
    let (uri, name) = (shell::quote(uri), shell::quote(name));
    match format {
        Format::File => format!("bootstrap_fetch {uri} {name}\n"),
        Format::Tar => format!("bootstrap_unpack tar {uri} {name}\n"),
        Format::Zip => format!("bootstrap_unpack zip {uri} {name}\n"),
    }
}

/// Appends a colon: without it, under `set -e`, a list such as `test && command` would fail the script when `test` is
/// false.
fn run(command: &Instruction) -> String {
    let evaluated = if command.run == command.written {
        "\"$bootstrap_command\n:\"".to_owned()
    } else {
        shell::quote(&format!("{}\n:", command.run))
    };
    format!("\nbootstrap_begin {}\neval {evaluated}\n", shell::quote(&command.written))
}
