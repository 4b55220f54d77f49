//! Looks on S3, before a step is added, at what would make Hadoop give it up: an output that exists, an input that does
//! not, and one in an archive.

use emr_aws::S3;
use emr_aws::s3::ListedObject;
use emr_core::error::{Error, Result};
use emr_core::model::job_flow::Upload;
use emr_core::model::s3_uri::S3Uri;
use emr_core::upload;

use crate::places::{Input, Places};

/// Pages of a list that are looked at, of a thousand objects each: the answer is worth no more calls.
const PAGES: usize = 10;

const SKIP: &str = "--no-check-input-paths adds the step without this look";

/// Looks at the places of steps that are added together, in their order, as if `uploads` were there. Returns why Hadoop
/// would give one of them up. What cannot be looked at is a warning.
pub(crate) async fn refusal(s3: &S3, all: &[Places], uploads: &[Upload]) -> Option<Error> {
    for (number, places) in all.iter().enumerate() {
        let is_uploaded = |input: &Input| uploads.iter().any(|upload| input.covers(&upload.to));
        let is_made = |input: &Input| is_uploaded(input) || all[..number].iter().any(|step| step.may_write(input));
        for input in places.inputs.iter().filter(|input| !is_made(input)) {
            if let Some(refusal) = told(&input.written, wrong_input(s3, input).await) {
                return Some(refusal);
            }
        }
        if let Some(output) = &places.output
            && let Some(refusal) = told(&output.to_string(), wrong_output(s3, output).await)
        {
            return Some(refusal);
        }
    }
    None
}

/// What the look at `place` found. A missing bucket counts as a missing input; other errors are warnings.
fn told(place: &str, looked: Result<Option<Error>>) -> Option<Error> {
    looked.unwrap_or_else(|error| {
        if error.code() == Some("NoSuchBucket") {
            return Some(error);
        }
        emr_cli::warn(&format!("cannot tell whether the step can use {place}: {error}"));
        None
    })
}

/// Why Hadoop could not read `input`.
async fn wrong_input(s3: &S3, input: &Input) -> Result<Option<Error>> {
    let mut pages = s3.objects_below(input.folder());
    let mut is_there = false;
    for _ in 0..PAGES {
        let Some(objects) = pages.next_objects().await? else { return last_chance(s3, input, is_there).await };
        for ListedObject { key, is_archived, .. } in objects {
            let object = S3Uri { key, ..input.folder() };
            let is_input = input.covers(&object);
            is_there |= is_input;
            let name = object.key.rsplit('/').next().unwrap_or_default();
            if is_input && is_archived && !upload::is_hidden(name) {
                return Ok(Some(archived(&object)));
            }
        }
    }
    Ok(None)
}

/// Where nothing is below `input` it may be a file.
async fn last_chance(s3: &S3, input: &Input, is_there: bool) -> Result<Option<Error>> {
    let file = match input.file() {
        Some(file) if !is_there => s3.first_below(file.clone()).await?.filter(|first| first.key == file.key),
        _ => None,
    };
    let absent = || {
        let text = format!("no object is at the input {}, and Hadoop would give the step up", input.written);
        Error::usage(text).advise(format!("where an earlier step has yet to write it, {SKIP}"))
    };
    Ok(match file {
        Some(file) => file.is_archived.then(|| archived(&S3Uri { key: file.key, ..input.folder() })),
        None => (!is_there).then(absent),
    })
}

fn archived(object: &S3Uri) -> Error {
    let text = format!("the input {object} is in an archive of S3 Glacier, from which Hadoop reads nothing");
    Error::usage(text).advise(format!("restore it first, as with aws s3api restore-object; {SKIP}"))
}

/// Why Hadoop could not write `output`: an object is there, or below it, or marks it as a folder of Hadoop's.
async fn wrong_output(s3: &S3, output: &S3Uri) -> Result<Option<Error>> {
    let with = |end: &str| S3Uri { key: format!("{}{end}", output.key), ..output.clone() };
    let marker = with("_$folder$");
    let (itself, below, folder) =
        tokio::try_join!(s3.first_below(output.clone()), s3.first_below(with("/")), s3.first_below(marker.clone()),)?;
    let exists = below.is_some()
        || itself.is_some_and(|first| first.key == output.key)
        || folder.is_some_and(|first| first.key == marker.key);
    let text = format!("the output {output} exists, and Hadoop writes to no place that does");
    Ok(exists.then(|| Error::usage(text).advise(format!("delete it, or give another --output; {SKIP}"))))
}
