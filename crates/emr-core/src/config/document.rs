//! A parsed configuration file: the files that it includes, and its options for EMR.

use std::path::Path;

use super::value::Value;
use crate::error::{Error, Result};

/// A parsed configuration file.
#[derive(Debug)]
pub struct Document {
    /// The top-level value.
    pub(super) value: Value,
    /// Warnings of the parser, each with its place.
    pub(super) doubts: Vec<String>,
}

impl Document {
    /// The paths that it includes, as written. `path` is its own, for errors.
    pub fn included(&self, path: &Path) -> Result<Vec<String>> {
        let items = self.value.get("include").map_or(&[][..], Value::items);
        let text = |item: &Value| {
            let text = item.text().map(str::to_owned);
            text.ok_or_else(|| wrong(path, item, "include: is neither a path nor a list of paths"))
        };
        items.iter().map(text).collect()
    }

    /// The options under `runners: emr:`. `path` is its own, for errors.
    pub(super) fn options(&self, path: &Path) -> Result<&[(String, Value)]> {
        let section = |value: Option<&'_ Value>, what| match value {
            Some(value) if value.entries().is_none() => Err(wrong(path, value, what)),
            _ => Ok(()),
        };
        section(Some(&self.value), "is not a mapping with runners: in it")?;
        let runners = self.value.get("runners");
        section(runners, "runners: is not a mapping")?;
        let emr = runners.and_then(|runners| runners.get("emr"));
        section(emr, "runners: emr: is not a mapping of options")?;
        Ok(emr.and_then(Value::entries).unwrap_or_default())
    }

    /// A warning if the file has content but neither `runners` nor `include`.
    pub(super) fn doubt(&self, path: &Path) -> Option<String> {
        let is_for_others = self.value.get("runners").is_none() && self.value.get("include").is_none();
        let (name, value) = self.value.entries()?.first().filter(|_| is_for_others)?;
        Some(at(path, value, &format!("{name}: is ignored; options belong under emr: under runners:")))
    }
}

fn wrong(path: &Path, value: &Value, what: &str) -> Error {
    Error::config(at(path, value, what))
}

/// `what`, prefixed with the place of `value` in the file `path`.
pub(super) fn at(path: &Path, value: &Value, what: &str) -> String {
    match value.place {
        Some(place) => format!("{}: {place}: {what}", path.display()),
        None => format!("{}: {what}", path.display()),
    }
}
