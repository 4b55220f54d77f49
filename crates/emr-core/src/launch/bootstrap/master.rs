//! The master bootstrap script: what is in its folder, and what it runs.

use serde_json::json;

use super::command::Command;
use super::folder::{Folder, NodeFile};
use super::instruction::Instruction;
use super::options::BootstrapOptions;
use super::uploader::Uploader;
use super::{extras, packages, script};
use crate::error::{Error, Result};
use crate::model::job_flow::{BootstrapAction, Software};
use crate::model::s3_uri::S3Uri;
use crate::upload;

/// Adds the script, unless there is nothing for it to do.
pub(super) fn add(uploader: &mut Uploader<'_>, options: &BootstrapOptions) -> Result<()> {
    let folder = Folder::of(options.node_files())?;
    let commands = commands(options, &folder, &uploader.job_flow.software);
    if folder.is_empty() && commands.is_empty() {
        return Ok(());
    }
    let mut files = Vec::new();
    for (name, file) in folder.files() {
        let uri = uploader.place(&file.source)?;
        files.push((name, fetchable(uri, &uploader.job_flow.software)?, script::Kind::of(file)?));
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

/// What the script runs, in mrjob's order.
fn commands(options: &BootstrapOptions, folder: &Folder, software: &Software) -> Vec<Instruction> {
    let own = |command: &Command| Instruction { written: command.written.clone(), run: command.with_names(folder) };
    let script = |script: &NodeFile| Instruction { written: folder.name(script).to_owned(), run: folder.path(script) };
    let mut all: Vec<_> = options.python_3.then(|| extras::python_3(software)).flatten().into_iter().collect();
    all.extend(options.commands.iter().map(own));
    let packages: Vec<_> = options.packages.iter().map(|package| folder.name(package)).collect();
    all.extend(packages::install(software, &options.python_bin, &packages));
    all.extend(options.cmds.iter().map(own));
    all.extend(options.scripts.iter().map(script));
    all
}

/// What two master scripts have in common that do the same, wherever their files lie.
fn identity(folder: &Folder, commands: &[Instruction]) -> String {
    let files = folder.files().map(|(name, file)| json!([name, file.source.identity(), file.is_archive]));
    let files: Vec<_> = files.collect();
    let commands: Vec<_> = commands.iter().map(|command| &command.run).collect();
    upload::content_of(&json!([files, commands]).to_string()).to_string()
}

/// `uri` as the program that fetches it on a node takes it: on releases that is the AWS CLI, which knows S3 alone.
fn fetchable(uri: String, software: &Software) -> Result<String> {
    if matches!(software, Software::Ami { .. }) {
        return Ok(uri);
    }
    let on_s3 = uri.parse::<S3Uri>();
    on_s3.map(|uri| uri.to_string()).map_err(|_| {
        Error::usage(format!("{uri} cannot be fetched while a node bootstraps"))
            .advise("put it on S3, or fetch it by a command of your own, such as curl")
    })
}
