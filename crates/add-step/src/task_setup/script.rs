//! The script that runs before each task, as mrjob writes it (`MRJobBinRunner._setup_wrapper_script_content`).
//!
//! Tasks on one node share the files and archives that Hadoop has fetched, so that a `make` of one would get in the way
//! of another's: the commands run under a lock. It is named after the commands and their files, and so holds between
//! jobs that share them. Their output goes to the log, and their input is empty, because those of the task are data.

use std::path::Path;

use emr_core::config::Setting;
use emr_core::setup::{Command, Folder, NamedFile};
use emr_core::{shell, upload};

use super::TaskNeeds;

/// Runs the rest of its arguments. Hadoop looks for a program in the working directory first, and lets it be executed.
const RUN: &str = r#"
# run the task, which may be a file of the working directory
case $1 in
    /* | '') ;;
    *)
        if [ -f "$1" ]; then
            [ -x "$1" ] || chmod a+x "$1"
            __mrjob_task=$PWD/$1
            shift
            set -- "$__mrjob_task" "$@"
        fi
        ;;
esac
"$@"
"#;

/// The script that runs the commands and then its arguments; `None` where nothing has to run before a task.
pub(super) fn before_task(needs: &TaskNeeds, folder: &Folder<'_>) -> Option<String> {
    let setup = setup(needs, needs.python_path().iter(), folder)?;
    // What the user's own shell does about errors is for its options to say.
    let stop = if needs.names_shell() { "" } else { "set -e\n" };
    Some(format!("# Prepares a task and runs it. Written by the emr-tools.\n{stop}{setup}{RUN}"))
}

/// The script that runs the commands and then Python with its arguments; `None` where nothing has to run before Python.
/// Spark imports from Python files by itself, and from archives it does not.
pub(super) fn before_python(needs: &TaskNeeds, folder: &Folder<'_>) -> Option<String> {
    let archives = needs.python_path().iter().filter(|file| file.value.is_archive);
    let setup = setup(needs, archives, folder)?;
    let what = "Prepares a task and runs its Python. Written by the emr-tools.";
    let python = python(needs.task_python());
    Some(format!("{}\n# {what}\n{setup}\n{python} \"$@\"\n", first_lines(&needs.shell())))
}

/// The line that names `shell`, and one for its options: Linux hands on one argument of the former, and none behind `env`.
fn first_lines(shell: &[String]) -> String {
    let Some((program, options)) = shell.split_first() else { return "#!/bin/sh".to_owned() };
    let found = if program.starts_with('/') { "" } else { "/usr/bin/env " };
    let is_flags = |word: &&str| {
        word.strip_prefix('-').is_some_and(|flags| !flags.is_empty() && flags.chars().all(|c| c.is_ascii_alphabetic()))
    };
    let flags: Vec<_> = options.iter().map(String::as_str).filter(is_flags).collect();
    let set = if flags.is_empty() { String::new() } else { format!("\nset {}", flags.join(" ")) };
    format!("#!{found}{program}{set}")
}

fn python(named: &[String]) -> String {
    if named.is_empty() { "python3".to_owned() } else { shell::join(named) }
}

/// The part of a script that has Python import from `imported` and runs the commands.
fn setup<'a>(
    needs: &TaskNeeds,
    imported: impl Iterator<Item = &'a Setting<NamedFile>>,
    folder: &Folder<'_>,
) -> Option<String> {
    let path = |file: &NamedFile| format!("\"$__mrjob_PWD\"/{}", shell::quote(folder.name(file)));
    let exports = imported.map(|Setting { value: file, .. }| {
        let is_module =
            !file.is_archive && Path::new(file.source.base_name()).extension().is_some_and(|end| end == "py");
        let place = if is_module { "\"$__mrjob_PWD\"".to_owned() } else { path(file) };
        format!("export PYTHONPATH={place}${{PYTHONPATH:+\":$PYTHONPATH\"}}")
    });
    let commands =
        needs.commands().iter().map(|Setting { value: command, .. }: &Setting<Command>| command.with_paths(path));
    let lines: Vec<String> = exports.chain(commands).collect();
    if lines.is_empty() {
        return None;
    }
    let identities = folder.files().map(|(name, file)| format!("{name} {}", file.value.source.identity()));
    let content = upload::content_of(&identities.chain(lines.iter().cloned()).collect::<Vec<_>>().join("\n"));
    let python = python(needs.python());
    Some(format!(
        r#"
__mrjob_PWD=$PWD

# one at a time on each node
exec 9>"/tmp/setup-wrapper.$(id -u).{content}.lock"
flock 9 2>/dev/null || {python} -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'

# setup, in which neither exit nor return may pass for the end of the task
__mrjob_setup() {{
{}
__mrjob_is_set_up=1
}}
trap '__mrjob_code=$?
if [ -z "$__mrjob_is_set_up" ] && [ "$__mrjob_code" = 0 ]; then
    echo "the setup ended before its last command" >&2
    exit 1
fi
exit "$__mrjob_code"' EXIT
__mrjob_is_set_up=
__mrjob_setup 0</dev/null 1>&2
[ -n "$__mrjob_is_set_up" ] || exit 0

# the next may begin
exec 9>&-
cd "$__mrjob_PWD"
"#,
        lines.join("\n")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_lines_name_the_shell_and_set_its_options() {
        let lines = |words: &str| first_lines(&words.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(lines("/bin/sh -ex"), "#!/bin/sh\nset -ex");
        assert_eq!(lines("bash -e -x"), "#!/usr/bin/env bash\nset -e -x");
        assert_eq!(lines("/bin/bash"), "#!/bin/bash");
    }
}
