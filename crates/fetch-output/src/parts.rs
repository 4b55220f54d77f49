//! The part files of an output: what S3 lists there, without what Hadoop hides, in order.

use emr_aws::S3;
use emr_aws::s3::{ListedObject, Version};
use emr_core::error::{CallError, Error, Outcome, Result, StrangeAnswer};
use emr_core::model::s3_uri::S3Uri;
use emr_core::upload::is_hidden;

use crate::order;

/// A part file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// Its path below the output.
    pub(crate) name: String,
    /// The object.
    pub(crate) version: Version,
    /// Whether its output is whole, as the mark says. An object that is named alone is.
    pub(crate) is_whole: bool,
}

/// What there is at the place of an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contents {
    /// Its part files, in order.
    pub(crate) parts: Vec<Part>,
    /// The mark that it is whole.
    pub(crate) mark: Option<Version>,
}

/// What a job writes once its output is whole.
const SUCCESS: &str = "_SUCCESS";

/// The contents of the output at `place`, which may also be a single object. Warns of an output that may not be whole.
pub(crate) async fn contents(s3: &S3, place: &S3Uri) -> Result<Contents> {
    let folder = place.join("");
    let mut pages = s3.objects_below(folder.clone());
    let mut objects = Vec::new();
    while let Some(page) = pages.next_objects().await.map_err(absent_bucket)? {
        objects.extend(page);
    }
    if objects.is_empty() {
        return Ok(Contents { parts: vec![only(s3, place).await?], mark: None });
    }
    let mark = objects.iter().find(|object| object.key.strip_prefix(&folder.key) == Some(SUCCESS)).cloned();
    let mark = mark.map(|object| version(&folder.join(SUCCESS), object)).transpose()?;
    let parts = select(&folder, objects, mark.is_some())?;
    match (parts.is_empty(), mark.is_some()) {
        (true, false) => return Err(nothing_at(&folder, "no part file and no _SUCCESS")),
        (true, true) => emr_cli::warn(&format!("{folder} has _SUCCESS and no part file: the output is empty")),
        (false, false) => emr_cli::warn(&format!("{folder} has no _SUCCESS: its job may not have ended, or failed")),
        (false, true) => {}
    }
    Ok(Contents { parts, mark })
}

/// The object at `place`, below which there is nothing.
async fn only(s3: &S3, place: &S3Uri) -> Result<Part> {
    let is_folder = place.key.is_empty() || place.key.ends_with('/');
    let object = if is_folder { None } else { s3.first_below(place.clone()).await? };
    let object = object.filter(|object| object.key == place.key);
    let object = object.ok_or_else(|| nothing_at(place, "nothing"))?;
    let name = object.key.rsplit('/').next().unwrap_or_default().to_owned();
    part(place, name, object, true)
}

fn nothing_at(place: &S3Uri, what: &str) -> Error {
    Error::new(Outcome::No, format!("there is no output at {place}: it has {what}"))
}

fn absent_bucket(error: Error) -> Error {
    if error.code() == Some("NoSuchBucket") { error.with_outcome(Outcome::No) } else { error }
}

/// The part files among `objects`, all of which are below `folder`.
fn select(folder: &S3Uri, objects: Vec<ListedObject>, is_whole: bool) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    for object in objects {
        let name = object.key.strip_prefix(&folder.key).unwrap_or_default().to_owned();
        if is_part(&name) {
            let at = S3Uri { key: object.key.clone(), ..folder.clone() };
            parts.push(part(&at, name, object, is_whole)?);
        }
    }
    parts.sort_by(|one, two| order::compare(&one.name, &two.name));
    Ok(parts)
}

/// Whether there is data at the path `name` below an output: it is no mark of a folder, and nothing that Hadoop hides.
pub(crate) fn is_part(name: &str) -> bool {
    let (folders, file) = name.rsplit_once('/').unwrap_or(("", name));
    let is_mark = file.is_empty() || file.ends_with("_$folder$");
    // A partition by the column _c0 has its data in folders such as _c0=7.
    let is_hidden_folder = |folder: &str| is_hidden(folder) && (folder.starts_with('.') || !folder.contains('='));
    !is_mark && !is_hidden(file) && !folders.split('/').any(is_hidden_folder)
}

fn part(at: &S3Uri, name: String, object: ListedObject, is_whole: bool) -> Result<Part> {
    if object.is_archived {
        let archived = Error::new(Outcome::No, format!("{at} is archived, and cannot be read"));
        return Err(archived.advise("restore it first: aws s3api restore-object"));
    }
    Ok(Part { name, version: version(at, object)?, is_whole })
}

fn version(at: &S3Uri, object: ListedObject) -> Result<Version> {
    let unnamed = || Error::from(CallError::strange("ListObjectsV2", &StrangeAnswer::new("without an ETag").into()));
    let etag = object.etag.ok_or_else(|| unnamed().on(at))?;
    Ok(Version { at: at.clone(), etag, bytes: object.bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(key: &str) -> ListedObject {
        ListedObject { key: key.to_owned(), bytes: 1, etag: Some("\"e\"".to_owned()), is_archived: false }
    }

    fn names(keys: &[&str]) -> Vec<String> {
        let objects = keys.iter().map(|key| object(key)).collect();
        select(&"s3://b/out/".parse().unwrap(), objects, true).unwrap().into_iter().map(|part| part.name).collect()
    }

    #[test]
    fn what_hadoop_hides_and_marks_of_folders_are_no_part_files() {
        let keys =
            ["out/", "out/_SUCCESS", "out/.part-00000.crc", "out/_temporary/0/part-00000", "out/a/.x/part-00000"];
        assert_eq!(names(&keys), Vec::<String>::new());
        assert_eq!(names(&["out/day=1_$folder$", "out/day=1/", "out/day=1/part-00000"]), ["day=1/part-00000"]);
        assert_eq!(names(&["out/_c0=7/part-00000", "out/_x/part-00000"]), ["_c0=7/part-00000"]);
    }

    #[test]
    fn the_order_is_that_of_numbers() {
        let listed = ["out/part-100000", "out/part-99999", "out/part-00000"];
        assert_eq!(names(&listed), ["part-00000", "part-99999", "part-100000"]);
    }

    #[test]
    fn what_cannot_be_read_is_an_error_before_anything_is() {
        let folder = "s3://b/out/".parse().unwrap();
        let archived = ListedObject { is_archived: true, ..object("out/part-00000") };
        let error = select(&folder, vec![archived], true).unwrap_err();
        assert_eq!(error.outcome, Outcome::No);
        assert!(error.to_string().starts_with("s3://b/out/part-00000 is archived"), "{error}");
        let nameless = ListedObject { etag: None, ..object("out/part-00000") };
        assert!(select(&folder, vec![nameless], true).unwrap_err().to_string().contains("without an ETag"));
    }
}
