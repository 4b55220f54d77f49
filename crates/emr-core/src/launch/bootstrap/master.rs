//! The master bootstrap script: the files in its folder, and its commands.
//!
//! There is one script because EMR accepts only 16 bootstrap actions, and because mrjob's commands share one shell.

use serde_json::json;

use super::instruction::{Instruction, in_folder};
use super::options::BootstrapOptions;
use super::uploader::Uploader;
use super::{extras, packages, script};
use crate::config::Setting;
use crate::error::{Error, Result};
use crate::model::job_flow::{BootstrapAction, Software};
use crate::model::s3_uri::S3Uri;
use crate::setup::{Command, Folder, NamedFile, statements};
use crate::upload;

/// Adds the script, unless it would do nothing.
pub(super) fn add(uploader: &mut Uploader<'_>, options: &BootstrapOptions) -> Result<()> {
    let folder = Folder::of(options.node_files())?;
    let commands = commands(options, &folder, &uploader.job_flow.software)?;
    if folder.is_empty() && commands.is_empty() {
        return Ok(());
    }
    let mut files = Vec::new();
    for (name, Setting { value: file, source }) in folder.files() {
        let uri = uploader.place(&file.source)?;
        let uri = fetchable(uri, &uploader.job_flow.software).map_err(|error| source.blame(error))?;
        files.push((name, uri, script::Format::of(file).map_err(|error| source.blame(error))?));
    }
    let text = script::text(&uploader.job_flow.software, &files, &commands);
    let scratch = uploader.scratch("a bootstrap script has to be uploaded")?;
    let upload = upload::text(text, "bootstrap.sh", &scratch);
    uploader.job_flow.bootstrap_actions.push(BootstrapAction {
        name: "master".to_owned(),
        path: upload.to.to_string(),
        args: Vec::new(),
        identity: identity(&folder, &commands),
    });
    uploader.job_flow.uploads.push(upload);
    Ok(())
}

/// The commands of the script, in mrjob's order.
fn commands(options: &BootstrapOptions, folder: &Folder, software: &Software) -> Result<Vec<Instruction>> {
    let own = |group: &[Setting<Command>]| Instruction {
        written: lines(group, |command| command.written.clone()),
        run: lines(group, |command| command.with_paths(|file| in_folder(folder.name(file)))),
    };
    let script = |Setting { value: script, .. }: &Setting<NamedFile>| Instruction {
        written: folder.name(script).to_owned(),
        run: in_folder(folder.name(script)),
    };
    let mut all: Vec<_> = options.python_3.then(|| extras::python_3(software)).flatten().into_iter().collect();
    all.extend(statements(&options.commands)?.into_iter().map(own));
    let packages: Vec<_> = options.packages.iter().map(|package| folder.name(&package.value)).collect();
    all.extend(packages::install(software, &options.python_bin, &packages));
    all.extend(statements(&options.cmds)?.into_iter().map(own));
    all.extend(options.scripts.iter().map(script));
    Ok(all)
}

/// The text of a group of commands, each on its own lines.
fn lines(group: &[Setting<Command>], text: impl Fn(&Command) -> String) -> String {
    group.iter().map(|command| text(&command.value)).collect::<Vec<_>>().join("\n")
}

/// A hash for the pool hash: equal exactly when two master scripts do the same, wherever their files are.
fn identity(folder: &Folder, commands: &[Instruction]) -> String {
    let file =
        |(name, file): (&str, &Setting<&NamedFile>)| json!([name, file.value.source.identity(), file.value.is_archive]);
    let files = folder.files().map(file);
    let files: Vec<_> = files.collect();
    let commands: Vec<_> = commands.iter().map(|command| &command.run).collect();
    upload::content_of(&json!([files, commands]).to_string()).to_string()
}

/// `uri` as the program that fetches it on a node expects it. On releases that is the AWS CLI, which reads only S3.
fn fetchable(uri: String, software: &Software) -> Result<String> {
    if matches!(software, Software::Ami { .. }) {
        return Ok(uri);
    }
    let on_s3 = uri.parse::<S3Uri>();
    on_s3.map(|uri| uri.to_string()).map_err(|_| {
        Error::usage(format!("{uri} cannot be fetched while a node bootstraps"))
            .advise("put it on S3, or fetch it with a command such as curl")
    })
}
