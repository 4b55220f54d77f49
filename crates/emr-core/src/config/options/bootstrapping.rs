//! Options that prepare the nodes of a job flow.

use super::keys;
use crate::config::{Argument, Command, FilePath, Key, List, Takes, Words};

const HEADING: &str = "Bootstrapping";

const fn argument(long: &'static str, takes: &'static str, help: &'static str) -> Argument {
    Argument::new(long, Takes::Value(takes), help).under(HEADING)
}

keys! { BOOTSTRAPPING:
    /// Commands to run on each node, as a shell reads them.
    /// In them *PATH#NAME* is a file that the node gets as NAME, *PATH#* one under its own name, and *PATH#NAME/* an
    /// archive that is unpacked into NAME.
    BOOTSTRAP: List<String> = Key::named("bootstrap")
        .typed_as(&[argument(
            "bootstrap",
            "COMMAND",
            "Run this command on each node. In it `PATH#NAME` is a file that the node gets as NAME, `PATH#` one under its \
             own name, and `PATH#NAME/` an archive that is unpacked into NAME",
        )
        .first()]);

    /// Commands to run just as they are, after the Python packages; each is text, or a list of its words.
    BOOTSTRAP_CMDS: List<Command> = Key::named("bootstrap_cmds")
        .typed_as(&[argument(
            "bootstrap-cmd",
            "COMMAND",
            "Run this command just as it is, after the Python packages",
        )]);

    /// Files to put where the commands run, each *PATH* or *PATH#NAME*.
    BOOTSTRAP_FILES: List<FilePath> = Key::named("bootstrap_files")
        .typed_as(&[argument("bootstrap-file", "PATH[#NAME]", "Put this file where the commands run")]);

    /// Scripts to run, after `bootstrap_cmds`.
    BOOTSTRAP_SCRIPTS: List<FilePath> = Key::named("bootstrap_scripts")
        .typed_as(&[argument("bootstrap-script", "PATH", "Run this script, after the commands")]);

    /// Python packages to install with pip, before `bootstrap_cmds`.
    BOOTSTRAP_PYTHON_PACKAGES: List<FilePath> = Key::named("bootstrap_python_packages")
        .typed_as(&[argument(
            "bootstrap-python-package",
            "GLOB",
            "Install these Python packages with pip, before --bootstrap-cmd",
        )]);

    /// Bootstrap actions, each a local script or one on S3, with its arguments as a shell would split them.
    /// They run before all else.
    BOOTSTRAP_ACTIONS: List<String> = Key::named("bootstrap_actions")
        .typed_as(&[argument(
            "bootstrap-action",
            "SCRIPT",
            "Run this bootstrap action before all of the above: a script, local or on S3, or in quotes a script with its \
             arguments",
        )]);

    /// Python to install packages for, by default that of the release. If set, it also runs the commands of streaming
    /// steps that begin with a .py file.
    PYTHON_BIN: Words = Key::named("python_bin")
        .typed_as(&[argument(
            "python-bin",
            "COMMAND",
            "Python to install packages for [default: that of the release]",
        )]);

    /// Whether to install Python 3.4 where the release has no Python 3; by default not.
    BOOTSTRAP_PYTHON: bool = Key::named("bootstrap_python")
        .typed_as(&[
            Argument::yes("bootstrap-python", "Install Python 3.4 where the release has no Python 3: before EMR 4.6")
                .overrides(&["no-bootstrap-python"])
                .under(HEADING),
            Argument::no("no-bootstrap-python", "Do not install Python 3.4, whatever mrjob.conf says").under(HEADING),
        ]);

    /// Whether to install Spark: as an application, and by a bootstrap action on AMI version 3; by default not.
    BOOTSTRAP_SPARK: bool = Key::named("bootstrap_spark")
        .typed_as(&[
            Argument::yes(
                "bootstrap-spark",
                "Install Spark: as an application, and by a bootstrap action on AMI version 3",
            )
            .overrides(&["no-bootstrap-spark"])
            .under(HEADING),
            Argument::no("no-bootstrap-spark", "Do not install Spark, whatever mrjob.conf says").under(HEADING),
        ]);

    /// Whether each process that crashes leaves a core dump in /tmp/cores on its node; by default not.
    CORE_DUMPS: bool = Key::named("core_dumps")
        .typed_as(&[
            Argument::yes(
                "core-dumps",
                "Let each process that crashes leave a core dump in /tmp/cores on its node",
            )
            .overrides(&["no-core-dumps"])
            .under(HEADING),
            Argument::no("no-core-dumps", "Leave out core dumps, whatever mrjob.conf says").under(HEADING),
        ]);
}
