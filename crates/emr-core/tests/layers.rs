//! The arrows between the layers point one way, and a rule knows neither a clock nor a network.
//!
//! Each layer may use what is listed for it here and nothing else; `src/lib.rs` says the same as a table.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

const MODEL: &[&str] = &["std", "core", "serde", "serde_json", "chrono", "humantime", "crate::error", "crate::model"];
/// `serde_json` is for nested values, which the configuration hands over without knowing what they mean.
const CONFIG: &[&str] = &[
    "std",
    "core",
    "glob",
    "saphyr_parser",
    "serde_json",
    "shell_words",
    "strsim",
    "chrono",
    "crate::error",
    "crate::model",
    "crate::config",
];
const AWS: &[&str] = &[
    "std",
    "core",
    "aws_config",
    "aws_credential_types",
    "aws_sdk_emr",
    "aws_sdk_s3",
    "aws_smithy_http_client",
    "aws_smithy_runtime_api",
    "aws_smithy_types",
    "chrono",
    "fastrand",
    "futures_util",
    "hyper_util",
    "log",
    "rustix",
    "serde_json",
    "sha2",
    "tokio",
    "crate::error",
    "crate::model",
    "crate::policy",
    "crate::aws",
];
const LOGS: &[&str] = &[
    "std",
    "core",
    "chrono",
    "flate2",
    "futures_util",
    "log",
    "shell_words",
    "tokio",
    "crate::error",
    "crate::model",
    "crate::policy",
    "crate::aws",
    "crate::ssh",
    "crate::logs",
];
const SSH: &[&str] = &[
    "std",
    "core",
    "flate2",
    "log",
    "rustix",
    "serde",
    "serde_json",
    "sha2",
    "tempfile",
    "tokio",
    "crate::error",
    "crate::model",
    "crate::policy",
    "crate::ssh",
];

/// The types that every crate knows, and the lints.
const PRIMITIVE: &[&str] = &[
    "bool", "char", "str", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize",
    "f32", "f64", "clippy",
];

/// What a function of values cannot have: files, processes, the network, the environment, a clock.
const WORLD: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "SystemTime",
    "Instant::now",
    "Utc::now",
    "Local::now",
];

#[test]
fn what_there_is_knows_nothing_of_the_world_nor_of_any_other_layer() {
    assert_within("model", MODEL);
    assert_free_of("model", WORLD);
}

#[test]
fn rules_know_nothing_of_the_world_and_only_the_model() {
    // sha2 makes the hash of what those who share a pool must have in common, shell_words what a shell reads as words.
    assert_within("policy", &[MODEL, &["sha2", "shell_words", "strsim", "crate::policy"]].concat());
    assert_free_of("policy", WORLD);
}

#[test]
fn the_configuration_knows_only_the_model() {
    assert_within("config", CONFIG);
}

#[test]
fn the_edge_to_aws_does_not_meet_the_user() {
    assert_within("aws", AWS);
    assert_free_of("aws", &["stdin", "stdout", "stderr", "Utc::now"]);
}

#[test]
fn who_reaches_the_nodes_does_not_meet_the_user() {
    assert_within("ssh", SSH);
    assert_free_of("ssh", &["stdin", "stdout", "stderr", "Utc::now"]);
}

#[test]
fn who_reads_logs_does_not_meet_the_user() {
    assert_within("logs", LOGS);
    assert_free_of("logs", &["stdin", "stdout", "stderr", "Utc::now"]);
}

#[test]
fn who_meets_the_user_does_not_meet_aws_s_crates() {
    for (file, path) in used_by("cli") {
        assert!(!path.starts_with("aws_"), "{} uses {path}", file.display());
    }
}

#[test]
fn paths_are_found_wherever_they_stand() {
    let code = r#"
        use std::{fmt, fs::{self, File}};
        use super::step::Step as S;
        use chrono::Utc;
        use part::Part;
        mod part;
        /// crate::cli, std::env
        fn f(x: u8) -> part::T { log::warn!("{} std::net", clap::value!(x)); x.iter().map(str::len); fmt::write(x) }
        #[cfg(test)]
        mod tests { use proptest::prelude::*; }
        fn g() -> impl super::super::cli::Form + use<> { Part::new(); Utc::now() }
        fn h() -> impl Sized + use<> {}
    "#;
    let found: BTreeSet<_> = paths(&words(code), "crate::model::cluster").into_iter().collect();
    let expected = [
        "chrono::Utc",
        "chrono::Utc::now",
        "clap::value",
        "crate::cli::Form",
        "crate::model::cluster::part",
        "crate::model::cluster::part::Part",
        "crate::model::cluster::part::Part::new",
        "crate::model::cluster::part::T",
        "crate::model::step::Step",
        "log::warn",
        "std::fmt",
        "std::fmt::write",
        "std::fs",
        "std::fs::File",
        "str::len",
    ];
    assert_eq!(found, expected.map(str::to_owned).into());
}

/// That each path in `layer` begins with one of `allowed`, a type, or a primitive type.
fn assert_within(layer: &str, allowed: &[&str]) {
    for (file, path) in used_by(layer) {
        let is_type = path.starts_with(|c: char| c.is_uppercase());
        let is_primitive = PRIMITIVE.iter().any(|name| begins_with(&path, name));
        let is_allowed = allowed.iter().any(|root| begins_with(&path, root));
        assert!(is_type || is_primitive || is_allowed, "{} uses {path}", file.display());
    }
}

/// That no path in `layer` has one of `forbidden` in it.
fn assert_free_of(layer: &str, forbidden: &[&str]) {
    for (file, path) in used_by(layer) {
        for word in forbidden {
            let is_in = format!("::{path}::").contains(&format!("::{word}::"));
            assert!(!is_in, "{} uses {path}", file.display());
        }
    }
}

fn begins_with(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Every path in the sources of `layer`, with the file that it stands in.
fn used_by(layer: &str) -> Vec<(PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![src.join(layer)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            if file.is_dir() {
                folders.push(file);
            } else if file.extension().is_some_and(|extension| extension == "rs") && !file.ends_with("tests.rs") {
                let module = file.strip_prefix(&src).unwrap().with_extension("");
                let module = format!("crate/{}", module.to_str().unwrap()).replace('/', "::");
                let module = module.strip_suffix("::mod").unwrap_or(&module);
                let words = words(&std::fs::read_to_string(&file).unwrap());
                found.extend(paths(&words, module).into_iter().map(|path| (file.clone(), path)));
            }
        }
    }
    assert!(!found.is_empty(), "there is a layer {layer}");
    found
}

/// The code of `text` word by word, `::` as one, without comments, strings and tests: a test may use what it likes.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    flatten(text.parse().unwrap(), &mut words);
    words
}

fn flatten(code: TokenStream, words: &mut Vec<String>) {
    let mut code = code.into_iter();
    while let Some(token) = code.next() {
        match token {
            TokenTree::Group(group) if group.to_string().replace(' ', "") == "[cfg(test)]" => {
                code.find(is_end_of_item);
            }
            TokenTree::Group(group) => {
                let (open, close) = brackets(group.delimiter());
                words.push(open.to_owned());
                flatten(group.stream(), words);
                words.push(close.to_owned());
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' && words.last().is_some_and(|word| word == ":") => {
                words.last_mut().unwrap().push(':');
            }
            TokenTree::Literal(_) => words.push("literal".to_owned()),
            other => words.push(other.to_string()),
        }
    }
}

fn is_end_of_item(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    }
}

fn brackets(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::Parenthesis | Delimiter::None => ("(", ")"),
    }
}

/// The paths in `words`, the code of `module`, each from its root: a crate, `crate`, or a type.
fn paths(words: &[String], module: &str) -> Vec<String> {
    let mut imports = Vec::new();
    let mut paths = Vec::new();
    let mut rest = words;
    while let [word, after @ ..] = rest {
        rest = match word.as_str() {
            // What a type captures is no import.
            "use" if after[0] != "<" => import(after, "", &mut imports),
            "mod" => {
                imports.push((after[0].clone(), format!("self::{}", after[0])));
                &after[1..]
            }
            name if is_name(name) => path(name, after, &mut paths),
            _ => after,
        };
    }
    // What is imported may come from a module that is itself imported or declared here.
    for _ in 0..2 {
        let known = imports.clone();
        for (_, path) in &mut imports {
            *path = from_root(path, module, &known);
        }
    }
    let used = paths.iter().map(|path| from_root(path, module, &imports));
    used.chain(imports.iter().map(|(_, path)| path.clone())).collect()
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Reads the path that begins with `first` and goes on with `words` into `found`, and returns what follows it.
fn path<'a>(first: &str, words: &'a [String], found: &mut Vec<String>) -> &'a [String] {
    let mut path = first.to_owned();
    let mut rest = words;
    while let [colons, name, after @ ..] = rest
        && colons == "::"
        && is_name(name)
    {
        path = format!("{path}::{name}");
        rest = after;
    }
    if path != first {
        found.push(path);
    }
    rest
}

/// Reads the tree of a `use` that stands below `prefix` into `found`, names with paths, and returns what follows it.
fn import<'a>(words: &'a [String], prefix: &str, found: &mut Vec<(String, String)>) -> &'a [String] {
    let mut path = prefix.to_owned();
    let mut name = prefix.rsplit("::").next().unwrap();
    let mut rest = words;
    while let [word, after @ ..] = rest
        && ![",", ";", "}"].contains(&word.as_str())
    {
        rest = after;
        match word.as_str() {
            "{" => return import_each(after, &path, found),
            "as" => {
                name = &after[0];
                rest = &after[1..];
            }
            "::" => {}
            "self" if !path.is_empty() => {}
            part => {
                name = part;
                path = if path.is_empty() { part.to_owned() } else { format!("{path}::{part}") };
            }
        }
    }
    found.push((name.to_owned(), path));
    rest
}

fn import_each<'a>(words: &'a [String], prefix: &str, found: &mut Vec<(String, String)>) -> &'a [String] {
    let mut rest = words;
    while rest[0] != "}" {
        rest = import(rest, prefix, found);
        rest = rest.strip_prefix(&[",".to_owned()]).unwrap_or(rest);
    }
    &rest[1..]
}

/// `path` as it is from its root, in `module` that has `imports`.
fn from_root(path: &str, module: &str, imports: &[(String, String)]) -> String {
    let parts: Vec<_> = path.split("::").collect();
    let up = parts.iter().take_while(|part| **part == "super").count();
    let here = up + usize::from(parts[0] == "self");
    if here > 0 {
        let above = module.split("::").count() - up;
        return module.split("::").take(above).chain(parts[here..].iter().copied()).collect::<Vec<_>>().join("::");
    }
    let imported = imports.iter().find(|(name, path)| name == parts[0] && name != path);
    imported.map_or_else(|| path.to_owned(), |(_, root)| [&[root.as_str()], &parts[1..]].concat().join("::"))
}
