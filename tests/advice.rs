//! Commands in messages: one with something in it that the run knows, such as an id, is made in one place, which adds the
//! region, the profile and the configuration of the run.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};

const CRATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The sources below `folder` that end up in the tools.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    let is_test = |path: &Path| path.components().any(|part| part.as_os_str().to_string_lossy().starts_with("tests"));
    found.filter(|path| path.extension().is_some_and(|end| end == "rs") && !is_test(path)).collect()
}

/// The text literals of `source` outside of comments and of the tests at its end.
fn literals(source: &str) -> Vec<&str> {
    let mut rest = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let mut found = Vec::new();
    while let Some(at) = rest.find(['/', '"', '\'']) {
        let begun = &rest[at..];
        let raw = rest[..at].bytes().rev().take_while(|byte| *byte == b'#').count();
        let is_raw = rest[..at - raw].ends_with('r');
        let length = if begun.starts_with("//") {
            begun.find('\n').unwrap_or(begun.len())
        } else if begun.starts_with(['"']) {
            let text = &begun[1..];
            let end = if is_raw { text.find(&format!("\"{}", "#".repeat(raw))) } else { end(text) };
            let end = 1 + end.unwrap();
            found.push(&begun[1..end]);
            end + 1
        } else if begun.starts_with(r"'\") {
            // An escaped character; a lifetime has no quote at its end.
            3 + begun[3..].find('\'').unwrap()
        } else {
            let mut chars = begun.char_indices().skip(2);
            chars.next().filter(|(_, c)| begun.starts_with('\'') && *c == '\'').map_or(1, |(at, _)| at + 1)
        };
        rest = &begun[length..];
    }
    found
}

/// Where the quote is that ends a literal, from behind the one that begins it.
fn end(text: &str) -> Option<usize> {
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some(at),
            '\\' => drop(chars.next()),
            _ => {}
        }
    }
    None
}

/// The command in `text` that names one of `tools`, each with a blank behind it, and then, behind its options, something
/// that the run fills in.
fn filled_in<'a>(text: &'a str, tools: &[String]) -> Option<&'a str> {
    let named = tools.iter().flat_map(|tool| text.match_indices(tool.as_str()));
    let is_whole = |(at, _): &(usize, &str)| !text[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '-');
    named.filter(is_whole).find_map(|(at, tool)| {
        let mut follows_option = false;
        for word in text[at + tool.len()..].split(' ') {
            let is_option = word.starts_with('-');
            match word {
                _ if word.contains('{') => return Some(&text[at..]),
                _ if is_option || follows_option || word == "…" => follows_option = is_option,
                _ => return None,
            }
        }
        None
    })
}

#[test]
fn no_message_has_a_command_that_is_not_made_where_all_are() {
    let crates = fs::read_dir(CRATES).unwrap().map(|entry| entry.unwrap().path());
    let crates: Vec<_> = crates.filter(|path| path.join("src").is_dir()).collect();
    // Of emr-tools a text has the version.
    let named = crates.iter().filter(|path| path.join("src/main.rs").exists() && !path.ends_with("emr-tools"));
    let tools = named.map(|path| format!("{} ", path.file_name().unwrap().to_str().unwrap()));
    let tools: Vec<_> = tools.chain(["aws emr ".to_owned()]).collect();
    assert!(tools.len() > 20, "{tools:?}");
    let sources: Vec<_> = crates.iter().flat_map(|path| sources(&path.join("src"))).collect();
    for path in sources {
        let source = fs::read_to_string(&path).unwrap();
        for text in literals(&source) {
            assert_eq!(filled_in(text, &tools), None, "{}: use emr_cli::Commands", path.display());
        }
    }
}

#[test]
fn a_command_is_told_from_a_sentence() {
    let tools = ["cancel-step ", "wait-step ", "aws emr "].map(str::to_owned);
    for (text, is_one) in [
        ("choose some with 'wait-step --state A,B {flow} | cancel-step'", true),
        ("wait-step … {step} looks at it anew", true),
        ("cancel-step {}", true),
        ("aws emr --cluster-id {id}", true),
        ("a cancel-step has been cancelling {step} for minutes", false),
        ("wait-step --cause says why {id} failed", false),
        ("await-step {id}", false),
    ] {
        assert_eq!(filled_in(text, &tools).is_some(), is_one, "{text}");
    }
    let source = r#"// "x {a}"
        let a: &'a str = "one \" two"; let b = ['c', '"', '\'']; f("three \
            four", r"five six") / 2"#;
    let found: Vec<_> =
        literals(source).iter().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(found, [r#"one \" two"#, r"three \ four", "five six"]);
}
