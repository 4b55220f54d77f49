//! Hadoop's globs: `*`, `?`, `[a-z]`, `[^a]` and `{one,two}`, none of which reaches over a `/`.

const SPECIAL: [char; 5] = ['*', '?', '[', '{', '\\'];

/// Whether `pattern` matches `path`, or a directory that `path` lies below.
pub(crate) fn matches_or_holds(pattern: &str, path: &str) -> bool {
    if pattern.is_empty() {
        return true;
    }
    let parts: Vec<_> = path.split('/').collect();
    let depth = pattern.split('/').count();
    if depth > parts.len() {
        return false;
    }
    let head = parts[..depth].join("/");
    alternatives(pattern).iter().any(|pattern| matches(pattern.as_bytes(), head.as_bytes()))
}

/// What every match begins with.
pub(crate) fn literal_prefix(pattern: &str) -> &str {
    &pattern[..pattern.find(SPECIAL).unwrap_or(pattern.len())]
}

/// The deepest directory, or the one file, that every match is at or below.
pub(crate) fn literal_directory(pattern: &str) -> std::path::PathBuf {
    let prefix = literal_prefix(pattern);
    if prefix.len() == pattern.len() {
        return pattern.into();
    }
    prefix.rsplit_once('/').map_or("", |(directory, _)| directory).into()
}

/// The patterns that `{…}` stands for.
fn alternatives(pattern: &str) -> Vec<String> {
    let braces = pattern.find('{').and_then(|open| pattern[open..].find('}').map(|length| (open, open + length)));
    let Some((open, close)) = braces else {
        return vec![pattern.to_owned()];
    };
    let (head, tail) = (&pattern[..open], &pattern[close + 1..]);
    let choices = pattern[open + 1..close].split(',');
    choices.flat_map(|choice| alternatives(&format!("{head}{choice}{tail}"))).collect()
}

fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [b'*', rest @ ..] => {
            let reach = text.iter().position(|&byte| byte == b'/').unwrap_or(text.len());
            (0..=reach).any(|length| matches(rest, &text[length..]))
        }
        [b'?', rest @ ..] => text.first().is_some_and(|&byte| byte != b'/') && matches(rest, &text[1..]),
        [b'[', rest @ ..] => matches_class(rest, text),
        [b'\\', byte, rest @ ..] | [byte, rest @ ..] => text.first() == Some(byte) && matches(rest, &text[1..]),
    }
}

/// Matches the rest of a pattern that begins inside of `[…]`.
fn matches_class(pattern: &[u8], text: &[u8]) -> bool {
    let Some(close) = pattern.iter().position(|&byte| byte == b']') else {
        return text.first() == Some(&b'[') && matches(pattern, &text[1..]);
    };
    let (class, rest) = (&pattern[..close], &pattern[close + 1..]);
    let (is_negated, class) = match class {
        [b'^' | b'!', class @ ..] => (true, class),
        class => (false, class),
    };
    let Some((&byte, tail)) = text.split_first().filter(|(byte, _)| **byte != b'/') else {
        return false;
    };
    holds(class, byte) != is_negated && matches(rest, tail)
}

fn holds(class: &[u8], byte: u8) -> bool {
    match class {
        [from, b'-', to, rest @ ..] => (from..=to).contains(&&byte) || holds(rest, byte),
        [one, rest @ ..] => *one == byte || holds(rest, byte),
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_within_a_part_of_a_path() {
        for (pattern, path) in [
            ("logs/*.gz", "logs/a.gz"),
            ("logs/2026-??", "logs/2026-11/part"),
            ("a/[x-z]/b", "a/y/b"),
            ("a/[^x]", "a/y"),
            ("{in,out}/*", "out/x"),
            ("a", "a/b/c"),
            ("", "anything"),
        ] {
            assert!(matches_or_holds(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn globs_do_not_reach_over_a_slash() {
        for (pattern, path) in
            [("logs/*.gz", "logs/a/b.gz"), ("a/b", "a"), ("a?b", "a/b"), ("in", "input"), ("[^x]", "/")]
        {
            assert!(!matches_or_holds(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn the_literal_part_says_where_to_look() {
        assert_eq!(literal_prefix("logs/2026-*/x"), "logs/2026-");
        assert_eq!(literal_directory("/logs/2026-*/x").to_str(), Some("/logs"));
        assert_eq!(literal_directory("/logs/x").to_str(), Some("/logs/x"));
    }
}
