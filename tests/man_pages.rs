//! The man pages in man/ are what the tools' own definitions say, and every tool has one.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{Ran, Tools};

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn tools() -> BTreeSet<String> {
    let crates = std::fs::read_dir(top().join("crates")).unwrap();
    let names = crates.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != "emr-core").collect()
}

fn generate(tool: &str, form: &str) -> String {
    Ran::of(Tools::beside(SANDBOX).command(tool).args(["--generate", form])).ok().stdout
}

#[test]
fn each_tool_has_a_page_and_it_is_up_to_date() {
    for tool in tools() {
        let page = std::fs::read_to_string(top().join(format!("man/{tool}.1"))).unwrap_or_default();
        assert!(page == generate(&tool, "man"), "man/{tool}.1 is out of date: run scripts/man");
    }
}

#[test]
fn no_page_is_left_of_a_tool_that_is_gone() {
    let pages = std::fs::read_dir(top().join("man")).unwrap().map(|entry| entry.unwrap().path());
    let commands = pages.filter(|page| page.extension().is_some_and(|section| section == "1"));
    let named: BTreeSet<_> = commands.map(|page| page.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(named, tools());
}

#[test]
fn the_pages_are_sound() {
    for page in std::fs::read_dir(top().join("man")).unwrap().map(|entry| entry.unwrap().path()) {
        let lint = Command::new("mandoc").args(["-T", "lint", "-W", "error"]).arg(&page).output().unwrap();
        assert!(lint.status.success(), "{}", String::from_utf8_lossy(&lint.stdout));
    }
}

#[test]
fn each_tool_helps_with_examples_and_completes_in_every_shell() {
    for tool in tools() {
        let help = Ran::of(Tools::beside(SANDBOX).command(&tool).arg("--help")).ok().stdout;
        assert!(help.contains("Examples:\n"), "{tool}");
        for shell in ["bash", "zsh", "fish"] {
            assert!(generate(&tool, shell).contains(&tool), "{tool} in {shell}");
        }
        let version = Ran::of(Tools::beside(SANDBOX).command(&tool).arg("--version")).ok().stdout;
        assert_eq!(version, format!("{tool} {}\n", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn every_option_of_the_configuration_is_in_its_page() {
    let names = std::fs::read_to_string(top().join("crates/emr-core/src/config/names.rs")).unwrap();
    let options = names.split("const OPTIONS").nth(1).unwrap().split("];").next().unwrap();
    let page = std::fs::read_to_string(top().join("man/mrjob.conf.5")).unwrap();
    let words: Vec<_> = options.split('"').skip(1).step_by(2).collect();
    assert!(words.len() > 30);
    for option in words {
        let short = option.strip_prefix("ec2_").or(option.strip_prefix("num_")).unwrap_or(option);
        assert!(page.contains(short), "{option} is not in man/mrjob.conf.5");
    }
}
