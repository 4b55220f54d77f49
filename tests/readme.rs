//! What README.md shows works as it is written.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{Ran, Sandbox, Tools};

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn readme() -> String {
    std::fs::read_to_string(top().join("README.md")).unwrap()
}

/// The shell examples: what stands in fences marked `console`, behind `$ `, with its continuation lines.
fn examples() -> Vec<String> {
    let readme = readme();
    let mut examples: Vec<String> = Vec::new();
    let mut fenced = false;
    for line in readme.lines() {
        match line {
            "```console" => fenced = true,
            "```" => fenced = false,
            _ if !fenced => {}
            _ => match line.strip_prefix("$ ") {
                Some(command) => examples.push(command.to_owned()),
                None if examples.last().is_some_and(|example| example.ends_with('\\')) => {
                    let example = examples.last_mut().unwrap();
                    example.push('\n');
                    example.push_str(line);
                }
                None => {}
            },
        }
    }
    examples
}

#[test]
fn every_example_succeeds_in_the_order_in_which_a_reader_meets_them() {
    let tools = Tools::beside(SANDBOX);
    let sandbox = Sandbox::start(&tools, &[]);
    sandbox.file("job.sh", "#!/bin/sh\necho done\n");
    sandbox.file("in.txt", "a b a\n");
    for part in ["map", "reduce"] {
        std::fs::copy(top().join("scripts/examples/word-count").join(part), sandbox.folder().join(part)).unwrap();
    }
    let examples = examples();
    assert!(examples.len() >= 8, "{examples:?}");
    let script = examples.iter().fold("set -eo pipefail\n".to_owned(), |script, example| script + example + "\n");
    let mut command = Command::new("bash");
    command.args(["-xc", &script]).env_clear().env("HOME", sandbox.folder()).env("PATH", tools.path(&[]));
    let ran = Ran::of(sandbox.point(&mut command));
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
}

#[test]
fn every_tool_and_every_file_that_it_names_is_there() {
    let readme = readme();
    let crates = std::fs::read_dir(top().join("crates")).unwrap().map(|entry| entry.unwrap().path());
    for tool in crates.filter(|path| path.join("src/main.rs").exists()) {
        let tool = tool.file_name().unwrap().to_str().unwrap();
        assert!(readme.contains(&format!("`{tool}`")), "{tool} is not in README.md");
    }
    let links = readme.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
    for link in links.filter(|link| !link.starts_with("http")) {
        assert!(top().join(link).exists(), "{link}");
    }
}
