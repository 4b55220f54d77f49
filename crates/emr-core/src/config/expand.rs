//! Paths as they are written in a configuration file and on the command line: `~`, variables and globs in them mean
//! what they mean to mrjob (`mrjob.util.expand_path`, `mrjob.conf.combine_path_lists`).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use glob::MatchOptions;

/// The variables of AWS's own that say what an option says, the first of them the strongest.
const VARIABLES: [(&str, [&str; 2]); 3] = [
    ("aws_region", ["AWS_REGION", "AWS_DEFAULT_REGION"]),
    ("emr_endpoint", ["AWS_ENDPOINT_URL_EMR", "AWS_ENDPOINT_URL"]),
    ("s3_endpoint", ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]),
];

/// What of the environment decides where configuration is found and what paths mean.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The environment's variables.
    pub variables: BTreeMap<String, OsString>,
}

impl Surroundings {
    /// The variable `name` as a path, where it is set to something.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.variables.get(name).filter(|value| !value.is_empty()).map(PathBuf::from)
    }

    /// What the environment says of `option`, and the variable that says it.
    pub(super) fn option(&self, option: &str) -> Option<(&'static str, String)> {
        let (_, names) = VARIABLES.iter().find(|(name, _)| *name == option)?;
        names.iter().find_map(|name| Some((*name, self.text(name).filter(|text| !text.is_empty())?)))
    }

    fn text(&self, name: &str) -> Option<String> {
        self.variables.get(name).map(|value| value.to_string_lossy().into_owned())
    }
}

/// `path` with `$NAME` and `${NAME}` replaced, and then `~` at its beginning. A variable that is not set stays as it is
/// written, and so does `~user`.
#[must_use]
pub fn path(path: &str, surroundings: &Surroundings) -> String {
    let path = variables(path, surroundings);
    match path.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => match surroundings.text("HOME") {
            Some(home) => home.trim_end_matches('/').to_owned() + rest,
            None => path,
        },
        _ => path,
    }
}

/// Each of `items` expanded as [`path`] does it, and where it is a glob, the local files that match, in order of their
/// names. One that nothing matches stays as it is: it may be of S3.
#[must_use]
pub fn paths(items: &[String], surroundings: &Surroundings) -> Vec<String> {
    let expanded = items.iter().map(|item| path(item, surroundings));
    expanded.flat_map(|item| matches(&item).unwrap_or_else(|| vec![item])).collect()
}

/// The files that the glob `pattern` matches, where there are any. As in mrjob a `*` stays within one folder and does
/// not match a dot at the beginning of a name.
fn matches(pattern: &str) -> Option<Vec<String>> {
    if !pattern.contains(['*', '?', '[']) {
        return None;
    }
    let mut single = pattern.to_owned();
    while single.contains("**") {
        single = single.replace("**", "*");
    }
    let options =
        MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };
    let found = glob::glob_with(&single, options).ok()?;
    let mut found: Vec<_> = found.flatten().filter_map(|path| path.into_os_string().into_string().ok()).collect();
    found.sort_unstable();
    (!found.is_empty()).then_some(found)
}

fn variables(text: &str, surroundings: &Surroundings) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        expanded.push_str(&rest[..at]);
        let (reference, after) = reference(&rest[at..]);
        let name = reference.trim_start_matches(['$', '{']).trim_end_matches('}');
        expanded.push_str(&surroundings.text(name).unwrap_or_else(|| reference.to_owned()));
        rest = after;
    }
    expanded + rest
}

/// Splits `text`, which begins with `$`, behind the reference to a variable that it begins with.
fn reference(text: &str) -> (&str, &str) {
    let end = match text.strip_prefix("${") {
        Some(inside) => inside.find('}').map_or(1, |end| end + 3),
        None => 1 + text[1..].bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count(),
    };
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surroundings(variables: &[(&str, &str)]) -> Surroundings {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), value.into()));
        Surroundings { variables: variables.collect() }
    }

    #[test]
    fn home_and_variables_are_expanded_and_what_is_unknown_stays() {
        let surroundings = surroundings(&[("HOME", "/home/u"), ("TREE", "/src"), ("X", "$TREE")]);
        for (written, meant) in [
            ("~/a", "/home/u/a"),
            ("~", "/home/u"),
            ("~bob/a", "~bob/a"),
            ("a/~", "a/~"),
            ("$TREE/p", "/src/p"),
            ("${TREE}x", "/srcx"),
            ("$TREEx $", "$TREEx $"),
            ("${TREE", "${TREE"),
            ("${}", "${}"),
            ("$X", "$TREE"),
            ("s3://b/$é", "s3://b/$é"),
        ] {
            assert_eq!(path(written, &surroundings), meant, "{written}");
        }
    }

    #[test]
    fn globs_are_sorted_and_what_nothing_matches_stays() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.gz", "a.gz", ".c.gz", "d.txt"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let tree = folder.path().to_str().unwrap();
        let items = ["$TREE/*.gz", "s3://b/*.gz", "$TREE/none*", "$TREE/d.txt"].map(str::to_owned);
        let expected =
            ["/a.gz", "/b.gz"].map(|name| format!("{tree}{name}")).into_iter().chain(["s3://b/*.gz".to_owned()]);
        let expected: Vec<_> = expected.chain(["/none*", "/d.txt"].map(|name| format!("{tree}{name}"))).collect();
        assert_eq!(paths(&items, &surroundings(&[("TREE", tree)])), expected);
    }
}
