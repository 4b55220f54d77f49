//! What the tasks of a job get beside their commands: files, archives, and a script that runs before each command.
//!
//! [`TaskNeeds`] is what the options ask for: mrjob's `setup`, `upload_files`, `upload_archives`, `upload_dirs`,
//! `py_files` and their kin. A kind of job adds files of its own, such as its script. [`TaskNeeds::place`] then decides
//! what each file is called in the tasks' working directory and where it lies on S3: a [`TaskSetup`], which has the
//! values of Hadoop's `-files` and `-archives`, and wraps commands: `/bin/sh -ex setup-wrapper.sh COMMAND…`.

mod needs;
mod script;
mod spark;

use emr_core::config::Setting;
use emr_core::error::{Error, Result};
use emr_core::hadoop_words;
use emr_core::setup::{Folder, NamedFile};

use needs::Imported;
pub(crate) use needs::TaskNeeds;
pub(crate) use spark::SparkSetup;

use crate::files::LocalFiles;

/// The usual name of the script that runs before each task.
const WRAPPER: &str = "setup-wrapper.sh";

/// Archives that Hadoop unpacks, by the ends of their names. Others stay files, and nobody says so.
///
/// Source: `FSDownload.unpack` of YARN
const ARCHIVES: [&str; 5] = [".tar", ".tar.gz", ".tgz", ".zip", ".jar"];

/// What the tasks of a job get, where it is and what they call it.
#[derive(Debug, Default)]
pub(crate) struct TaskSetup {
    /// Files for the working directory: URI and name.
    pub(crate) files: Vec<(String, String)>,
    /// Archives to unpack there: URI and the name of the folder.
    pub(crate) archives: Vec<(String, String)>,
    /// URI and name of each of the job's own files, in the order in which they were added.
    pub(crate) own: Vec<(String, String)>,
    /// The words that run Python; empty where none is named.
    pub(crate) python: Vec<String>,
    /// What stands before a command, so that the script runs first.
    wrapper: Option<String>,
}

impl TaskNeeds {
    /// Names all files, notes the local ones in `local` for the upload, and writes the script, where there is something
    /// for it to do.
    pub(crate) fn place(&self, local: &mut LocalFiles) -> Result<TaskSetup> {
        let folder = Folder::of(self.named_files(Imported::ByScript))?;
        let (files, archives) = placed(&folder, local)?;
        let own = own(self, &folder, local)?;
        let mut setup = TaskSetup { files, archives, own, python: self.task_python().to_vec(), wrapper: None };
        if let Some(text) = script::before_task(self, &folder) {
            let name = folder.unused(WRAPPER);
            setup.wrapper = Some(self.spell_wrapper(&name)?);
            setup.files.push((local.add_text(text, WRAPPER)?, name));
        }
        Ok(setup)
    }

    /// The shell and the script `name`, as Hadoop has to be told them.
    fn spell_wrapper(&self, name: &str) -> Result<String> {
        let mut spelt = String::new();
        for word in self.shell().iter().map(String::as_str).chain([name]) {
            let word = hadoop_words::quote(word).ok_or_else(|| {
                self.blame_shell(Error::usage(format!("'{word}' is no word that Hadoop could pass on")))
            })?;
            spelt += &word;
            spelt.push(' ');
        }
        Ok(spelt)
    }
}

/// URI and name of the files and of the archives of `folder`, in the order of their names.
fn placed(folder: &Folder<'_>, local: &mut LocalFiles) -> Result<(Placed, Placed)> {
    let (mut files, mut archives) = (Vec::new(), Vec::new());
    for (name, file) in folder.files() {
        check(name, file).map_err(|error| file.blame(error))?;
        let uri = local.place(&file.value.source)?;
        if uri.contains(',') {
            let text = format!("the URI {uri} has a comma in it, at which Hadoop would cut it");
            return Err(file.blame(Error::usage(text).advise("give the file another name on S3")));
        }
        let list = if file.value.is_archive { &mut archives } else { &mut files };
        list.push((uri, name.to_owned()));
    }
    Ok((files, archives))
}

/// URI and name of the job's own files, in the order in which they were added.
fn own(needs: &TaskNeeds, folder: &Folder<'_>, local: &mut LocalFiles) -> Result<Placed> {
    let place = |file: &Setting<NamedFile>| Ok((local.place(&file.value.source)?, folder.name(&file.value).to_owned()));
    needs.own().iter().map(place).collect()
}

/// Files, each by its URI and its name.
type Placed = Vec<(String, String)>;

/// Refuses a file that Hadoop would not give the tasks as it is meant.
fn check(name: &str, file: &Setting<&NamedFile>) -> Result<()> {
    if name.contains(',') {
        return Err(Error::usage(format!(
            "no file can have the name '{name}' there: Hadoop would cut it at the comma"
        ))
        .advise("give it another name with PATH#NAME"));
    }
    let base = file.value.source.base_name().to_ascii_lowercase();
    if file.value.is_archive && !ARCHIVES.iter().any(|end| base.ends_with(end)) {
        return Err(Error::usage(format!("'{}' is no archive that Hadoop unpacks", file.value.source.base_name()))
            .advise("its name has to end in .tar, .tar.gz, .tgz, .zip or .jar"));
    }
    Ok(())
}

impl TaskSetup {
    /// `command` with the script before it. What Hadoop runs within itself, such as a Java class, stays as it is.
    pub(crate) fn wrap(&self, command: &str) -> String {
        match &self.wrapper {
            Some(wrapper) if !self.is_hadoop_s_own(command) => format!("{wrapper}{command}"),
            _ => command.to_owned(),
        }
    }

    /// Whether something runs before commands.
    pub(crate) fn is_wrapped(&self) -> bool {
        self.wrapper.is_some()
    }

    /// Whether `command` is no program: the name of a Java class, `aggregate` or `NONE`.
    ///
    /// Source: `StreamJob.setJobConf` of Hadoop streaming
    fn is_hadoop_s_own(&self, command: &str) -> bool {
        let words = hadoop_words::split(command);
        let [word] = words.as_slice() else { return false };
        let is_identifier = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
        };
        let parts: Vec<_> = word.split('.').collect();
        let is_class = parts.len() > 2
            && parts.iter().all(|part| is_identifier(part))
            && parts.last().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_uppercase()));
        let is_file = self.files.iter().any(|(_, name)| name == word);
        !is_file && (is_class || word == "aggregate" || word == "NONE")
    }
}

#[cfg(test)]
mod tests;
