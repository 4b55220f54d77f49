//! Hadoop's globs of paths: `*`, `?`, `[a-z]`, `[^a]`, `[!a]`, `{one,two{3,4}}` and `\` before a literal.
//!
//! add-step predicts with it what a job reads, and the sandbox runs jobs with it, so both agree. No crate has these
//! rules: in globset `**` matches `/`, `?` is a byte, a lone `}` is an error and `\` inside `[…]` is literal; glob has
//! neither braces nor backslashes. Like Hadoop's `GlobPattern`, this module translates a glob to a regular expression.

use std::iter::Peekable;
use std::str::Chars;

use regex_lite::Regex;

/// Characters that make a path a glob.
const SPECIAL: [char; 5] = ['*', '?', '[', '{', '\\'];

/// The most patterns that braces with a `/` may expand to. Hadoop has no limit, but twenty times `{a/b,c}` is a
/// million.
const MOST: usize = 1000;

/// A compiled glob. It matches what one of its patterns matches.
#[derive(Debug)]
pub struct HadoopGlob(Vec<Pattern>);

/// A glob without `/` inside braces: each of its parts matches one part of a path.
#[derive(Debug)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

impl HadoopGlob {
    /// Compiles `text`, a glob or a plain path. The error for a malformed glob is Hadoop's: the job fails with it.
    pub fn new(text: &str) -> Result<Self, String> {
        let alternatives = expand(text).ok_or_else(|| refusal("Too many alternatives", text))?;
        // Only now, because an alternative may end in a slash: `{a/,b/}`.
        let patterns = alternatives.iter().map(|one| Pattern::new(without_empty_parts(one)));
        patterns.collect::<Result<_, _>>().map(Self)
    }

    /// Its patterns, in the order of the alternatives in braces.
    #[must_use]
    pub fn patterns(&self) -> &[Pattern] {
        &self.0
    }

    /// Whether it matches `path`, or a directory that `path` is in.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        self.0.iter().any(|pattern| pattern.find(path).is_some())
    }

    /// Whether it covers `path`, or can match something below it.
    #[must_use]
    pub fn meets(&self, path: &str) -> bool {
        self.0.iter().any(|pattern| pattern.find(path).is_some() || pattern.may_match_below(path))
    }
}

impl Pattern {
    fn new(text: String) -> Result<Self, String> {
        let regex = translate(&text).map_err(|reason| refusal(reason, &text))?;
        let regex = Regex::new(&format!("^(?:{regex})$")).map_err(|error| refusal(&error.to_string(), &text))?;
        Ok(Self { text, regex })
    }

    /// The part of `path` that it matches: all of it, or its ancestor directory with as many parts as the pattern.
    #[must_use]
    pub fn find<'a>(&self, path: &'a str) -> Option<&'a str> {
        let slashes = self.text.matches('/').count();
        let end = path.match_indices('/').nth(slashes).map_or(path.len(), |(at, _)| at);
        // The empty pattern is the root of a bucket.
        let end = if self.text.is_empty() { 0 } else { end };
        Some(&path[..end]).filter(|part| self.regex.is_match(part))
    }

    /// Whether as many of its first parts as `path` has match that.
    fn may_match_below(&self, path: &str) -> bool {
        let end = self.text.match_indices('/').nth(path.matches('/').count());
        let first = end.and_then(|(end, _)| Self::new(self.text[..end].to_owned()).ok());
        path.is_empty() || first.is_some_and(|first| first.regex.is_match(path))
    }

    /// The common beginning of all matches.
    #[must_use]
    pub fn literal_prefix(&self) -> &str {
        literal_prefix(&self.text)
    }

    /// The deepest directory, or the one file, that contains every match.
    #[must_use]
    pub fn literal_directory(&self) -> &str {
        let prefix = self.literal_prefix();
        if prefix.len() == self.text.len() {
            return prefix;
        }
        prefix.rsplit_once('/').map_or("", |(directory, _)| directory)
    }
}

/// Whether a path is a glob.
#[must_use]
pub fn is_glob(path: &str) -> bool {
    path.contains(SPECIAL)
}

/// The part of `path` before its first special character.
#[must_use]
pub fn literal_prefix(path: &str) -> &str {
    &path[..path.find(SPECIAL).unwrap_or(path.len())]
}

/// The paths in the value of `-input`. Commas separate them, except inside braces.
///
/// Source: `FileInputFormat.getPathStrings`
pub fn paths(value: &str) -> impl Iterator<Item = &str> {
    let (mut depth, mut in_glob) = (0_i32, false);
    value.split(move |char| {
        match char {
            '{' => {
                depth += 1;
                in_glob = true;
            }
            '}' => {
                depth -= 1;
                in_glob &= depth != 0;
            }
            _ => {}
        }
        char == ',' && !in_glob
    })
}

/// Normalizes `text` as Hadoop does: `a//b/` becomes `a/b`.
fn without_empty_parts(text: &str) -> String {
    let parts = text.split('/').enumerate().filter(|(number, part)| *number == 0 || !part.is_empty());
    parts.map(|(_, part)| part).collect::<Vec<_>>().join("/")
}

fn refusal(reason: &str, pattern: &str) -> String {
    format!("Illegal file pattern: {reason}: {pattern}")
}

/// Expands braces with a `/`: `a/{b/c,d}` becomes `a/b/c` and `a/d`. Braces without `/` stay. `None` if there are more
/// than [`MOST`] steps.
///
/// Source: `GlobExpander`
fn expand(pattern: &str) -> Option<Vec<String>> {
    let mut done = Vec::new();
    // A stack, with the first alternative on top.
    let mut open = vec![pattern.to_owned()];
    for _ in 0..MOST {
        let Some(pattern) = open.pop() else { return Some(done) };
        match braces_with_slash(&pattern) {
            Some(Braces { before, inside, after }) => {
                open.extend(inside.iter().rev().map(|one| format!("{before}{one}{after}")));
            }
            None => done.push(pattern),
        }
    }
    open.is_empty().then_some(done)
}

/// A pair of braces.
struct Braces<'a> {
    before: &'a str,
    /// The alternatives.
    inside: Vec<&'a str>,
    after: &'a str,
}

/// The first outermost braces that contain a `/`.
fn braces_with_slash(pattern: &str) -> Option<Braces<'_>> {
    let (mut depth, mut begin, mut from) = (0_usize, 0, 0);
    let mut inside = Vec::new();
    let mut chars = pattern.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => drop(chars.next()),
            '{' => {
                depth += 1;
                if depth == 1 {
                    (begin, from) = (at, at + 1);
                    inside.clear();
                }
            }
            ',' if depth == 1 => {
                inside.push(&pattern[from..at]);
                from = at + 1;
            }
            '}' if depth == 1 && pattern[begin..at].contains('/') => {
                inside.push(&pattern[from..at]);
                return Some(Braces { before: &pattern[..begin], inside, after: &pattern[at + 1..] });
            }
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// Translates a pattern to a regular expression.
fn translate(pattern: &str) -> Result<String, &'static str> {
    let mut regex = String::new();
    let mut open_groups = 0_usize;
    let mut chars = pattern.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\\' => push_literal(&mut regex, escaped(&mut chars)?),
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

/// Translates a character class whose `[` has been read. `]` is a member if it comes first, and `-` if it is not between
/// two members.
fn translate_class(chars: &mut Peekable<Chars<'_>>, regex: &mut String) -> Result<(), &'static str> {
    let is_negated = chars.next_if(|char| matches!(char, '^' | '!')).is_some();
    regex.push_str(if is_negated { "[^/" } else { "[" });
    let mut is_first = true;
    while is_first || chars.next_if_eq(&']').is_none() {
        push_literal(regex, member(chars)?);
        if is_range(chars) {
            chars.next();
            regex.push('-');
            push_literal(regex, member(chars)?);
        }
        is_first = false;
    }
    regex.push(']');
    Ok(())
}

/// Whether the member that has been read begins a range.
fn is_range(chars: &Peekable<Chars<'_>>) -> bool {
    let mut ahead = chars.clone();
    ahead.next() == Some('-') && ahead.next().is_some_and(|char| char != ']')
}

/// A member of a character class.
fn member(chars: &mut Peekable<Chars<'_>>) -> Result<char, &'static str> {
    match chars.next() {
        None | Some('[' | '/') => Err("Unclosed character class"),
        Some('\\') => escaped(chars),
        Some(char) => Ok(char),
    }
}

/// The character after a `\`. A path is divided at each slash first, so none can be escaped.
fn escaped(chars: &mut Peekable<Chars<'_>>) -> Result<char, &'static str> {
    chars.next().filter(|char| *char != '/').ok_or("Missing escaped character")
}

fn push_literal(regex: &mut String, char: char) {
    regex.push_str(&regex_lite::escape(char.encode_utf8(&mut [0; 4])));
}

#[cfg(test)]
mod tests;
