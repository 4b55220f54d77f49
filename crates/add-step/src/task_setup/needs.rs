//! What the options ask for: the files of the tasks, the commands that run before them, the shell and the Python.

use std::cell::RefCell;
use std::path::Path;

use emr_cli::local_file;
use emr_core::config::options::{
    PY_FILES, PYTHON_ARCHIVES, PYTHON_BIN, SETUP, SETUP_CMDS, SETUP_SCRIPTS, SH_BIN, TASK_PYTHON_BIN, UPLOAD_ARCHIVES,
    UPLOAD_DIRS, UPLOAD_FILES,
};
use emr_core::config::setting::{Source as Origin, value};
use emr_core::config::{self, Config, FilePath, Key, List, Setting};
use emr_core::error::{Error, Result};
use emr_core::setup::{Command, Machine, NamedFile, Part, Source, packs_none, statements};
use emr_core::upload::Item;

use crate::files::LocalFiles;

/// What runs commands where `sh_bin` names nothing.
const SHELL: [&str; 2] = ["/bin/sh", "-ex"];

/// What the tasks of a job are to get.
#[derive(Debug, Default)]
pub(crate) struct TaskNeeds {
    /// Files and archives that only have to be there.
    files: Vec<Setting<NamedFile>>,
    /// Files and archives that Python imports from.
    python_path: Vec<Setting<NamedFile>>,
    /// Files of the job itself, such as its script.
    own: Vec<Setting<NamedFile>>,
    /// Commands that run before each task, in this order.
    commands: Vec<Setting<Command>>,
    sh_bin: Option<Setting<Vec<String>>>,
    python_bin: Vec<String>,
    task_python_bin: Vec<String>,
}

impl TaskNeeds {
    /// Looks the options up. Directories are packed into `local`.
    pub(crate) fn look_up(config: &Config, local: &mut LocalFiles) -> Result<Self> {
        let local = RefCell::new(local);
        let machine = Machine {
            expand: &|path| config.expand(path),
            content: &local_file::content,
            pack: &|path| local.borrow_mut().pack(path),
        };
        let named =
            |key: &'static Key<List<FilePath>>, kind| each(config.get(key)?, |text| kind_of(kind, &text, &machine));
        let unnamed =
            |key: &'static Key<List<FilePath>>| each(config.get(key)?, |text| NamedFile::read(&text, &machine));
        let mut files = named(&UPLOAD_FILES, Kind::File)?;
        files.extend(named(&UPLOAD_ARCHIVES, Kind::Archive)?);
        files.extend(named(&UPLOAD_DIRS, Kind::Directory)?);
        let mut python_path = each(config.get(&PY_FILES)?, |text| py_file(&text, &machine))?;
        let archive = |file: NamedFile| Ok(NamedFile { is_archive: true, ..file });
        python_path.extend(each(unnamed(&PYTHON_ARCHIVES)?, archive)?);
        let mut commands = each(config.get(&SETUP)?, |text| Command::read(&text, &machine))?;
        commands.extend(each(config.get(&SETUP_CMDS)?, |command| match command {
            config::Command::Text(text) => Command::of(&text),
            config::Command::Words(words) => Command::of_words(&words),
        })?);
        commands.extend(each(unnamed(&SETUP_SCRIPTS)?, |file| {
            Ok(Command { written: file.source.base_name().to_owned(), parts: vec![Part::File(file)] })
        })?);
        statements(&commands)?;
        Ok(Self {
            files,
            python_path,
            own: Vec::new(),
            commands,
            sh_bin: config.get(&SH_BIN)?.filter(|shell| !shell.value.is_empty()),
            python_bin: value(config.get(&PYTHON_BIN)?).unwrap_or_default(),
            task_python_bin: value(config.get(&TASK_PYTHON_BIN)?).unwrap_or_default(),
        })
    }

    /// Adds a file of the job itself, a local one or a URI, which is called `name`, or else what is free. Returns its
    /// number among [`TaskSetup::own`](super::TaskSetup).
    pub(crate) fn add_own(&mut self, place: &str, name: Option<&str>) -> Result<usize> {
        let machine = Machine { expand: &str::to_owned, content: &local_file::content, pack: &packs_none };
        let file = NamedFile { source: machine.source(place)?, name: name.map(str::to_owned), is_archive: false };
        self.own.push(UPLOAD_FILES.by_default(file));
        Ok(self.own.len() - 1)
    }

    /// Has Python import from the file at `uri`, before any other.
    pub(crate) fn import_from(&mut self, uri: String) {
        let file = NamedFile { source: Source::Remote(uri), name: None, is_archive: false };
        self.python_path.push(PY_FILES.by_default(file));
    }

    /// The files of the job itself.
    pub(super) fn own(&self) -> &[Setting<NamedFile>] {
        &self.own
    }

    /// Whether the tasks may import what is not among their files: from Python's own path, or as commands have it.
    pub(crate) fn may_import(&self) -> bool {
        !self.commands.is_empty() || !self.python_path.is_empty()
    }

    /// Everything that has a name in the working directory, the files that Python imports from where they are `imported`
    /// there.
    pub(super) fn named_files(&self, imported: Imported) -> impl Iterator<Item = Setting<&NamedFile>> {
        let from = |origin: &Origin, value| Setting { value, source: origin.clone() };
        let of_commands = self
            .commands
            .iter()
            .flat_map(move |command| command.value.files().map(move |file| from(&command.source, file)));
        let is_there = move |file: &&Setting<NamedFile>| imported == Imported::ByScript || file.value.is_archive;
        let files = self.files.iter().chain(self.python_path.iter().filter(is_there)).chain(&self.own);
        files.map(move |file| from(&file.source, &file.value)).chain(of_commands)
    }

    /// The options that have put files, archives and commands there, by their names: `--setup`, or their places in a file.
    pub(super) fn working_directory_options(&self) -> Vec<String> {
        let archives = self.python_path.iter().filter(|file| file.value.is_archive);
        let files = self.files.iter().chain(archives).map(|file| &file.source);
        let all = files.chain(self.commands.iter().map(|command| &command.source));
        let mut all: Vec<_> = all.map(ToString::to_string).collect();
        all.dedup();
        all
    }

    pub(super) fn commands(&self) -> &[Setting<Command>] {
        &self.commands
    }

    pub(super) fn python_path(&self) -> &[Setting<NamedFile>] {
        &self.python_path
    }

    /// The words of the shell that runs the commands.
    pub(super) fn shell(&self) -> Vec<String> {
        self.sh_bin.as_ref().map_or_else(|| SHELL.map(str::to_owned).to_vec(), |shell| shell.value.clone())
    }

    /// Whether the user has named that shell, and with it its options.
    pub(super) fn names_shell(&self) -> bool {
        self.sh_bin.is_some()
    }

    pub(super) fn blame_shell(&self, error: Error) -> Error {
        match &self.sh_bin {
            Some(shell) => shell.blame(error),
            None => error,
        }
    }

    /// The Python that runs tasks; empty where none is named.
    pub(super) fn task_python(&self) -> &[String] {
        if self.task_python_bin.is_empty() { &self.python_bin } else { &self.task_python_bin }
    }

    /// The Python that runs everything else; empty where none is named.
    pub(super) fn python(&self) -> &[String] {
        &self.python_bin
    }
}

/// Who has Python import from files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Imported {
    /// The script that runs before each task.
    ByScript,
    /// Spark, which ships them by itself.
    BySpark,
}

/// What a path in a list of files names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Archive,
    Directory,
}

/// `PATH` or `PATH#NAME`: one that only has to be there, and therefore has the name that its user knows.
fn kind_of(kind: Kind, text: &str, machine: &Machine<'_>) -> Result<NamedFile> {
    let without_slash =
        |text: &str| if kind == Kind::File { text.to_owned() } else { text.trim_end_matches('/').to_owned() };
    let (place, name) = match text.split_once('#') {
        Some((place, name)) => (place, without_slash(name)),
        None => (text, base_name(&without_slash(text))?),
    };
    if name.is_empty() {
        let text = format!("'{text}' gives the tasks a file without a name");
        return Err(Error::usage(text).advise("write PATH, or PATH#NAME"));
    }
    let source = match (kind, Item::read(place)) {
        (Kind::Directory, Item::Remote(uri)) => {
            return Err(Error::usage(format!("{uri} is not a local directory, and cannot be packed"))
                .advise("pack it, as with tar czf, and give the archive with --archive"));
        }
        (Kind::Directory, Item::Local(path)) => (machine.pack)(&path)?,
        _ => machine.source(place)?,
    };
    Ok(NamedFile { source, name: Some(name), is_archive: kind != Kind::File })
}

fn base_name(text: &str) -> Result<String> {
    let name = Path::new(text).file_name().and_then(|name| name.to_str());
    name.map(str::to_owned)
        .ok_or_else(|| Error::usage(format!("'{text}' does not say what the tasks call it")).advise("write PATH#NAME"))
}

/// A file that Python imports from. Spark takes no other name for one, and mrjob none for any.
fn py_file(text: &str, machine: &Machine<'_>) -> Result<NamedFile> {
    if text.contains('#') {
        return Err(Error::usage(format!("'{text}' has a # in it: a Python file keeps its own name")));
    }
    let source: Source = machine.source(text)?;
    Ok(NamedFile { source, name: None, is_archive: false })
}

fn each<T, U>(settings: Vec<Setting<T>>, read: impl Fn(T) -> Result<U>) -> Result<Vec<Setting<U>>> {
    settings.into_iter().map(|setting| setting.try_map(&read)).collect()
}
