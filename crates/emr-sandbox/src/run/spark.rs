//! `spark-submit` for an application in S3. EMR's Spark reads `s3://` itself; this machine's may
//! not, so it gets local copies of the application and of the files that its options name.

use std::path::Path;
use std::process::Command;

use super::failure::Failure;
use super::program;
use super::workplace::Workplace;

/// The program that submits an application.
pub(crate) const SUBMIT: &str = "spark-submit";

/// Runs `spark-submit` with `args`.
pub(crate) fn run(workplace: &Workplace<'_>, args: &[String]) -> Result<(), Failure> {
    let mut command = Command::new(SUBMIT);
    command.args(localize(workplace, args)?);
    program::run(workplace, command, SUBMIT)
}

/// The arguments with local files in the place of objects, up to the application. What follows
/// are the application's own arguments, which Spark passes on as they are.
fn localize(workplace: &Workplace<'_>, args: &[String]) -> Result<Vec<String>, Failure> {
    let own = application(args).map_or(args.len(), |index| index + 1);
    let local = args[..own].iter().map(|arg| {
        let files = arg.split(',').map(|file| localize_file(workplace, file));
        files.collect::<Result<Vec<_>, _>>().map(|files| files.join(","))
    });
    let rest = args[own..].iter().cloned().map(Ok);
    local.chain(rest).collect()
}

/// The index of the application: the first file that is not the value of an option.
fn application(args: &[String]) -> Option<usize> {
    let is_file = |arg: &str| [".py", ".jar", ".R"].iter().any(|extension| arg.ends_with(extension));
    let is_value = |index: usize| index.checked_sub(1).is_some_and(|before| args[before].starts_with("--"));
    (0..args.len()).find(|&index| is_file(&args[index]) && !is_value(index))
}

fn localize_file(workplace: &Workplace<'_>, uri: &str) -> Result<String, Failure> {
    if !["s3://", "s3a://", "s3n://"].iter().any(|scheme| uri.starts_with(scheme)) {
        return Ok(uri.to_owned());
    }
    let local = workplace.dir.join(Path::new(uri).file_name().unwrap_or("file".as_ref()));
    workplace.fetch(uri, &local)?;
    Ok(local.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_application_is_the_first_file_that_no_option_takes() {
        let application = |line: &str| {
            let args: Vec<_> = line.split(' ').map(str::to_owned).collect();
            application(&args).map(|index| args[index].clone())
        };
        let line = "--deploy-mode cluster --py-files s3://b/lib.py s3://b/job.py s3://b/in.py";
        assert_eq!(application(line).as_deref(), Some("s3://b/job.py"));
        assert_eq!(application("--version"), None);
    }
}
