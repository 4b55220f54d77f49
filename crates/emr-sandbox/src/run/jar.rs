//! Steps of any other jar, which need a local Hadoop.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use super::failure::Failure;
use super::program;
use super::workplace::Workplace;

/// Runs `jar` with `hadoop jar`. Fails with a reason if `hadoop` is not on the `PATH`.
pub(crate) fn run(
    workplace: &Workplace<'_>,
    jar: &str,
    main_class: Option<&str>,
    args: &[String],
) -> Result<(), Failure> {
    if find_program("hadoop").is_none() {
        return Err(Failure::new(
            "The sandbox does not run jars.",
            format!(
                "{jar}: only command-runner.jar, script-runner.jar and Hadoop streaming run here; other jars need the \
                 program hadoop on the PATH"
            ),
        ));
    }
    // The bodies of objects have names without an extension, and Hadoop requires `.jar`.
    let copy = workplace.dir.join("step.jar");
    workplace.fetch(jar, &copy)?;
    let mut command = Command::new("hadoop");
    command.arg("jar").arg(copy).args(main_class).args(args);
    program::run(workplace, command, "hadoop jar")
}

/// The file of a program on the `PATH`.
pub(super) fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}
