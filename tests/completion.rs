//! What shells complete, asked of the shells themselves.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use harness::{Ran, Sandbox, Terminal, Tools, skip};
use serde_json::Value;
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
    let listed = set(&["RUNNING,BOOTSTRAPPING"]);
    assert_eq!(completed(&["list-job-flows", "--state", "RUNNING,B"]), listed);
    assert_eq!(completed(&["list-job-flows", "--state", "=", "RUNNING,B"]), listed);
    assert_eq!(completed(&["list-steps", "--output", ""]), set(&["json", "table", "id"]));
    assert_eq!(completed(&["list-job-flows", "--output", ""]), set(&["json", "table", "id", "prometheus"]));
    assert_eq!(completed(&["list-job-flows", "--output", "=", "ta"]), set(&["table"]));
    assert_eq!(completed(&["list-steps", "--output", "="]), set(&["json", "table", "id"]));
    assert_eq!(completed(&["add-step", "--action-on-failure", "CON"]), set(&["CONTINUE"]));
    let types = completed(&["create-job-flow", "--ec2-core-instance-type", "m5.xl"]);
    assert_eq!(types, set(&["m5.xlarge"]));
    assert_eq!(completed(&["list-job-flows", "--region", "us-gov"]), set(&["us-gov-east-1", "us-gov-west-1"]));
    assert_eq!(completed(&["emr-tools", "help", "p"]), set(&["pools"]));
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

/// A folder with the completions' cache of someone who has a pool and a job flow, and its step.
struct Home {
    folder: TempDir,
    job_flow: String,
    step: String,
}

impl Home {
    fn new() -> Self {
        let (sandbox, folder) = (Sandbox::start(&Tools::beside(SANDBOX), &[]), tempfile::tempdir().unwrap());
        let run = |tool: &str, args: &[&str]| {
            let mut command = Tools::beside(SANDBOX).command(tool);
            let uri = ["--s3-scratch-uri", "s3://bucket/scratch/"];
            let more = if tool == "create-job-flow" { &uri[..] } else { &[] };
            Ran::of(sandbox.point(command.args(args).args(more).env("XDG_CACHE_HOME", folder.path()))).ok()
        };
        let of_pool = |name: &str| run("create-job-flow", &["--pool-emr-job-flows", "--pool-name", name]).record();
        let id = |record: &Value, key: &str| record[key].as_str().unwrap().to_owned();
        run("terminate-job-flow", &[&id(&of_pool("etl"), "job_flow_id")]);
        let job_flow = id(&of_pool("my 'own'"), "job_flow_id");
        let step = id(&run("add-step", &[&job_flow, "--", "true"]).record(), "step_id");
        run("list-job-flows", &[]);
        Self { folder, job_flow, step }
    }

    fn without_cache() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), job_flow: String::new(), step: String::new() }
    }
}

/// A shell, and how it is started with the completions of these tools: what is typed to have those of `@TOOL@`.
struct Shell {
    words: &'static [&'static str],
    setup: &'static str,
    load: &'static str,
}

const BASH: Shell = Shell {
    words: &["bash", "--norc", "--noprofile", "-i"],
    setup: "PS1='ready'\\ ; bind 'set enable-bracketed-paste off'",
    load: "eval \"$(@TOOL@ --generate bash)\"",
};

const ZSH: Shell = Shell {
    words: &["zsh", "-f", "-i"],
    setup: "PS1='ready'\\ ; unsetopt beep prompt_cr; autoload -U compinit; compinit -D -u",
    load: "eval \"$(@TOOL@ --generate zsh)\"",
};

const FISH: Shell = Shell {
    words: &["fish", "--no-config", "-i"],
    setup: "function fish_prompt; echo -n 'ready'' '; end; set -g fish_autosuggestion_enabled 0",
    load: "@TOOL@ --generate fish | source",
};

/// The tools whose keys are pressed.
const PRESSED: [&str; 5] = ["create-job-flow", "emr-tools", "list-job-flows", "terminate-job-flow", "wait-step"];

/// Programs by the names of tools, which print what they are given, and complete as the tools do.
fn stand_ins() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for tool in PRESSED {
        let real = Tools::beside(SANDBOX).folder().join(tool);
        let text = format!(
            "#!/bin/sh\n[ \"$1\" != --generate ] || exec {} \"$@\"\nprintf 'given:'\nprintf '<%s>' \"$@\"\necho :end\n",
            real.display()
        );
        let path = folder.path().join(tool);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

/// What each line comes to when it is typed into `shell`, with TAB where it has one, and run.
fn pressed(shell: &Shell, home: &Home, lines: &[String]) -> Vec<String> {
    let tools = stand_ins();
    let mut command = Command::new(shell.words[0]);
    let path = std::env::join_paths(
        [tools.path().to_owned()].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    command.args(&shell.words[1..]).env("PATH", path.unwrap()).env("TERM", "xterm").env("HOME", home.folder.path());
    command.env("XDG_CACHE_HOME", home.folder.path()).env("LANG", "C.UTF-8").current_dir(home.folder.path());
    let mut terminal = Terminal::start(&command);
    terminal.type_line(shell.setup);
    terminal.until("ready ");
    for tool in PRESSED {
        terminal.type_line(&shell.load.replace("@TOOL@", tool));
        terminal.until("ready ");
    }
    let mut run = |line: &String| {
        terminal.type_line(line);
        terminal.until("given:");
        terminal.until(":end")
    };
    lines.iter().map(&mut run).collect()
}

/// What is typed, and what the tool is given then.
fn keys(home: &Home) -> Vec<(String, String)> {
    let (job_flow, step) = (&home.job_flow, &home.step);
    let part = |id: &str| id[..6].to_owned();
    let typed = [
        ("list-job-flows --pooled\t", "<--pooled-only>".to_owned()),
        ("list-job-flows --state TERMINATI\t", "<--state><TERMINATING>".to_owned()),
        ("list-job-flows --state WAITING,TERMINATI\t", "<--state><WAITING,TERMINATING>".to_owned()),
        ("list-job-flows --pool-name et\t", "<--pool-name><etl>".to_owned()),
        ("list-job-flows --pool-name my\t", "<--pool-name><my 'own'>".to_owned()),
        ("list-job-flows --pool-name=et\t", "<--pool-name=etl>".to_owned()),
        ("create-job-flow --ec2-instance-type m5.xl\t", "<--ec2-instance-type><m5.xlarge>".to_owned()),
        ("create-job-flow --release-label emr-7.14\t", "<--release-label><emr-7.14.0>".to_owned()),
        ("emr-tools help migr\t", "<help><migrating>".to_owned()),
        ("emr-tools terminate-i\t", "<terminate-idle-job-flows>".to_owned()),
        ("emr-tools list-job-flows --pool-name et\t", "<list-job-flows><--pool-name><etl>".to_owned()),
    ];
    let typed = typed.into_iter().map(|(keys, given)| (keys.to_owned(), given));
    let ids = [("terminate-job-flow", job_flow), ("wait-step", step)];
    let ids = ids.iter().map(|(tool, id)| (format!("{tool} {}\t", part(id)), format!("<{id}>")));
    typed.chain(ids).collect()
}

#[test]
fn keys_that_are_pressed_complete_values_in_every_shell() {
    let home = Home::new();
    let (lines, given): (Vec<_>, Vec<_>) = keys(&home).into_iter().unzip();
    for shell in [BASH, ZSH, FISH].iter().filter(|shell| is_there(shell)) {
        assert_eq!(pressed(shell, &home, &lines), given, "{}", shell.words[0]);
    }
}

#[test]
fn without_a_cache_nothing_is_completed() {
    let home = Home::without_cache();
    std::fs::write(home.folder.path().join("etc.txt"), "").unwrap();
    let lines = ["list-job-flows --pool-name et\t".to_owned()];
    for shell in [BASH, ZSH, FISH].iter().filter(|shell| is_there(shell)) {
        assert_eq!(pressed(shell, &home, &lines), ["<--pool-name><et>"], "{}", shell.words[0]);
    }
}

fn is_there(shell: &Shell) -> bool {
    let is_there = Command::new(shell.words[0]).arg("--version").stdout(Stdio::null()).status().is_ok();
    if !is_there {
        skip(&format!("{} is not installed", shell.words[0]));
    }
    is_there
}

#[test]
fn what_shells_complete_is_the_user_s_alone_and_has_names_only() {
    let home = Home::new();
    let file = home.folder.path().join("emr-tools/seen");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&file).unwrap();
    let (job_flow, step) = (&home.job_flow, &home.step);
    assert_eq!(text, format!("pools my 'own'\npools etl\njob-flows {job_flow}\nsteps {step}\n"));
}

#[test]
fn zsh_and_fish_know_files_and_commands() {
    let script =
        |tool: &str, shell: &str| Ran::of(Tools::beside(SANDBOX).command(tool).args(["--generate", shell])).ok().stdout;
    let zsh = script("s3-lock", "zsh");
    assert!(zsh.contains(":_cmdambivalent") && zsh.contains("--conf-path") && zsh.contains(":_files"), "{zsh}");
    let fish = script("list-job-flows", "fish");
    assert!(fish.contains("-l conf-path") && fish.contains("-r -F"), "{fish}");
}
