//! Files and archives that tasks find in their directory.

/// A file or an archive, and the name that tasks know it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Link {
    pub(in super::super) uri: String,
    pub(in super::super) name: String,
}

impl Link {
    /// Parses `uri#name`, or a URI whose last part is the name. A name never leads out of the task's directory.
    pub(super) fn parse(text: &str) -> Self {
        let (uri, name) = text.split_once('#').unwrap_or((text, ""));
        let name = if name.is_empty() { uri } else { name };
        let name = name.rsplit('/').find(|part| !matches!(*part, "" | "." | ".."));
        Self { uri: uri.to_owned(), name: name.unwrap_or("file").to_owned() }
    }
}

/// The links in a comma-separated option.
pub(super) fn list(value: Option<&str>) -> impl Iterator<Item = Link> {
    value.into_iter().flat_map(|value| value.split(',')).filter(|text| !text.is_empty()).map(Link::parse)
}

/// The links of `-cacheFile` or `-cacheArchive`, each of which needs a name.
pub(super) fn cached<'a>(values: impl Iterator<Item = &'a str>) -> Result<Vec<Link>, String> {
    let texts = values.flat_map(|value| value.split(','));
    let named = |text: &str| match text.split_once('#') {
        Some((_, name)) if !name.is_empty() => Ok(Link::parse(text)),
        _ => Err(format!("You need to specify the uris as scheme://path#linkname: {text}")),
    };
    texts.map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_never_leaves_the_directory() {
        assert_eq!(Link::parse("s3://b/x#../../etc/passwd").name, "passwd");
        assert_eq!(Link::parse("s3://b/x#..").name, "file");
        assert_eq!(Link::parse("s3://b/dir/x").name, "x");
        assert_eq!(Link::parse("s3://b/dir/x#y"), Link { uri: "s3://b/dir/x".into(), name: "y".into() });
    }

    #[test]
    fn a_cached_file_needs_a_name() {
        assert_eq!(cached(["s3://b/x#y"].into_iter()).unwrap()[0].name, "y");
        assert!(cached(["s3://b/x"].into_iter()).unwrap_err().contains("s3://b/x"));
    }
}
