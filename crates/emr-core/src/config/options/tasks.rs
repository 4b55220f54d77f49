//! What the tasks of a job find in their working directory, and what runs before them.

use super::keys;
use crate::config::{Argument, Command, FilePath, Key, List, Takes, Words};

const HEADING: &str = "Tasks";

const fn argument(long: &'static str, takes: Takes, help: &'static str) -> Argument {
    Argument::new(long, takes, help).under(HEADING)
}

const fn spark(long: &'static str, takes: Takes, help: &'static str) -> Argument {
    Argument::new(long, takes, help).under("Spark")
}

keys! { TASKS:
    /// Commands to run before each task, as a shell reads them.
    /// In them *PATH#NAME* is a file that the task gets as NAME, *PATH#* one under its own name, *PATH#NAME/* an archive
    /// that is unpacked into NAME, and *PATH/#NAME* a directory that the task gets as NAME.
    SETUP: List<String> = Key::named("setup")
        .typed_as(&[argument(
            "setup",
            Takes::Value("COMMAND"),
            "Run this command before each task. In it `PATH#NAME` is a file that the task gets as NAME, `PATH#NAME/` an \
             archive that is unpacked into NAME, and `PATH/#NAME` a directory; may be repeated",
        )]);

    /// Commands to run before each task just as they are, after those of `setup`; each is text, or a list of its words.
    SETUP_CMDS: List<Command> = Key::named("setup_cmds")
        .typed_as(&[argument(
            "setup-cmd",
            Takes::Value("COMMAND"),
            "Run this command before each task just as it is, after --setup",
        )]);

    /// Scripts to run before each task, after `setup_cmds`.
    SETUP_SCRIPTS: List<FilePath> = Key::named("setup_scripts")
        .typed_as(&[argument(
            "setup-script",
            Takes::Value("PATH"),
            "Run this script before each task, after the commands",
        )]);

    /// Files for the working directory of the tasks, each *PATH* or *PATH#NAME*, local or not.
    UPLOAD_FILES: List<FilePath> = Key::named("upload_files")
        .typed_as(&[argument(
            "file",
            Takes::Listed("PATH[#NAME]"),
            "File for the tasks' working directory, on S3 or local, under its own name or another; may be repeated",
        )
        .also(&["files", "upload-file"])
        .first()]);

    /// Archives to unpack in the working directory of the tasks, each *PATH* or *PATH#NAME*, local or not.
    UPLOAD_ARCHIVES: List<FilePath> = Key::named("upload_archives")
        .typed_as(&[argument(
            "archive",
            Takes::Listed("PATH[#NAME]"),
            "Archive to unpack in the tasks' working directory, into a folder of its own or of another name; may be \
             repeated",
        )
        .also(&["archives", "upload-archive"])]);

    /// Local directories to copy into the working directory of the tasks, each *PATH* or *PATH#NAME*.
    UPLOAD_DIRS: List<FilePath> = Key::named("upload_dirs")
        .typed_as(&[argument(
            "dir",
            Takes::Listed("PATH[#NAME]"),
            "Local directory for the tasks' working directory, under its own name or another; may be repeated",
        )
        .also(&["dirs", "upload-dir"])]);

    /// Python files, such as .zip and .egg, that the tasks can import from, local or not.
    PY_FILES: List<FilePath> = Key::named("py_files")
        .typed_as(&[argument(
            "py-files",
            Takes::Listed("PATH"),
            "Python file (.zip, .egg or .py) that the tasks can import from, on S3 or local; may be repeated",
        )
        .also(&["py-file"])
        .first()]);

    /// Archives to unpack in the working directory of the tasks, which can import from them.
    PYTHON_ARCHIVES: List<FilePath> = Key::named("python_archives")
        .typed_as(&[argument(
            "python-archive",
            Takes::Listed("PATH"),
            "Archive to unpack in the tasks' working directory, from which they can import",
        )]);

    /// Python that runs the tasks, by default that of `python_bin`.
    TASK_PYTHON_BIN: Words = Key::named("task_python_bin")
        .typed_as(&[argument(
            "task-python-bin",
            Takes::Value("COMMAND"),
            "Python that runs the tasks [default: that of --python-bin]",
        )]);

    /// Python that asks an mrjob job here for its steps, by default that of `python_bin` where it runs here and has mrjob,
    /// else python3.
    STEPS_PYTHON_BIN: Words = Key::named("steps_python_bin")
        .typed_as(&[Argument::new(
            "steps-python-bin",
            Takes::Value("COMMAND"),
            "Python that asks an mrjob job here for its steps, and has mrjob [default: that of --python-bin where it runs \
             here, else python3]",
        )
        .under(HEADING)]);

    /// Further arguments of `spark-submit` for Spark jobs.
    SPARK_ARGS: List<String> = Key::named("spark_args")
        .typed_as(&[spark(
            "spark-arg",
            Takes::Value("ARGUMENT"),
            "Further argument of spark-submit, as in --spark-arg=--verbose; may be repeated",
        )
        .also(&["spark-args"])]);

    /// Master of Spark jobs, by default yarn.
    SPARK_MASTER: String = Key::named("spark_master")
        .typed_as(&[spark("spark-master", Takes::Value("MASTER"), "Master of the Spark job [default: yarn]")]);

    /// Where the drivers of Spark jobs run: cluster, which is the default on YARN, or client for the master.
    SPARK_DEPLOY_MODE: String = Key::named("spark_deploy_mode")
        .typed_as(&[spark(
            "spark-deploy-mode",
            Takes::Value("MODE"),
            "Where the driver of the Spark job runs: cluster, or client for the master [default: cluster]",
        )
        .usually(|| vec!["cluster", "client"])]);

    /// Command that submits Spark jobs, by default that of the release.
    SPARK_SUBMIT_BIN: Words = Key::named("spark_submit_bin")
        .typed_as(&[spark(
            "spark-submit-bin",
            Takes::Value("COMMAND"),
            "Command that submits the Spark job [default: that of the release]",
        )]);

    /// Shell that runs the commands of `setup`, /bin/sh -ex by default.
    SH_BIN: Words = Key::named("sh_bin")
        .typed_as(&[argument(
            "sh-bin",
            Takes::Value("COMMAND"),
            "Shell that runs the commands of --setup [default: /bin/sh -ex]",
        )]);

    /// Jar of Hadoop streaming, instead of that of the release; `file://` names one on the master.
    HADOOP_STREAMING_JAR: FilePath = Key::named("hadoop_streaming_jar")
        .typed_as(&[Argument::new(
            "hadoop-streaming-jar",
            Takes::Value("JAR"),
            "Jar of Hadoop streaming, on S3, local, or file:// for one on the master [default: that of the release]",
        )
        .under("Streaming")]);

    /// Path on the master of the jar of Hadoop streaming.
    HADOOP_STREAMING_JAR_ON_EMR: String = Key::named("hadoop_streaming_jar_on_emr")
        .typed_as(&[Argument::new(
            "hadoop-streaming-jar-on-emr",
            Takes::Value("PATH"),
            "Path on the master of the jar of Hadoop streaming",
        )
        .conflicts_with(&["hadoop-streaming-jar"])
        .under("Streaming")]);
}
