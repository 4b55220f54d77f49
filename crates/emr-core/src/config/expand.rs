//! Expands `~`, variables and globs in paths, as mrjob does (`mrjob.util.expand_path`,
//! `mrjob.conf.combine_path_lists`).

use std::collections::BTreeMap;
use std::ffi::OsString;

/// The parts of this machine that options depend on, passed in because emr-core is pure.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The environment variables.
    pub variables: BTreeMap<String, OsString>,
    /// The local files that a glob matches, sorted by name.
    pub matches: fn(&str) -> Vec<String>,
    /// The name of the user from the system; called only if no variable has it.
    pub user: fn() -> Option<String>,
}

impl Surroundings {
    /// The variable `name`, unless it is empty.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.is_empty())
    }

    fn text(&self, name: &str) -> Option<String> {
        self.variables.get(name).map(|value| value.to_string_lossy().into_owned())
    }
}

/// A machine without variables and files.
impl Default for Surroundings {
    fn default() -> Self {
        Self { variables: BTreeMap::new(), matches: |_| Vec::new(), user: || None }
    }
}

/// Replaces `$NAME` and `${NAME}` in `path`, and then a leading `~`. Unset variables and `~user` stay as written.
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

/// Expands `path` as [`path`](path()) does, and a glob to the local files that match. A glob without a match stays as
/// it is: it may be on S3.
pub(super) fn paths(path: &str, surroundings: &Surroundings) -> Vec<String> {
    let expanded = self::path(path, surroundings);
    let is_glob = expanded.contains(['*', '?', '[']);
    let found = if is_glob { (surroundings.matches)(&expanded) } else { Vec::new() };
    if found.is_empty() { vec![expanded] } else { found }
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

/// Splits `text`, which begins with `$`, after the variable reference.
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
        Surroundings { variables: variables.collect(), ..Default::default() }
    }

    #[test]
    fn home_and_variables_are_expanded_and_unset_ones_stay() {
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
    fn a_glob_becomes_its_matches_and_without_a_match_it_stays() {
        let matches =
            |glob: &str| if glob == "/src/*.gz" { vec!["a.gz".to_owned(), "b.gz".to_owned()] } else { vec![] };
        let surroundings = Surroundings { matches, ..surroundings(&[("TREE", "/src")]) };
        for (written, meant) in [
            ("$TREE/*.gz", &["a.gz", "b.gz"][..]),
            ("s3://b/*.gz", &["s3://b/*.gz"]),
            ("$TREE/none*", &["/src/none*"]),
            ("$TREE/d.txt", &["/src/d.txt"]),
        ] {
            assert_eq!(paths(written, &surroundings), meant, "{written}");
        }
    }
}
