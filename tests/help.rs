//! What `-h`, `--help` and the man pages say of every tool: a screenful, all of it, and the truth about values.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::Path;

use harness::{Ran, Tools};

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

/// The lines and columns of a small terminal, with a line for the prompt before and after.
const SCREEN: (usize, usize) = (30, 80);

/// What is typed to run each tool, and each subcommand of those that have some.
fn commands() -> Vec<Vec<String>> {
    let crates = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap();
    let tools = crates.map(|entry| entry.unwrap().path()).filter(|path| path.join("src/main.rs").exists());
    let tools = tools.map(|path| vec![path.file_name().unwrap().to_str().unwrap().to_owned()]);
    tools.flat_map(|tool| [vec![tool.clone()], subcommands(&tool[0])].concat()).collect()
}

fn subcommands(tool: &str) -> Vec<Vec<String>> {
    let help = help(&[tool.to_owned()], "-h");
    let section = help.split("\nCommands:\n").nth(1).unwrap_or_default();
    let names = section.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
    names.map(|name| vec![tool.to_owned(), name.to_owned()]).collect()
}

fn run(command: &[String], args: &[&str]) -> Ran {
    Ran::of(Tools::beside(SANDBOX).command(&command[0]).args(&command[1..]).args(args))
}

fn help(command: &[String], option: &str) -> String {
    run(command, &[option]).ok().stdout
}

/// The options that a help lists, each with the word for its value, if it takes one.
fn options(help: &str) -> Vec<(String, Option<String>)> {
    let own = help.split("\nOptions of all tools, which").next().unwrap();
    let typed = own.lines().filter_map(|line| {
        let line = line.trim_start();
        let long = line.split(", ").next().filter(|word| word.starts_with("--")).or_else(|| line.split(", ").nth(1))?;
        line.starts_with('-').then(|| long.split("  ").next().unwrap_or(long).to_owned())
    });
    let parts = typed.filter(|typed| typed.starts_with("--")).map(|typed| {
        let (name, value) = typed.split_once(' ').unwrap_or((&typed, ""));
        let value = value.trim_start_matches('<').split('>').next().filter(|value| !value.is_empty());
        (name.to_owned(), value.map(str::to_owned))
    });
    parts.collect()
}

#[test]
fn the_short_help_of_every_tool_is_a_screenful() {
    let (lines, columns) = SCREEN;
    for command in commands() {
        let help = help(&command, "-h");
        assert!(help.lines().count() <= lines, "{command:?} has {} lines:\n{help}", help.lines().count());
        let wide = help.lines().find(|line| line.chars().count() > columns);
        assert!(wide.is_none(), "{command:?}: {wide:?}");
        let usage = format!("\nUsage: {}", command.join(" "));
        assert!(help.contains(&usage) && help.contains("--help, or man "), "{command:?}: {help}");
    }
}

#[test]
fn the_long_help_has_what_the_short_one_has_and_more() {
    for command in commands() {
        let (short, long) = (help(&command, "-h"), help(&command, "--help"));
        let all: BTreeSet<_> = options(&long).into_iter().map(|(name, _)| name).collect();
        let missing: Vec<_> = options(&short).into_iter().filter(|(name, _)| !all.contains(name)).collect();
        assert!(missing.is_empty(), "{command:?}: {missing:?}\n{long}");
        assert!(long.contains("\nExit codes:\n  0  "), "{command:?}: {long}");
        assert!(command.len() > 1 || long.contains("\nExamples:\n"), "{command:?}");
    }
}

/// The options in the table of emr-options(7).
fn shared() -> Vec<String> {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../man/emr-options.md")).unwrap();
    let rows = page.lines().skip_while(|line| *line != "| option | does |").skip(2).take_while(|line| !line.is_empty());
    let name = |row: &str| {
        let typed = row.split('`').skip(1).step_by(2).find(|word| word.starts_with("--"))?;
        Some(typed.split(' ').next()?.to_owned())
    };
    rows.filter_map(name).collect()
}

#[test]
fn options_of_all_tools_stand_in_one_page_and_are_named_by_every_tool_that_has_them() {
    let shared = shared();
    assert!(shared.len() == 8 && shared.contains(&"--endpoint-url".to_owned()), "{shared:?}");
    for command in commands() {
        let long = help(&command, "--help");
        let mut listed: Vec<_> =
            options(&long).into_iter().map(|(name, _)| name).filter(|name| shared.contains(name)).collect();
        // A sentence may begin with an option.
        listed.dedup();
        // Some are of another kind there, or may be repeated, and some tools take one form more.
        let own = match command[0].as_str() {
            "add-step" => &["--output"][..],
            "audit-usage" | "list-job-flows" => &["--output", "--region", "--profile"],
            "report-long-jobs" => &["--region"],
            "terminate-idle-job-flows" => &["--output", "--region"],
            _ => &[],
        };
        assert_eq!(listed, own, "{command:?} describes what emr-options(7) does");
        let Some(named) = long.split("which emr-options(7) describes:\n").nth(1) else {
            assert!(
                ["emr-sandbox", "emr-tools"].contains(&command[0].as_str()) || command == ["s3-lock"],
                "{command:?}"
            );
            continue;
        };
        let named = named.split("\n\n").next().unwrap();
        let missing: Vec<_> = shared.iter().filter(|name| !named.contains(*name)).collect();
        // It asks AWS nothing.
        if command == ["s3-lock", "verify"] {
            continue;
        }
        // A command that prints no records has no form of them.
        let is_known = |name: &str| name == "--output" || own.contains(&name);
        assert!(missing.iter().all(|name| is_known(name)), "{command:?}: {missing:?}");
    }
}

#[test]
fn the_table_of_shared_options_is_what_their_definitions_say() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../man/emr-options.md")).unwrap();
    let table = run(&["list-steps".to_owned()], &["--generate", "options"]).ok().stdout;
    assert!(page.contains(&table), "man/emr-options.md is out of date: run scripts/man");
}

/// Values of each kind that every option of that kind takes, and some that none does.
const GRAMMARS: [(&[&str], &[&str], &[&str]); 3] = [
    (
        &["DURATION", "HOURS", "MINUTES", "SECONDS", "MILLISECONDS"],
        &["30m", "1h 30m", "0.5h", "1800s"],
        &["soon", "30x", "1:30"],
    ),
    (&["TIME"], &["2026-11-22T06:00:00Z", "2026-11-22", "2h", "1h 30m", "7d"], &["24", "yesterday", "22.11.2026"]),
    (&["SIZE", "GIB"], &["0", "100", "20G", "1.5T", "20 GiB"], &["many", "1X", "-1"]),
];

/// What is to be said of `value` for `option` where it is not taken.
fn refusal(ran: &Ran, option: &str, value: &str) -> bool {
    ran.code == Some(2) && ran.stderr.contains(&format!("invalid value '{value}' for '{option}"))
}

#[test]
fn durations_times_and_sizes_are_read_alike_by_every_option_that_takes_one() {
    let mut tried = 0;
    for command in commands() {
        for (option, value) in options(&help(&command, "--help")) {
            let known =
                GRAMMARS.iter().find(|(names, ..)| value.as_deref().is_some_and(|value| names.contains(&value)));
            let Some((_, taken, refused)) = known else { continue };
            // The command line is read, and then refused for what it lacks: nothing is done.
            let run = |value: &str| run(&command, &[&format!("{option}={value}"), "--no-such-option"]);
            for value in *taken {
                let ran = run(value);
                let is_read = ran.code == Some(2) && ran.stderr.contains("'--no-such-option'");
                assert!(is_read, "{command:?} {option}={value}: {}", ran.stderr);
            }
            for value in *refused {
                assert!(refusal(&run(value), &option, value), "{command:?} {option}={value}: {}", run(value).stderr);
            }
            tried += 1;
        }
    }
    assert!(tried > 25, "{tried} options were tried");
}
