//! Text from anywhere (names, answers, files), made fit for a terminal.

/// Whether `c` would break the line, move the cursor, or make text seem to be something else.
#[must_use]
pub fn is_unfit(c: char) -> bool {
    let invisible =
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_a_line_and_what_is_long_is_cut() {
        assert_eq!(one_line("a\nb\u{1b}[31m\u{202e}c\u{2028}d", 99), "a b [31m c d");
        assert_eq!(one_line("äöü", 2), "äö…");
        assert_eq!(one_line("äöü", 3), "äöü");
    }
}
