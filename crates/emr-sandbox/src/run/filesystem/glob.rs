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
        let regex = format!("^(?:{})$", translate(pattern).map_err(refuse)?);
        Regex::new(&regex).map(Self).map_err(|error| refuse(&error.to_string()))
    }

    /// Whether the pattern matches all of `path`.
    pub(crate) fn matches(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

/// Whether a pattern is more than a path.
pub(crate) fn is_glob(pattern: &str) -> bool {
    pattern.contains(SPECIAL)
}

/// The patterns that a pattern with `/` in braces stands for, as `a/{b/c,d}` stands for `a/b/c` and `a/d`. Braces
/// without `/` stay. Source: `GlobExpander`.
pub(crate) fn expand(pattern: &str) -> Vec<String> {
    let Some((start, end)) = braces_over_slash(pattern) else {
        return vec![pattern.to_owned()];
    };
    let (before, after) = (&pattern[..start], &pattern[end + 1..]);
    let alternatives = split_at_commas(&pattern[start + 1..end]);
    alternatives.into_iter().flat_map(|inner| expand(&format!("{before}{inner}{after}"))).collect()
}

/// The outermost braces with a `/` in them: where they open and close.
fn braces_over_slash(pattern: &str) -> Option<(usize, usize)> {
    let mut open = Vec::new();
    let mut is_escaped = false;
    for (at, char) in pattern.char_indices() {
        match char {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '{' => open.push(at),
            '}' => {
                let start = open.pop()?;
                if open.is_empty() && pattern[start..at].contains('/') {
                    return Some((start, at));
                }
            }
            _ => {}
        }
    }
    None
}

/// Splits at the commas that are not in braces.
pub(crate) fn split_at_commas(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let is_comma = |char: char| {
        match char {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        char == ',' && depth == 0
    };
    text.split(is_comma).collect()
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

    fn matches(pattern: &str, path: &str) -> bool {
        Glob::new(pattern).unwrap().matches(path)
    }

    #[test]
    fn globs_match_within_a_part_of_a_path() {
        for (pattern, path) in [
            ("logs/*.gz", "logs/a.gz"),
            ("logs/2026-??", "logs/2026-11"),
            ("a/[x-z]/b", "a/y/b"),
            ("a/[^x]", "a/y"),
            ("a/[!x]", "a/y"),
            ("{in,out}/*", "out/x"),
            ("?", "é"),
            ("a**b", "axxb"),
            (r"a\*[\]x]}", "a*]}"),
            ("a+b(c)|d", "a+b(c)|d"),
        ] {
            assert!(matches(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn braces_over_a_slash_stand_for_several_patterns() {
        assert_eq!(expand("{in/a,out{1,2}/b}/*"), ["in/a/*", "out{1,2}/b/*"]);
        assert_eq!(expand("a/{b,c}/d"), ["a/{b,c}/d"]);
        assert_eq!(split_at_commas("a/{b,c},d"), ["a/{b,c}", "d"]);
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
            assert!(!matches(pattern, path), "{pattern} {path}");
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
