//! What shells complete, asked of bash itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::process::Command;

use harness::{Ran, Tools};
use tempfile::TempDir;

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

/// Completes the last of the words that bash has under its cursor, as bash does, in a folder with some files.
const ASK: &str = r#"
eval "$("$1" --generate bash)"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
function=$(complete -p "$1" | sed 's/.* -F \([^ ]*\) .*/\1/')
"$function" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\n' "${COMPREPLY[@]}"
"#;

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["mapper.py", "my.conf", "two words.txt"] {
        std::fs::write(folder.path().join(name), "").unwrap();
    }
    std::fs::create_dir(folder.path().join("out")).unwrap();
    folder
}

/// What bash completes `words` with, of which the first is the tool.
fn completed(words: &[&str]) -> BTreeSet<String> {
    let (tools, folder) = (Tools::beside(SANDBOX), folder());
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", ASK, "bash"]).arg(tools.folder().join(words[0])).args(words);
    bash.current_dir(folder.path()).env_clear().env("PATH", tools.path(&[]));
    let ran = Ran::of(&mut bash);
    let lines = ran.stdout.lines().filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn options_and_subcommands_are_completed() {
    assert_eq!(completed(&["list-job-flows", "--pool"]), set(&["--pool-name", "--pooled-only"]));
    assert_eq!(completed(&["s3-lock", "re"]), set(&["renew", "release"]));
    assert!(completed(&["s3-lock", "run", "--t"]).contains("--ttl"));
    assert_eq!(completed(&["emr-tools", "wait"]), set(&["wait-job-flow", "wait-step"]));
}

#[test]
fn values_are_completed_behind_a_blank_and_behind_an_equals_sign() {
    assert_eq!(completed(&["list-job-flows", "--state", "TERM"]).len(), 3);
    assert_eq!(completed(&["list-job-flows", "--output", ""]), set(&["json", "table", "id"]));
    assert_eq!(completed(&["list-job-flows", "--output", "=", "ta"]), set(&["table"]));
    assert_eq!(completed(&["list-job-flows", "--output", "="]), set(&["json", "table", "id"]));
    assert_eq!(completed(&["add-step", "--action-on-failure", "CON"]), set(&["CONTINUE"]));
    let types = completed(&["create-job-flow", "--ec2-core-instance-type", "m5.xl"]);
    assert_eq!(types, set(&["m5.xlarge"]));
    assert_eq!(completed(&["list-job-flows", "--region", "us-gov"]), set(&["us-gov-east-1", "us-gov-west-1"]));
}

#[test]
fn files_are_completed_where_an_option_takes_a_file_and_nowhere_else() {
    for words in [
        &["add-step", "--file", "m"][..],
        &["list-job-flows", "--conf-path", "m"],
        &["list-job-flows", "-c", "m"],
        &["create-job-flow", "--bootstrap-script", "m"],
    ] {
        assert_eq!(completed(words), set(&["mapper.py", "my.conf"]), "{words:?}");
    }
    assert_eq!(completed(&["add-step", "--steps", "tw"]), set(&["two words.txt"]));
    assert!(!completed(&["list-job-flows", "--pool-name", "m"]).contains("mapper.py"));
}

#[test]
fn behind_the_dashes_stand_a_command_and_its_files() {
    let run = ["s3-lock", "run", "s3://bucket/locks/nightly", "--"];
    let commands = completed(&[&run[..], &["s3-lo"]].concat());
    assert!(commands.contains("s3-lock"), "{commands:?}");
    let files = completed(&[&run[..], &["python3", "m"]].concat());
    assert_eq!(files, set(&["mapper.py", "my.conf"]));
    assert_eq!(completed(&[&run[..], &["cat", "two"]].concat()), set(&["two words.txt"]));
    assert!(completed(&["add-step", "j-A", "--", "spark-submit", "map"]).contains("mapper.py"));
}

#[test]
fn zsh_and_fish_know_values_files_and_commands() {
    let script =
        |tool: &str, shell: &str| Ran::of(Tools::beside(SANDBOX).command(tool).args(["--generate", shell])).ok().stdout;
    let zsh = script("s3-lock", "zsh");
    assert!(zsh.contains(":_cmdambivalent") && zsh.contains("--conf-path") && zsh.contains(":_files"), "{zsh}");
    let fish = script("list-job-flows", "fish");
    assert!(fish.contains("TERMINATED_WITH_ERRORS") && fish.contains("-l conf-path"), "{fish}");
}
