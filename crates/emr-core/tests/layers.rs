//! The arrows between the layers point one way, and a rule knows neither a clock nor a network.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};

/// The sources below `src/<layer>`, without their tests: a test may use what it likes.
fn sources(layer: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(layer)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap().to_owned();
                found.push((path, code));
            }
        }
    }
    assert!(!found.is_empty(), "there is a layer {layer}");
    found
}

fn assert_free_of(layer: &str, words: &[&str]) {
    for (path, code) in sources(layer) {
        let code: Vec<_> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for word in words {
            assert!(!code.join("\n").contains(word), "{} mentions {word}", path.display());
        }
    }
}

const WORLD: [&str; 10] =
    ["aws_", "tokio", "clap", "indicatif", "std::env", "std::fs", "std::io", "Utc::now", "fastrand", "uuid"];

#[test]
fn what_there_is_knows_nothing_of_the_world_nor_of_any_other_layer() {
    assert_free_of("model", &WORLD);
    assert_free_of("model", &["crate::policy", "crate::config", "crate::aws", "crate::cli"]);
}

#[test]
fn rules_know_nothing_of_the_world_and_only_the_model() {
    assert_free_of("policy", &WORLD);
    assert_free_of("policy", &["crate::config", "crate::aws", "crate::cli"]);
}

#[test]
fn the_configuration_knows_only_the_model() {
    assert_free_of("config", &["aws_sdk", "tokio", "clap", "std::env", "crate::policy", "crate::aws", "crate::cli"]);
}

#[test]
fn the_edge_to_aws_does_not_meet_the_user() {
    assert_free_of("aws", &["crate::cli", "crate::config", "clap", "indicatif", "stdout", "stderr", "Utc::now"]);
}

#[test]
fn who_meets_the_user_does_not_meet_aws_s_crates() {
    assert_free_of("cli", &["aws_sdk", "aws_config", "aws_smithy"]);
}
