//! The names of part files in a folder of this machine. Anybody may have chosen the names of objects: none leads out of the
//! folder, and no two files are one.

use std::collections::HashMap;

use emr_core::error::{Error, Result};

use crate::codec::unpacked_name;
use crate::parts::Part;

/// What the tool's own files in the folder begin with.
pub(crate) const OWN: &str = ".fetch-output";

/// The paths below the folder of `parts`, each with the folder that its output has there, if any.
pub(crate) fn local_names(parts: &[(Option<String>, Part)], is_raw: bool) -> Result<Vec<String>> {
    let mut names = Vec::with_capacity(parts.len());
    for (folder, part) in parts {
        let name = if is_raw { part.name.as_str() } else { unpacked_name(&part.name) };
        let name = folder.as_ref().map_or_else(|| name.to_owned(), |folder| format!("{folder}/{name}"));
        if !leads_within(&name) {
            let text = format!("{} cannot be kept: '{name}' is no name of a file", part.version.at);
            return Err(Error::usage(text));
        }
        names.push(name);
    }
    check_apart(parts, &names)?;
    Ok(names)
}

/// Whether the path `name` leads to something below the folder that is not the tool's own.
pub(crate) fn leads_within(name: &str) -> bool {
    name.split('/').all(is_fit)
}

/// Whether `name` names something in its folder.
fn is_fit(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.contains('\0') && !name.starts_with(OWN)
}

/// Checks that no two names are one, and that none is also the folder of another.
fn check_apart(parts: &[(Option<String>, Part)], names: &[String]) -> Result<()> {
    let mut files: HashMap<&str, &Part> = HashMap::new();
    let both = |one: &Part, two: &Part, name: &str| {
        Error::usage(format!("{} and {} would both be kept as '{name}'", one.version.at, two.version.at))
    };
    for ((_, part), name) in parts.iter().zip(names) {
        if let Some(other) = files.insert(name, part) {
            return Err(
                both(other, part, name).advise("--raw keeps the endings of names; or fetch one output at a time")
            );
        }
    }
    for ((_, part), name) in parts.iter().zip(names) {
        let folders = name.match_indices('/').map(|(at, _)| &name[..at]);
        for folder in folders {
            if let Some(other) = files.get(folder) {
                return Err(both(other, part, folder));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use emr_aws::s3::Version;
    use proptest::prelude::*;

    use super::*;

    fn part(name: &str) -> Part {
        let at = "s3://b/out/".parse::<emr_core::model::s3_uri::S3Uri>().unwrap().join(name);
        Part { name: name.to_owned(), version: Version { at, etag: String::new(), bytes: 1 }, is_whole: true }
    }

    fn names(parts: &[&str], is_raw: bool) -> Result<Vec<String>> {
        local_names(&parts.iter().map(|name| (None, part(name))).collect::<Vec<_>>(), is_raw)
    }

    #[test]
    fn files_lie_as_on_s3_without_the_endings_of_what_is_unpacked() {
        let parts = ["day=1/part-00000.gz", "part-00001"];
        assert_eq!(names(&parts, false).unwrap(), ["day=1/part-00000", "part-00001"]);
        assert_eq!(names(&parts, true).unwrap(), ["day=1/part-00000.gz", "part-00001"]);
        assert_eq!(names(&[], false).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn each_of_several_outputs_has_a_folder() {
        let parts = ["s-A", "s-B"].map(|folder| (Some(folder.to_owned()), part("part-00000")));
        assert_eq!(local_names(&parts, false).unwrap(), ["s-A/part-00000", "s-B/part-00000"]);
        assert!(local_names(&[(Some("..".to_owned()), part("part-00000"))], false).is_err());
    }

    #[test]
    fn no_two_are_kept_as_one() {
        let error = names(&["part-0", "part-0.gz"], false).unwrap_err();
        let text = "s3://b/out/part-0 and s3://b/out/part-0.gz would both be kept as 'part-0'";
        assert!(error.to_string().starts_with(text), "{error}");
        assert!(names(&["a", "a/b"], false).is_err());
        assert!(names(&["part-0", "part-0.gz"], true).is_ok());
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_refused() {
        for name in ["../x", "a/../../x", "a//b", "/etc/passwd", "a/./b", "", ".fetch-output", "a\0b", "...gz"] {
            assert!(names(&[name], false).is_err(), "{name}");
        }
    }

    proptest! {
        #[test]
        fn nothing_leaves_the_folder(name in "([a.]|/|\\.\\./|\\.gz|\\PC){0,8}", is_raw: bool) {
            if let Ok(names) = names(&[&name], is_raw) {
                let path = std::path::Path::new(&names[0]);
                let is_normal = |part| matches!(part, std::path::Component::Normal(_));
                prop_assert!(path.components().all(is_normal) && path.components().count() > 0, "{name}");
            }
        }
    }
}
