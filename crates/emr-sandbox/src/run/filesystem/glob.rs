//! Hadoop's globs: `*`, `?`, `[a-z]`, `[^a]`, `[!a]`, `{one,two{3,4}}` and `\` before a literal.
//!
//! The crate globset has other rules: `**` reaches over `/`, `?` is a byte, `}` alone is an error
//! and `\` inside of `[…]` is literal. Hadoop defines a glob by the regular expression that its
//! `GlobPattern` makes of it, and so does this module.

use std::iter::Peekable;
use std::path::PathBuf;
use std::str::Chars;

use regex_lite::Regex;

/// Characters that a literal path does not have.
const SPECIAL: [char; 5] = ['*', '?', '[', '{', '\\'];

/// A compiled glob.
#[derive(Debug)]
pub(crate) struct Glob(Regex);

impl Glob {
    /// Compiles `pattern`. The error is Hadoop's for a pattern that is malformed.
    pub(crate) fn new(pattern: &str) -> Result<Self, String> {
        let refuse = |reason: &str| format!("Illegal file pattern: {reason}: {pattern}");
        // The empty pattern is the root, above everything.
        let tail = if pattern.is_empty() { "" } else { "(?:/|$)" };
        let regex = format!("^(?:{}){tail}", translate(pattern).map_err(refuse)?);
        Regex::new(&regex).map(Self).map_err(|error| refuse(&error.to_string()))
    }

    /// Whether the pattern matches `path`, or a directory that `path` is below.
    pub(crate) fn matches_or_holds(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

/// The regular expression of a pattern.
fn translate(pattern: &str) -> Result<String, &'static str> {
    let mut regex = String::new();
    let mut open_groups = 0_usize;
    let mut chars = pattern.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\\' => push_literal(&mut regex, chars.next().ok_or("Missing escaped character")?),
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("[^/]"),
            '[' => translate_class(&mut chars, &mut regex)?,
            '{' => {
                open_groups += 1;
                regex.push_str("(?:");
            }
            ',' if open_groups > 0 => regex.push('|'),
            '}' if open_groups > 0 => {
                open_groups -= 1;
                regex.push(')');
            }
            _ => push_literal(&mut regex, char),
        }
    }
    if open_groups > 0 { Err("Unclosed group") } else { Ok(regex) }
}

/// Translates a character class whose `[` has been read.
fn translate_class(chars: &mut Peekable<Chars<'_>>, regex: &mut String) -> Result<(), &'static str> {
    regex.push('[');
    if chars.next_if(|char| matches!(char, '^' | '!')).is_some() {
        regex.push_str("^/");
    }
    loop {
        match chars.next().ok_or("Unclosed character class")? {
            ']' => break,
            '-' => regex.push('-'),
            '\\' => push_literal(regex, chars.next().ok_or("Missing escaped character")?),
            char => push_literal(regex, char),
        }
    }
    regex.push(']');
    Ok(())
}

fn push_literal(regex: &mut String, char: char) {
    regex.push_str(&regex_lite::escape(char.encode_utf8(&mut [0; 4])));
}

/// What every match begins with.
pub(crate) fn literal_prefix(pattern: &str) -> &str {
    &pattern[..pattern.find(SPECIAL).unwrap_or(pattern.len())]
}

/// The deepest directory, or the one file, that every match is at or below.
pub(crate) fn literal_directory(pattern: &str) -> PathBuf {
    let prefix = literal_prefix(pattern);
    if prefix.len() == pattern.len() {
        return pattern.into();
    }
    prefix.rsplit_once('/').map_or("", |(directory, _)| directory).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches_or_holds(pattern: &str, path: &str) -> bool {
        Glob::new(pattern).unwrap().matches_or_holds(path)
    }

    #[test]
    fn globs_match_within_a_part_of_a_path() {
        for (pattern, path) in [
            ("logs/*.gz", "logs/a.gz"),
            ("logs/2026-??", "logs/2026-11/part"),
            ("a/[x-z]/b", "a/y/b"),
            ("a/[^x]", "a/y"),
            ("a/[!x]", "a/y"),
            ("{in,out}/*", "out/x"),
            ("{in/a,out{1,2}/b}", "out2/b"),
            ("a", "a/b/c"),
            ("", "anything"),
            ("?", "é"),
            ("a**b", "axxb"),
            (r"a\*[\]x]}", "a*]}"),
            ("a+b(c)|d", "a+b(c)|d"),
        ] {
            assert!(matches_or_holds(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn globs_do_not_reach_over_a_slash() {
        for (pattern, path) in [
            ("logs/*.gz", "logs/a/b.gz"),
            ("logs/**.gz", "logs/a/b.gz"),
            ("a/b", "a"),
            ("a?b", "a/b"),
            ("in", "input"),
            ("[^x]", "/"),
        ] {
            assert!(!matches_or_holds(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn a_malformed_pattern_is_refused_with_the_reason() {
        for (pattern, reason) in [
            ("a{b", "Unclosed group"),
            ("a[b", "Unclosed character class"),
            (r"a\", "Missing escaped character"),
            ("[z-a]", "Illegal file pattern"),
        ] {
            let error = Glob::new(pattern).unwrap_err();
            assert!(error.contains(reason), "{pattern}: {error}");
        }
    }

    #[test]
    fn the_literal_part_says_where_to_look() {
        assert_eq!(literal_prefix("logs/2026-*/x"), "logs/2026-");
        assert_eq!(literal_directory("/logs/2026-*/x").to_str(), Some("/logs"));
        assert_eq!(literal_directory("/logs/x").to_str(), Some("/logs/x"));
    }
}
