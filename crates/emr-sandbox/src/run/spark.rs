//! `spark-submit` for an application in S3. Spark on EMR reads S3 by itself; that of this machine
//! may not, so it gets local copies of the application and of what is named before it.

use super::script;
use super::step::{Failed, Workplace};

/// The arguments of `spark-submit` with local files in the place of objects.
pub(crate) fn localize(workplace: &Workplace<'_>, args: &[String]) -> Result<Vec<String>, Failed> {
    let before = application(args).map_or(args.len(), |place| place + 1);
    let local = args[..before].iter().map(|arg| {
        let files = arg.split(',').map(|file| localize_file(workplace, file));
        files.collect::<Result<Vec<_>, _>>().map(|files| files.join(","))
    });
    let rest = args[before..].iter().cloned().map(Ok);
    local.chain(rest).collect()
}

/// The place of the application among the arguments: the first file that is not the value of an
/// option. What follows are its own arguments, and none of Spark's business.
fn application(args: &[String]) -> Option<usize> {
    let is_file = |arg: &str| [".py", ".jar", ".R"].iter().any(|extension| arg.ends_with(extension));
    let is_value = |place: usize| place.checked_sub(1).is_some_and(|before| args[before].starts_with("--"));
    (0..args.len()).find(|&place| is_file(&args[place]) && !is_value(place))
}

fn localize_file(workplace: &Workplace<'_>, file: &str) -> Result<String, Failed> {
    if !["s3://", "s3a://", "s3n://"].iter().any(|scheme| file.starts_with(scheme)) {
        return Ok(file.to_owned());
    }
    let local = script::fetch(workplace, file)?;
    Ok(local.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_application_is_the_first_file_that_no_option_takes() {
        let application = |line: &str| {
            let args: Vec<_> = line.split(' ').map(str::to_owned).collect();
            application(&args).map(|place| args[place].clone())
        };
        let line = "--deploy-mode cluster --py-files s3://b/lib.py s3://b/job.py s3://b/in.py";
        assert_eq!(application(line).as_deref(), Some("s3://b/job.py"));
        assert_eq!(application("--version"), None);
    }
}
