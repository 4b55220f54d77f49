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

/// `word` as a command for Hadoop streaming has to spell it. `None` if no spelling arrives as this word: an empty one
/// vanishes, and one with both kinds of quotes is cut.
#[must_use]
pub fn quote(word: &str) -> Option<String> {
    let is_plain = !word.is_empty() && !word.contains([' ', '\'', '"']);
    let quoted = |quote: char| (!word.is_empty() && !word.contains(quote)).then(|| format!("{quote}{word}{quote}"));
    if is_plain { Some(word.to_owned()) } else { quoted('\'').or_else(|| quoted('"')) }
}

/// `words` as one command. `None` if one of them has no spelling.
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

    #[test]
    fn a_word_that_no_spelling_makes_has_none() {
        assert_eq!(quote("a b").as_deref(), Some("'a b'"));
        assert_eq!(quote("it's").as_deref(), Some("\"it's\""));
        assert_eq!((quote(""), quote("'\"")), (None, None));
        assert_eq!((join(["a", "b c"]), join(["a", ""])), (Some("a 'b c'".to_owned()), None));
    }

    proptest! {
        #[test]
        fn a_quoted_word_arrives_as_it_was(words in proptest::collection::vec("[a '\"\\\\\t]{0,6}", 0..4)) {
            let spelt: Vec<_> = words.iter().filter_map(|word| quote(word)).collect();
            let kept: Vec<_> = words.into_iter().filter(|word| quote(word).is_some()).collect();
            prop_assert_eq!(split(&spelt.join(" ")), kept);
        }
    }
}
