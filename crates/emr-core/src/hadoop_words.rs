//! How Hadoop streaming splits a command into words: it runs commands without a shell.

/// The words that Hadoop streaming makes of `command`: blanks separate words, each quote ends one, a backslash is a
/// character like others, and an empty word vanishes.
/// A quote that is never closed reaches to the end.
///
/// Source: `PipeMapRed.splitArgs` of Hadoop streaming
#[must_use]
pub fn split(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in command.chars() {
        let ends = match quote {
            None if c == '\'' || c == '"' => {
                quote = Some(c);
                true
            }
            None => c == ' ',
            Some(open) if c == open => {
                quote = None;
                true
            }
            Some(_) => false,
        };
        if ends {
            words.push(std::mem::take(&mut word));
        } else {
            word.push(c);
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
    fn words_are_hadoop_s_own() {
        for (command, expected) in [
            ("python3  m.py -v", &["python3", "m.py", "-v"][..]),
            ("sh -c 'a b'", &["sh", "-c", "a b"]),
            ("x --re='a b' a\\ b ''", &["x", "--re=", "a b", "a\\", "b"]),
            ("a\"b'c\"d", &["a", "b'c", "d"]),
            ("a\tb", &["a\tb"]),
            ("it's", &["it", "s"]),
            ("", &[]),
        ] {
            assert_eq!(split(command), expected, "{command}");
        }
    }

    #[test]
    fn quotes_end_words_and_backslashes_are_ordinary() {
        assert_eq!(split(r#"sh -c 'echo "a b"' x"#), ["sh", "-c", r#"echo "a b""#, "x"]);
        assert_eq!(split(r"--re='a b' a\ b ''"), ["--re=", "a b", r"a\", "b"]);
        assert_eq!(split("  cat   'open end"), ["cat", "open end"]);
        assert_eq!(split("a\tb"), ["a\tb"]);
        assert!(split("").is_empty());
    }
}
