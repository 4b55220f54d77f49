//! What the first step of a job reads. A mapper that opens its files by itself (`mapper_raw`) gets a manifest in their
//! place: a list of them, each line of which Hadoop gives to one mapper.

use emr_aws::S3;
use emr_core::error::{Error, Result};
use emr_core::model::s3_uri::S3Uri;
use emr_core::upload::{self, Item};

use super::Job;
use crate::files::LocalFiles;
use crate::places::{self, Input};
use crate::streaming::Subfolders;

/// The class that gives each mapper one line.
pub(super) const MANIFEST_FORMAT: &str = "org.apache.hadoop.mapred.lib.NLineInputFormat";

/// Gets a mapper the file that its only line of input names.
pub(super) const MANIFEST_SCRIPT: &str = include_str!("manifest.sh");

impl Job {
    /// The words that name its inputs: `typed`, those of add-step's own option, and those among the job's arguments.
    pub(crate) fn inputs<'a>(&'a self, typed: &'a [String]) -> Result<Vec<&'a str>> {
        let named: Vec<_> = typed.iter().chain(&self.description.inputs).map(String::as_str).collect();
        if named.contains(&"-") {
            return Err(Error::usage("a job cannot read stdin: there add-step reads the job flow")
                .advise("put the input into a file, and name that with --input"));
        }
        if named.is_empty() {
            let text = format!("{} has nothing to read", self.name);
            return Err(Error::usage(text).advise("name its input with --input"));
        }
        named.iter().try_for_each(|input| places::check_scheme(input))?;
        Ok(named)
    }

    /// Whether the first step reads a manifest.
    pub(crate) fn reads_manifest(&self) -> bool {
        self.description.steps.first().is_some_and(|step| step.input_manifest)
    }
}

/// The files on S3 that `inputs` name, for a manifest; one that is not on S3 stays as it is.
pub(crate) async fn files_on_s3(s3: &S3, inputs: &[&str]) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for input in inputs {
        let Item::Remote(uri) = Item::read(input) else { continue };
        let Some(input) = Input::read(&uri) else {
            files.push(uri);
            continue;
        };
        let known = files.len();
        if let Some(file) = input.file()
            && s3.first_below(file.clone()).await?.is_some_and(|first| first.key == file.key)
        {
            files.push(file.to_string());
            continue;
        }
        let mut pages = s3.objects_below(input.folder());
        while let Some(objects) = pages.next_objects().await? {
            let places = objects.into_iter().map(|object| S3Uri { key: object.key, ..input.folder() });
            files.extend(places.filter(|place| input.covers(place) && is_file(place)).map(|place| place.to_string()));
        }
        if files.len() == known {
            return Err(Error::usage(format!("no object is at the input {uri}")));
        }
    }
    Ok(files)
}

fn is_file(place: &S3Uri) -> bool {
    let name = place.key.rsplit('/').next().unwrap_or_default();
    !name.is_empty() && !upload::is_hidden(name)
}

/// The URIs that `inputs` have, or will have once they are uploaded.
pub(super) fn uris(inputs: &[&str], subfolders: Subfolders, files: &mut LocalFiles) -> Result<Vec<String>> {
    let mut uris = Vec::new();
    for input in inputs {
        match Item::read(input) {
            Item::Remote(uri) => uris.push(uri),
            Item::Local(path) => uris.extend(files.add_input(&path, subfolders)?),
        }
    }
    Ok(uris)
}

/// The URI of a manifest of `inputs`, of which `remote` are those that are there already.
pub(super) fn manifest(inputs: &[&str], remote: &[String], files: &mut LocalFiles) -> Result<String> {
    let mut all = remote.to_vec();
    for input in inputs {
        if let Item::Local(path) = Item::read(input) {
            let folders = files.add_input(&path, Subfolders::Read)?;
            let within = files.uploads().iter().map(|upload| upload.to.to_string());
            all.extend(within.filter(|uri| folders.iter().any(|folder| uri.starts_with(folder))));
        }
    }
    if let Some(cut) = all.iter().find(|uri| uri.contains(['\n', '\r'])) {
        return Err(Error::usage(format!("a mapper cannot be told to read {cut}, which has a line break in it")));
    }
    files.add_text(all.join("\n") + "\n", "input-manifest.txt")
}
