//! Splits a command into words as Hadoop streaming does, which runs commands without a shell.

/// The words of `command`. A blank ends a word, and so does each quote that opens or closes a quotation; within one
/// the other kind is an ordinary character, and a backslash always is. Empty words vanish, and a quotation that is
/// never closed reaches to the end. Source: `PipeMapRed.splitArgs`.
pub(super) fn split(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for char in command.chars() {
        let ends_word = match (quote, char) {
            (None, '\'' | '"') => {
                quote = Some(char);
                true
            }
            (Some(open), _) if open == char => {
                quote = None;
                true
            }
            (None, ' ') => true,
            _ => false,
        };
        if ends_word {
            words.push(std::mem::take(&mut word));
        } else {
            word.push(char);
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_end_words_and_backslashes_are_ordinary() {
        assert_eq!(split(r#"sh -c 'echo "a b"' x"#), ["sh", "-c", r#"echo "a b""#, "x"]);
        assert_eq!(split(r"--re='a b' a\ b ''"), ["--re=", "a b", r"a\", "b"]);
        assert_eq!(split("  cat   'open end"), ["cat", "open end"]);
        assert_eq!(split("a\tb"), ["a\tb"]);
        assert!(split("").is_empty());
    }
}
