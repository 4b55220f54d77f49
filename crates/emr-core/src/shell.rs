//! Quotes and splits words as a POSIX shell does.

use crate::error::{Error, Result};

/// Quotes `word` for a shell, unless it needs no quotes.
#[must_use]
pub fn quote(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Joins `words` to a line that a shell splits into the same words.
#[must_use]
pub fn join(words: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    words.into_iter().map(|word| quote(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// Splits `text` into words and removes quotes and backslashes. Nothing is expanded.
///
/// The rules are those of Python's `shlex.split`, and so mrjob's, except that a backslash at the end of a line joins it
/// with the next, as in a shell. An unclosed quote is an error.
pub fn split(text: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if " \t\r\n".contains(c) {
            words.extend(word.take());
            continue;
        }
        match c {
            '\'' => single_quoted(&mut rest, word.get_or_insert_default())?,
            '"' => double_quoted(&mut rest, word.get_or_insert_default())?,
            '\\' => match rest.next() {
                Some('\n') => {}
                Some(escaped) => word.get_or_insert_default().push(escaped),
                None => return Err(Error::usage("nothing follows the last backslash")),
            },
            plain => word.get_or_insert_default().push(plain),
        }
    }
    words.extend(word);
    Ok(words)
}

fn single_quoted(rest: &mut std::str::Chars<'_>, word: &mut String) -> Result<()> {
    let (quoted, after) = rest.as_str().split_once('\'').ok_or_else(|| unended('\''))?;
    word.push_str(quoted);
    *rest = after.chars();
    Ok(())
}

fn double_quoted(rest: &mut std::str::Chars<'_>, word: &mut String) -> Result<()> {
    loop {
        match rest.next().ok_or_else(|| unended('"'))? {
            '"' => return Ok(()),
            '\\' => match rest.next().ok_or_else(|| unended('"'))? {
                '\n' => {}
                escaped @ ('"' | '\\') => word.push(escaped),
                other => word.extend(['\\', other]),
            },
            plain => word.push(plain),
        }
    }
}

fn unended(quote: char) -> Error {
    Error::usage(format!("a quotation that begins with {quote} does not end"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        split(text).unwrap()
    }

    #[test]
    fn quotes_and_backslashes_keep_words_together() {
        assert_eq!(
            words(r#"s3://x/act.sh a 'b c' "d \" \\ \$ 'e" f\ g h''i"#),
            ["s3://x/act.sh", "a", "b c", r#"d " \ \$ 'e"#, "f g", "hi"]
        );
        assert_eq!(words(" '' \t\"\"\n"), ["", ""]);
        assert_eq!(words(""), [""; 0]);
    }

    #[test]
    fn a_backslash_at_the_end_joins_lines() {
        assert_eq!(words("\\\n a \\\n-m b=1 \\\n -m \"c\\\nd\" \\\n"), ["a", "-m", "b=1", "-m", "cd"]);
    }

    #[test]
    fn unclosed_quotes_are_refused() {
        for bad in ["a 'b", "\"b", "a \\", "\"a\\"] {
            assert!(split(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn joining_and_splitting_return_the_same_words(all in proptest::collection::vec(any::<String>(), 0..5)) {
            prop_assert_eq!(words(&join(&all)), all);
        }
    }
}
