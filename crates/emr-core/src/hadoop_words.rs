//! Splits and quotes commands as Hadoop streaming does, which runs them without a shell.

/// Splits `command` into words. Spaces separate words, each quote ends one, a backslash is an ordinary character, and
/// empty words are dropped. An unclosed quote reaches to the end.
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

/// Quotes `word` for a command of Hadoop streaming. `None` if that is impossible: an empty word is dropped, and one
/// with both kinds of quotes is split.
#[must_use]
pub fn quote(word: &str) -> Option<String> {
    let is_plain = !word.is_empty() && !word.contains([' ', '\'', '"']);
    let quoted = |quote: char| (!word.is_empty() && !word.contains(quote)).then(|| format!("{quote}{word}{quote}"));
    if is_plain { Some(word.to_owned()) } else { quoted('\'').or_else(|| quoted('"')) }
}

/// Joins `words` to a command. `None` if one cannot be quoted.
#[must_use]
pub fn join(words: impl IntoIterator<Item = impl AsRef<str>>) -> Option<String> {
    let spelt: Option<Vec<_>> = words.into_iter().map(|word| quote(word.as_ref())).collect();
    spelt.map(|words| words.join(" "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_split_as_in_hadoop() {
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

    #[test]
    fn a_word_that_cannot_be_quoted_is_none() {
        assert_eq!(quote("a b").as_deref(), Some("'a b'"));
        assert_eq!(quote("it's").as_deref(), Some("\"it's\""));
        assert_eq!((quote(""), quote("'\"")), (None, None));
        assert_eq!((join(["a", "b c"]), join(["a", ""])), (Some("a 'b c'".to_owned()), None));
    }

    proptest! {
        #[test]
        fn quoting_and_splitting_return_the_same_words(words in proptest::collection::vec("[a '\"\\\\\t]{0,6}", 0..4)) {
            let spelt: Vec<_> = words.iter().filter_map(|word| quote(word)).collect();
            let kept: Vec<_> = words.into_iter().filter(|word| quote(word).is_some()).collect();
            prop_assert_eq!(split(&spelt.join(" ")), kept);
        }
    }
}
