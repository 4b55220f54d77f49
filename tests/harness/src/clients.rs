//! Independent programs: the AWS CLI, mrjob, Python with boto3, and servers that simulate AWS or S3.

use std::env;
use std::path::PathBuf;
use std::process::Command;

/// A command that runs the independent client `name`, without any AWS settings.
#[must_use]
pub fn client(name: &str) -> Command {
    let path = clients().join(name);
    assert!(path.exists(), "{} is not installed: run scripts/test", path.display());
    let mut command = Command::new(path);
    command.env_clear().env("HOME", "/nonexistent").env("PYTHONDONTWRITEBYTECODE", "1");
    command.env("PATH", env::var_os("PATH").unwrap_or_default());
    command
}

/// The folder of the clients' executables.
#[must_use]
pub fn clients() -> PathBuf {
    let folder = env::var_os("EMR_TOOLS_CLIENTS");
    folder
        .expect("EMR_TOOLS_CLIENTS does not say where the AWS CLI, boto3, mrjob and moto are: run scripts/test")
        .into()
}
