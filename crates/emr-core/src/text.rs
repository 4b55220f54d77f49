//! Makes text from names, answers and files safe for a terminal.
//!
//! A name can contain control characters (C0, C1), which a terminal obeys, or bidirectional controls, which change the
//! displayed order. They are escaped where the text must be kept, and removed in messages.

/// Whether `c` would break the line, move the cursor, or disguise text.
#[must_use]
pub fn is_unfit(c: char) -> bool {
    let invisible = matches!(
        c,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    );
    c.is_control() || invisible || matches!(c, '\u{2028}' | '\u{2029}')
}

/// `text` in one line of at most `limit` characters. Unsafe characters become spaces.
#[must_use]
pub fn one_line(text: &str, limit: usize) -> String {
    let mut line = text.split(is_unfit).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(limit) {
        line.truncate(end);
        line.push('…');
    }
    line
}

/// `text` with a question mark for each unsafe character: for cells and progress bars, where the width must stay.
#[must_use]
pub fn plain(text: &str) -> String {
    text.replace(is_unfit, "?")
}

/// `text` with an escape such as `\n` or `\u{202e}` for each unsafe character.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unfit(c) { escaped.extend(c.escape_default()) } else { escaped.push(c) }
    }
    escaped
}

/// `json`, one line, with `\uXXXX` for each unsafe character. They are all inside strings, so its meaning stays.
#[must_use]
pub fn escaped_json(json: &str) -> String {
    if !json.contains(is_unfit) {
        return json.to_owned();
    }
    // All unsafe characters have four hexadecimal digits.
    let escape = |c: char| if is_unfit(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
    json.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\u{1b}[2J\n\t\u{7f}\u{9b}\u{61c}\u{200e}\u{202e}\u{2066}b";

    #[test]
    fn no_unsafe_character_is_left() {
        let quoted = serde_json::to_string(HOSTILE).unwrap();
        for text in [plain(HOSTILE), escaped(HOSTILE), escaped_json(&quoted), one_line(HOSTILE, 99)] {
            assert!(!text.contains(is_unfit), "{text:?}");
            assert!(text.contains('a') && text.contains('b'), "{text:?}");
        }
        assert_eq!(escaped("a\nb\u{202e}ü"), r"a\nb\u{202e}ü");
    }

    #[test]
    fn escaped_json_has_the_same_meaning() {
        let json = escaped_json(&serde_json::to_string(HOSTILE).unwrap());
        assert!(json.contains(r"\u202e") && json.contains(r"\u009b"), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), HOSTILE);
    }

    #[test]
    fn line_breaks_are_removed_and_long_text_is_cut() {
        assert_eq!(one_line("a\nb\u{1b}[31m\u{202e}c\u{2028}d", 99), "a b [31m c d");
        assert_eq!(one_line("äöü", 2), "äö…");
        assert_eq!(one_line("äöü", 3), "äöü");
    }
}
