//! emr-tools, all tools in one executable.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use harness::{Ran, Sandbox, Terminal, Tools};

const EMR_TOOLS: &str = env!("CARGO_BIN_EXE_emr-tools");

fn emr_tools(words: &[&str]) -> Ran {
    Ran::of(Tools::beside(EMR_TOOLS).command("emr-tools").args(words))
}

/// The tools that it lists, each with what it does.
fn listed() -> Vec<(String, String)> {
    let split = |line: &str| line.split_once("  ").map(|(name, about)| (name.to_owned(), about.trim().to_owned()));
    emr_tools(&[]).ok().stdout.lines().map(|line| split(line).unwrap()).collect()
}

#[test]
fn every_tool_of_the_workspace_is_listed_with_the_first_line_of_its_help() {
    let tools =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).unwrap().map(|entry| entry.unwrap().path());
    let tools = tools.filter(|path| path.join("src/main.rs").exists());
    let mut names: Vec<_> = tools.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    names.retain(|name| name != "emr-tools");
    names.sort();
    assert_eq!(listed().into_iter().map(|(name, _)| name).collect::<Vec<_>>(), names);
    for (name, about) in listed() {
        let help = emr_tools(&[&name, "-h"]).ok().stdout;
        assert_eq!(help.lines().next(), Some(about.as_str()), "{name}");
    }
}

#[test]
fn it_is_the_tool_that_a_link_or_the_first_word_names() {
    let folder = tempfile::tempdir().unwrap();
    symlink(EMR_TOOLS, folder.path().join("find-pool")).unwrap();
    let own = Ran::of(Tools::beside(EMR_TOOLS).command("find-pool").arg("--help")).ok().stdout;
    let by_link = Ran::of(std::process::Command::new(folder.path().join("find-pool")).arg("--help")).ok().stdout;
    assert_eq!(by_link, own);
    assert_eq!(emr_tools(&["find-pool", "--help"]).ok().stdout, own);
}

#[test]
fn messages_and_exit_codes_are_the_tool_s() {
    let ran = emr_tools(&["wait-step", "hello"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.starts_with("wait-step: "), "{}", ran.stderr);
}

#[test]
fn an_unknown_tool_is_a_usage_error_that_names_the_nearest() {
    let ran = emr_tools(&["find-pol", "--pool-name", "etl"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert_eq!(ran.stderr, "emr-tools: there is no tool find-pol; did you mean find-pool?\n");
    assert!(emr_tools(&["zzz"]).stderr.contains("lists them"));
}

#[test]
fn s3_lock_starts_itself_once_more_and_is_s3_lock_again() {
    let sandbox = Sandbox::start(&Tools::beside(EMR_TOOLS), &[]);
    let lock = ["s3-lock", "run", "s3://bucket/locks/nightly", "--"];
    assert_eq!(sandbox.run("emr-tools", &[&lock[..], &["sh", "-c", "exit 5"]].concat()).code, Some(5));
    sandbox.run("emr-tools", &[&lock[..], &["/nowhere"]].concat()).fails(127, "cannot run /nowhere");
}

#[test]
fn help_lists_the_chapters_and_prints_one_by_its_topic_or_its_page() {
    let listed = emr_tools(&["help"]).ok().stdout;
    let topics: Vec<_> = listed.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert!(topics.contains(&"pools") && topics.contains(&"migrating"), "{topics:?}");
    for topic in &topics {
        let text = emr_tools(&["help", topic]).ok().stdout;
        assert!(text.starts_with("# emr-"), "{topic}: {text}");
        let page = text[2..].split('(').next().unwrap();
        assert_eq!(emr_tools(&["help", page]).ok().stdout, text);
        assert_eq!(emr_tools(&["help", page.trim_start_matches("emr-")]).ok().stdout, text);
    }
    let chapters = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../man")).unwrap();
    let chapters = chapters.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|end| end == "md"));
    assert_eq!(topics.len(), chapters.count(), "each chapter is in the executable");
}

#[test]
fn help_of_a_tool_is_the_tool_s_own() {
    assert_eq!(emr_tools(&["help", "find-pool"]).ok().stdout, emr_tools(&["find-pool", "--help"]).ok().stdout);
}

#[test]
fn help_on_a_terminal_is_the_page_where_it_is_installed() {
    let folder = tempfile::tempdir().unwrap();
    let man = folder.path().join("man");
    std::fs::write(&man, "#!/bin/sh\n[ \"$1\" = -w ] && exec test \"$3\" = emr-pools\necho \"the page $2 of $1\"\n")
        .unwrap();
    std::fs::set_permissions(&man, std::fs::Permissions::from_mode(0o755)).unwrap();
    let seen = |topic: &str| {
        let mut command = Tools::beside(EMR_TOOLS).command("emr-tools");
        command.args(["help", topic]).env("PATH", Tools::beside(EMR_TOOLS).path(&[folder.path()]));
        Terminal::start(&command).rest()
    };
    assert_eq!(seen("pools").trim_end(), "the page emr-pools of 7");
    assert!(seen("cron").starts_with("# emr-cron(7)"), "without its page it is text");
}

#[test]
fn help_of_another_word_lists_what_mentions_it() {
    let listed = emr_tools(&["help", "exit"]).ok().stdout;
    assert!(listed.starts_with("No chapter is called 'exit'."), "{listed}");
    assert!(listed.lines().any(|line| line.starts_with("scripts ") && line.contains("exit")), "{listed}");
    let listed = emr_tools(&["help", "exit", "code"]).ok().stdout;
    assert!(listed.starts_with("No chapter is called 'exit code'.") && listed.contains("Exit codes"), "{listed}");
    assert_eq!(emr_tools(&["help", "core", "dumps"]).ok().stdout, emr_tools(&["help", "core-dumps"]).ok().stdout);
}

#[test]
fn an_unknown_chapter_is_a_usage_error_that_names_the_nearest() {
    let ran = emr_tools(&["help", "poolz"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    let message = "emr-tools: no chapter, no tool and no section of the manual has 'poolz'; did you mean pools?\n";
    assert_eq!(ran.stderr, message);
    assert_eq!(emr_tools(&["help", "--roff", "lock"]).code, Some(2), "a page is of a chapter alone");
    assert!(emr_tools(&["help", "zzzzzz"]).stderr.contains("emr-tools help lists the chapters"));
}

/// Runs scripts/install with these arguments.
fn install(args: &[&str]) -> Ran {
    Ran::of(std::process::Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/install")).args(args))
}

#[test]
fn what_is_installed_works_and_goes_without_a_trace() {
    let folder = tempfile::tempdir().unwrap();
    let prefix = folder.path().join("a prefix");
    let prefix = prefix.to_str().unwrap();
    install(&["--executable", EMR_TOOLS, prefix]).ok();
    // A second time, as after an update.
    install(&["--executable", EMR_TOOLS, prefix]).ok();
    for (name, _) in listed() {
        let tool = format!("{prefix}/bin/{name}");
        assert!(Ran::of(std::process::Command::new(&tool).arg("--version")).ok().stdout.starts_with(&name));
        assert!(std::fs::exists(format!("{prefix}/share/man/man1/{name}.1")).unwrap(), "{name}");
        assert!(std::fs::exists(format!("{prefix}/share/bash-completion/completions/{name}")).unwrap(), "{name}");
    }
    assert!(std::fs::exists(format!("{prefix}/share/man/man7/emr-pools.7")).unwrap());
    std::fs::write(format!("{prefix}/bin/mine"), "").unwrap();
    install(&["--uninstall", prefix]).ok();
    assert_eq!(std::fs::read_dir(prefix).unwrap().count(), 1, "what is another's stays");
    assert_eq!(std::fs::read_dir(format!("{prefix}/bin")).unwrap().count(), 1);
    assert_eq!(install(&["--uninstall", prefix]).code, Some(1));
    std::fs::remove_file(format!("{prefix}/bin/mine")).unwrap();
}

/// The files and links below `folder`, and how long each is.
fn files(folder: &Path) -> BTreeMap<PathBuf, u64> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let below = |path: PathBuf| {
        if path.is_dir() {
            files(&path)
        } else {
            BTreeMap::from([(path.clone(), path.symlink_metadata().unwrap().len())])
        }
    };
    entries.flat_map(below).collect()
}

#[test]
fn an_install_that_fails_leaves_the_installation_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let prefix = folder.path().join("prefix");
    let prefix = prefix.to_str().unwrap();
    install(&["--executable", EMR_TOOLS, prefix]).ok();
    let before = files(folder.path());
    let other = folder.path().join("other");
    let sh = "#!/bin/sh\n[ $# -eq 0 ] && echo find-pool && exit\nexit 70\n";
    for (executable, code, words) in [
        (folder.path().join("emr-toolz"), 74, "emr-toolz is no file that can be run"),
        (folder.path().to_owned(), 74, "is no file that can be run"),
        (PathBuf::from("/bin/true"), 2, "/bin/true is not emr-tools"),
        (other.clone(), 70, ""),
    ] {
        std::fs::write(&other, sh).unwrap();
        std::fs::set_permissions(&other, std::fs::Permissions::from_mode(0o755)).unwrap();
        let ran = install(&["--executable", executable.to_str().unwrap(), prefix]);
        std::fs::remove_file(&other).unwrap();
        assert_eq!((ran.code, ran.stderr.contains(words)), (Some(code), true), "{ran:?}");
        assert_eq!(files(folder.path()), before, "{}", executable.display());
    }
}

#[test]
fn an_install_over_another_version_takes_away_what_that_one_alone_had() {
    let folder = tempfile::tempdir().unwrap();
    let prefix = folder.path().to_str().unwrap();
    install(&["--executable", EMR_TOOLS, prefix]).ok();
    let before = files(folder.path());
    std::fs::write(folder.path().join("bin/find-puddle"), "").unwrap();
    let list = folder.path().join("share/emr-tools/installed");
    std::fs::write(&list, std::fs::read_to_string(&list).unwrap() + "bin/find-puddle\n").unwrap();
    // The executable may be the one that is installed.
    install(&["--executable", &format!("{prefix}/bin/emr-tools"), prefix]).ok();
    assert_eq!(files(folder.path()), before);
}

#[test]
fn an_install_has_one_place_and_says_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let install = |args: &[&str]| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/install");
        Ran::of(std::process::Command::new(script).args(args).current_dir(folder.path()))
    };
    assert!(install(&["--executable", EMR_TOOLS, "one", "two"]).stderr.contains("two is a second place"));
    for words in [&["one", "--system"][..], &["--system", "one"], &["--executable"], &[""], &["--uninstall", "a", "b"]]
    {
        assert_eq!(install(words).code, Some(2), "{words:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let said = install(&["--executable", EMR_TOOLS, "here"]).ok().stderr;
    let here = folder.path().canonicalize().unwrap().join("here");
    assert!(said.contains(&format!("Put {}/bin on your PATH.", here.display())), "{said}");
    std::fs::write(folder.path().join("mine"), "").unwrap();
    install(&["--uninstall", "here"]).ok();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn an_install_that_cannot_be_is_told_before_anything_is_built() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let ran = install(&[file.join("prefix").to_str().unwrap()]);
    assert_eq!((ran.code, ran.stderr.contains("is not a folder")), (Some(74), true), "{ran:?}");
    assert_eq!(install(&["--uninstal"]).code, Some(2));
    assert!(install(&["--help"]).ok().stdout.contains("install --uninstall"));
}
