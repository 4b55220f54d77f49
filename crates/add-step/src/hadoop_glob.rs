//! Hadoop's globs of paths: `*`, `?`, `[a-b]`, `[^a]`, `{a,b/c}`, and a backslash before what is meant as it stands.

use glob::{MatchOptions, Pattern};

/// What makes a path a glob.
const SPECIAL: [char; 5] = ['*', '?', '[', '{', '\\'];

/// Alternatives of braces that are looked at; who writes more is not checked.
const MOST: usize = 1000;

/// A glob of keys.
#[derive(Debug)]
pub(crate) struct HadoopGlob(Vec<Pattern>);

impl HadoopGlob {
    /// The glob that `key` is: `Some(None)` where it is none, `None` where it is one that is not understood.
    #[expect(clippy::option_option, reason = "whether there is a glob, and whether it is understood")]
    pub(crate) fn read(key: &str) -> Option<Option<Self>> {
        if !key.contains(SPECIAL) {
            return Some(None);
        }
        let alternatives = alternatives(key.trim_end_matches('/'))?;
        let patterns = alternatives.iter().map(|text| Pattern::new(&translated(text)).ok());
        Some(Some(Self(patterns.collect::<Option<_>>()?)))
    }

    /// Whether it matches `key`, or a folder that `key` is in.
    pub(crate) fn covers(&self, key: &str) -> bool {
        let options = MatchOptions { require_literal_separator: true, ..MatchOptions::default() };
        let ends = key.match_indices('/').map(|(at, _)| at).chain([key.len()]);
        let mut above = ends.map(|end| &key[..end]);
        above.any(|path| self.0.iter().any(|pattern| pattern.matches_with(path, options)))
    }
}

/// The part of `key` before what makes it a glob.
pub(crate) fn literal(key: &str) -> &str {
    &key[..key.find(SPECIAL).unwrap_or(key.len())]
}

/// The paths in the value of `-input`: commas separate them, but within braces.
///
/// Source: `FileInputFormat.getPathStrings`
pub(crate) fn paths(value: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    value.split(move |c| {
        depth += match c {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        c == ',' && depth <= 0
    })
}

/// What `text` may be with one alternative of each pair of braces. `None` where braces are not paired, or make too many.
fn alternatives(text: &str) -> Option<Vec<String>> {
    let mut done = Vec::new();
    let mut open = vec![text.to_owned()];
    while let Some(text) = open.pop() {
        match braces(&text)? {
            Some((before, inside, after)) => {
                open.extend(inside.into_iter().map(|one| format!("{before}{one}{after}")));
            }
            None => done.push(text),
        }
        if open.len() + done.len() > MOST {
            return None;
        }
    }
    Some(done)
}

/// The text before a pair of braces, the alternatives in it, and the text after it.
type Braces<'a> = (&'a str, Vec<&'a str>, &'a str);

/// The first pair of braces in `text`: `Some(None)` where there is none, `None` where one does not end.
#[expect(clippy::option_option, reason = "whether there is a pair, and whether it ends")]
fn braces(text: &str) -> Option<Option<Braces<'_>>> {
    let (mut depth, mut begin, mut from) = (0, 0, 0);
    let mut inside = Vec::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '{' => {
                depth += 1;
                if depth == 1 {
                    (begin, from) = (at, at + 1);
                }
            }
            ',' if depth == 1 => {
                inside.push(&text[from..at]);
                from = at + 1;
            }
            '}' if depth == 1 => {
                inside.push(&text[from..at]);
                return Some(Some((&text[..begin], inside, &text[at + 1..])));
            }
            '}' if depth > 1 => depth -= 1,
            _ => {}
        }
    }
    (depth == 0).then_some(None)
}

/// `text` as the crate `glob` writes it, which knows no backslash, and `!` for `^`.
fn translated(text: &str) -> String {
    let mut translated = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => translated += &Pattern::escape(&chars.next().map(String::from).unwrap_or_default()),
            '*' if translated.ends_with('*') => {}
            '[' if chars.peek() == Some(&'^') => {
                chars.next();
                translated += "[!";
            }
            c => translated.push(c),
        }
    }
    translated
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(glob: &str, key: &str) -> bool {
        HadoopGlob::read(glob).unwrap().unwrap().covers(key)
    }

    #[test]
    fn a_glob_covers_what_it_matches_and_what_is_in_it() {
        for (glob, key) in [
            ("in/*", "in/a"),
            ("in/*", "in/a/b/c"),
            ("in/2013-??", "in/2013-01/x"),
            ("g/{2013-01,2013-02}/*", "g/2013-02/b"),
            ("{a/b,c}/x*", "a/b/xy"),
            ("{a,{b,c}d}", "cd"),
            ("in/[a-c]*", "in/b1"),
            ("in/[^a]*", "in/b"),
            (r"in/a\*b", "in/a*b"),
            ("in/**", "in/a"),
            ("in/*/", "in/a/x"),
        ] {
            assert!(covers(glob, key), "{glob} {key}");
        }
        for (glob, key) in [
            ("in/*.gz", "in/a.txt"),
            ("in/*/x", "in/a/b/x"),
            ("g/{2013-01,2013-02}/*", "g/2013-03/b"),
            ("in/[^a]*", "in/a"),
            (r"in/a\*b", "in/axb"),
        ] {
            assert!(!covers(glob, key), "{glob} {key}");
        }
    }

    #[test]
    fn what_is_no_glob_or_no_sound_one_is_told_apart() {
        assert!(HadoopGlob::read("a/b c,d").unwrap().is_none());
        assert!(HadoopGlob::read("a/{b").is_none() && HadoopGlob::read("a/[b").is_none());
        assert!(HadoopGlob::read(&"{a,b}".repeat(20)).is_none(), "a million of alternatives");
    }

    #[test]
    fn commas_separate_paths_but_within_braces() {
        let split: Vec<_> = paths("s3://b/{x,y}/*,s3://b/z").collect();
        assert_eq!(split, ["s3://b/{x,y}/*", "s3://b/z"]);
    }
}
