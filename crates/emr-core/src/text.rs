//! Text from anywhere (names, answers, files), made fit for a terminal.
//!
//! A name can have characters in it that a terminal takes for a command (C0, C1), or that show text in another order than
//! it has (bidirectional controls). They are written as escapes where the text must be kept, and left out where a person
//! reads it.

/// Whether `c` would break the line, move the cursor, or make text seem to be something else.
#[must_use]
pub fn is_unfit(c: char) -> bool {
    let invisible = matches!(
        c,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    );
    c.is_control() || invisible || matches!(c, '\u{2028}' | '\u{2029}')
}

/// `text` on one line of at most `limit` characters; what is unfit becomes a space.
#[must_use]
pub fn one_line(text: &str, limit: usize) -> String {
    let mut line = text.split(is_unfit).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(limit) {
        line.truncate(end);
        line.push('…');
    }
    line
}

/// `text` with a question mark for each character that is unfit: for cells and progress bars, where width counts.
#[must_use]
pub fn plain(text: &str) -> String {
    text.replace(is_unfit, "?")
}

/// `text` with an escape such as `\n` or `\u{202e}` for each character that is unfit.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unfit(c) { escaped.extend(c.escape_default()) } else { escaped.push(c) }
    }
    escaped
}

/// `json`, which is one line, with the escape `\uXXXX` for each character that is unfit. They are all in its strings, so
/// that it means the same.
#[must_use]
pub fn escaped_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_unfit(c) {
            // What is unfit has four digits.
            escaped.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\u{1b}[2J\n\t\u{7f}\u{9b}\u{61c}\u{200e}\u{202e}\u{2066}b";

    #[test]
    fn nothing_unfit_is_left_in_what_is_escaped() {
        let quoted = serde_json::to_string(HOSTILE).unwrap();
        for text in [plain(HOSTILE), escaped(HOSTILE), escaped_json(&quoted), one_line(HOSTILE, 99)] {
            assert!(!text.contains(is_unfit), "{text:?}");
            assert!(text.contains('a') && text.contains('b'), "{text:?}");
        }
        assert_eq!(escaped("a\nb\u{202e}ü"), r"a\nb\u{202e}ü");
    }

    #[test]
    fn escaped_json_means_the_same() {
        let json = escaped_json(&serde_json::to_string(HOSTILE).unwrap());
        assert!(json.contains(r"\u202e") && json.contains(r"\u009b"), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), HOSTILE);
    }

    #[test]
    fn a_line_stays_a_line_and_what_is_long_is_cut() {
        assert_eq!(one_line("a\nb\u{1b}[31m\u{202e}c\u{2028}d", 99), "a b [31m c d");
        assert_eq!(one_line("äöü", 2), "äö…");
        assert_eq!(one_line("äöü", 3), "äöü");
    }
}
