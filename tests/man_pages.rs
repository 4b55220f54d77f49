//! The man pages in man/ are what the tools' own definitions and the chapters say, and every tool and chapter has one.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use emr_core::config::{Declaration, Rule};
use emr_core::error::EXIT_CODES;
use harness::{Ran, Tools};

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn tools() -> BTreeSet<String> {
    let crates = std::fs::read_dir(top().join("crates")).unwrap();
    let tools = crates.map(|entry| entry.unwrap().path()).filter(|path| path.join("src/main.rs").exists());
    tools.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
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

/// The pages of the manual; beside them are the chapters that they are made of.
fn pages() -> Vec<PathBuf> {
    let folder = std::fs::read_dir(top().join("man")).unwrap().map(|entry| entry.unwrap().path());
    folder.filter(|path| path.extension().is_some_and(|section| section != "md")).collect()
}

/// The names of the chapters.
fn chapters() -> BTreeSet<String> {
    let folder = std::fs::read_dir(top().join("man")).unwrap().map(|entry| entry.unwrap().path());
    let chapters = folder.filter(|path| path.extension().is_some_and(|section| section == "md"));
    chapters.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn each_chapter_has_a_page_and_it_is_up_to_date_and_no_other_page_is_there() {
    let named = |page: &PathBuf| page.file_stem().unwrap().to_str().unwrap().to_owned();
    let pages = pages();
    let made = pages.iter().filter(|page| page.extension().is_some_and(|section| section == "7")).map(named);
    assert_eq!(made.filter(|name| name != "emr-tools").collect::<BTreeSet<_>>(), chapters());
    for chapter in chapters() {
        let page = std::fs::read_to_string(top().join(format!("man/{chapter}.7"))).unwrap();
        let made = Ran::of(Tools::beside(SANDBOX).command("emr-tools").args(["help", "--roff", &chapter])).ok().stdout;
        assert!(page == made, "man/{chapter}.7 is out of date: run scripts/man");
    }
}

#[test]
fn the_page_of_all_tools_lists_each_chapter() {
    let page = std::fs::read_to_string(top().join("man/emr-tools.7")).unwrap().replace('\\', "");
    let list = page.split(".SH CHAPTERS").nth(1).unwrap().split(".SH ").next().unwrap();
    let lacking: Vec<_> =
        chapters().into_iter().filter(|chapter| !list.contains(&format!(".BR {chapter} (7)"))).collect();
    assert!(lacking.is_empty(), "{lacking:?}");
}

#[test]
fn each_page_is_found_by_the_word_emr() {
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap().replace(['\\', '\n'], "");
        let name = text.split(".SH NAME").nth(1).unwrap().split(".SH ").next().unwrap();
        assert!(name.to_lowercase().contains("emr"), "{}: {name}", page.display());
    }
}

#[test]
fn the_page_of_a_tool_leads_to_a_chapter_and_that_one_back() {
    for tool in tools().into_iter().filter(|tool| tool != "emr-tools") {
        let page = std::fs::read_to_string(top().join(format!("man/{tool}.1"))).unwrap().replace(['\\'], "");
        let others = page.split(".SH \"SEE ALSO\"").nth(1).unwrap();
        let led: Vec<_> =
            chapters().into_iter().filter(|chapter| others.contains(&format!("fB{chapter}fR(7)"))).collect();
        // That of the options of all tools leads to no single one.
        let led: Vec<_> = led.into_iter().filter(|chapter| chapter != "emr-options").collect();
        assert!(!led.is_empty(), "{tool} leads to no chapter");
        let text = std::fs::read_to_string(top().join(format!("man/{}.md", led[0]))).unwrap();
        let back = text.split("## See also").nth(1).unwrap();
        assert!(led.len() > 1 || back.contains(&format!("{tool}(1)")), "{} does not lead to {tool}", led[0]);
    }
}

#[test]
fn a_chapter_leads_to_pages_that_are_there() {
    let there: BTreeSet<_> =
        pages().iter().map(|page| page.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    let ours = |name: &str| name.starts_with("emr-") || tools().contains(name) || name == "mrjob.conf";
    for chapter in chapters() {
        let text = std::fs::read_to_string(top().join(format!("man/{chapter}.md"))).unwrap();
        for word in text.split_whitespace() {
            let Some((name, rest)) = word.split_once('(') else { continue };
            let Some(section) = rest.chars().next().filter(char::is_ascii_digit) else { continue };
            if rest[1..].starts_with(')') && ours(name) {
                assert!(there.contains(&format!("{name}.{section}")), "{chapter} leads to {word}");
            }
        }
    }
}

#[test]
fn the_pages_are_sound() {
    for page in pages() {
        let lint = Command::new("mandoc").args(["-T", "lint", "-W", "error"]).arg(&page).output().unwrap();
        assert!(lint.status.success(), "{}", String::from_utf8_lossy(&lint.stdout));
    }
    for chapter in chapters() {
        let page = top().join(format!("man/{chapter}.7"));
        let lint = Command::new("mandoc").args(["-T", "lint", "-W", "warning"]).arg(&page).output().unwrap();
        assert!(lint.stdout.is_empty(), "{}", String::from_utf8_lossy(&lint.stdout));
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

/// The names at the heads of the entries of a page: what its lines `.BR name " (" later ", " later )` say.
fn heads(page: &str) -> BTreeSet<String> {
    let options = page.split(".SH OPTIONS\n").nth(1).unwrap().split(".SH ").next().unwrap();
    let lines: Vec<_> = options.lines().collect();
    let heads = lines.windows(2).filter(|pair| [".TP", ".TQ"].contains(&pair[0])).map(|pair| pair[1]);
    let words = heads.flat_map(|head| head.strip_prefix(".BR ").unwrap().split([' ', '"', ',', '(', ')']));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The options that a file may have: each one's names, and how its values combine.
fn options() -> Vec<(Vec<&'static str>, Rule)> {
    let declared = emr_core::config::options::all().filter(|option| option.is_in_files);
    let names = |option: &Declaration| [&[option.name], option.other_names].concat();
    let mut all: Vec<_> = declared.map(|option| (names(option), option.rule)).collect();
    all.sort_by_key(|(names, _)| names[0]);
    assert!(all.len() > 60, "{all:?}");
    all
}

fn page_of_the_configuration() -> String {
    std::fs::read_to_string(top().join("man/mrjob.conf.5")).unwrap()
}

#[test]
fn the_page_of_the_configuration_is_what_the_options_say() {
    let page = page_of_the_configuration();
    assert!(page == generate("create-job-flow", "mrjob.conf"), "man/mrjob.conf.5 is out of date: run scripts/man");
}

#[test]
fn the_page_of_the_configuration_has_every_name_of_every_option_and_no_other() {
    let names: BTreeSet<_> = options().into_iter().flat_map(|(names, _)| names).map(str::to_owned).collect();
    assert_eq!(heads(&page_of_the_configuration()), names);
}

#[test]
fn the_page_of_the_configuration_says_how_the_values_of_each_option_combine() {
    let page = page_of_the_configuration();
    let section = page.split(".SH COMBINING\n").nth(1).unwrap().split(".SH ").next().unwrap();
    let titles =
        [("Lists", Rule::List), ("Lists of paths", Rule::Paths), ("Mappings", Rule::Map), ("Paths", Rule::Path)];
    for (title, rule) in titles {
        let entry = section
            .split(&format!(".B {title}\n"))
            .nth(1)
            .unwrap()
            .split("\n.TP")
            .next()
            .unwrap()
            .split("\n.PP")
            .next()
            .unwrap();
        let said: Vec<_> = entry.lines().filter_map(|line| line.strip_prefix(".BR ")?.split(' ').next()).collect();
        let rows = options();
        let named: Vec<_> = rows.iter().filter(|(_, of)| *of == rule).map(|(names, _)| names[0]).collect();
        assert_eq!(said, named, "{title}");
    }
}

#[test]
fn exit_codes_mean_the_same_in_the_tools_and_in_the_chapter_about_them() {
    let chapter = std::fs::read_to_string(top().join("man/emr-scripts.md")).unwrap();
    let table = chapter.split("| exit code | means |\n|---|---|\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let row = |row: &str| {
        let (code, meaning) = row.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | ")?;
        Some((code.to_owned(), meaning.replace('`', "")))
    };
    assert_eq!(table.lines().map(|line| row(line).unwrap()).collect::<Vec<_>>(), exit_codes());
}

#[test]
fn exit_codes_mean_the_same_in_the_tools_and_in_their_common_page() {
    let page = std::fs::read_to_string(top().join("man/emr-tools.7")).unwrap();
    let section = page.split(".SH EXIT STATUS\n").nth(1).unwrap().split(".SH ").next().unwrap();
    let entry = |entry: &str| {
        let (code, meaning) = entry.strip_prefix(".B ")?.split_once('\n')?;
        Some((code.to_owned(), meaning.trim_end().replace("\\-", "-")))
    };
    assert_eq!(section.split(".TP\n").skip(1).map(|text| entry(text).unwrap()).collect::<Vec<_>>(), exit_codes());
}

fn exit_codes() -> Vec<(String, String)> {
    EXIT_CODES.map(|(code, meaning)| (code.to_owned(), meaning.to_owned())).to_vec()
}

/// The records in emr-tools(7): the type of each, and the head of its entry.
const RECORDS: [(&str, &str); 29] = [
    ("JobFlowRecord", "job flow"),
    ("ErrorDetail", "job flow"),
    ("place.rs::Place", "job flow"),
    ("Claim", "claim"),
    ("DescriptionRecord", "description"),
    ("StepRecord", "step"),
    ("CancelRecord", "cancelled step"),
    ("LogRecord", "log"),
    ("log.rs::Place", "log"),
    ("CauseRecord", "cause"),
    ("Cause", "cause"),
    ("Quote", "cause"),
    ("LockRecord", "lock"),
    ("ProbeRecord", "probe"),
    ("HistoryRecord", "history"),
    ("ViolationRecord", "violation"),
    ("VerdictRecord", "verdict"),
    ("TrialRecord", "trial"),
    ("pool::Explanation", "explanation"),
    ("pool::Reason", "explanation"),
    ("OptionRecord", "option"),
    ("TerminatedRecord", "terminated job flow"),
    ("idle::Explanation", "explanation of what is idle"),
    ("LongJobRecord", "long job"),
    ("UsageRecord", "usage"),
    ("ScratchRecord", "scratch file"),
    ("NodeRecord", "node"),
    ("CoreRecord", "core dump"),
    ("CheckRecord", "check"),
];

/// What is printed as a table alone: the rows of a description, and the sums of scratch files.
const NO_RECORDS: [&str; 2] = ["Row", "SumRecord"];

/// The sources of all crates, each with its path.
fn sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match path.extension() {
            _ if path.is_dir() => sources(&path, found),
            Some(end) if end == "rs" => found.push((path.clone(), std::fs::read_to_string(&path).unwrap())),
            _ => {}
        }
    }
}

/// The keys of the type `name` in JSON, as its source has them: those that it writes itself, or else its members, but for
/// those that are left out or stand for several.
fn keys(text: &str, name: &str) -> Option<Vec<String>> {
    if let Some(written) = text.split(&format!("impl Serialize for {name} {{\n")).nth(1) {
        let lines = written.split("\n}").next()?.lines();
        let calls = lines.filter_map(|line| line.split_once("entry(&mut map, \"").or(line.split_once("_entry(\"")));
        return Some(calls.filter_map(|(_, rest)| Some(rest.split_once('"')?.0.to_owned())).collect());
    }
    let declared = ["struct", "enum"].iter().find_map(|kind| text.split(&format!("{kind} {name} {{\n")).nth(1));
    let body = declared?.split("\n}").next()?;
    let mut keys = Vec::new();
    let mut is_left_out = false;
    for line in body.lines().map(str::trim) {
        if line.starts_with("#[serde(") {
            is_left_out |= line.contains("(flatten)") || line.contains("(skip)");
        } else if let Some((key, _)) =
            line.trim_start_matches("pub(crate) ").trim_start_matches("pub ").split_once(": ")
            && !line.starts_with("//")
        {
            if !is_left_out {
                keys.push(key.to_owned());
            }
            is_left_out = false;
        }
    }
    Some(keys)
}

#[test]
fn every_key_of_every_record_stands_in_the_common_page() {
    let page = std::fs::read_to_string(top().join("man/emr-tools.7")).unwrap();
    let section = page.split(".SH RECORDS\n").nth(1).unwrap().split("\n.SH ").next().unwrap();
    let entry = |head: &str| section.split(&format!(".TP\n.B {head}\n")).nth(1)?.split("\n.TP").next();
    let words = |text: &str| text.split([' ', '"', ',', ';', '\n', ')']).map(str::to_owned).collect::<BTreeSet<_>>();
    let mut files = Vec::new();
    sources(&top().join("crates"), &mut files);
    for (name, head) in RECORDS {
        let (module, name) = name.split_once("::").unwrap_or(("", name));
        let is_there = |path: &Path| path.components().any(|part| module.is_empty() || part.as_os_str() == module);
        let declared = files.iter().filter(|(path, text)| is_there(path) && text.contains("Serialize"));
        let keys = declared.filter_map(|(_, text)| keys(text, name)).find(|keys| !keys.is_empty());
        let keys = keys.unwrap_or_else(|| assert_flattened(name));
        let named = words(entry(head).unwrap_or_else(|| panic!("no entry is called {head}")));
        let missing: Vec<_> = keys.iter().filter(|key| !named.contains(*key)).collect();
        assert!(missing.is_empty(), "{name}: {missing:?} are not in the entry '{head}' of man/emr-tools.7");
    }
    for (path, text) in &files {
        for printed in text.split("impl Record for ").skip(1).map(|rest| rest.split(' ').next().unwrap()) {
            let is_known = RECORDS.iter().any(|(name, _)| name.rsplit("::").next() == Some(printed));
            assert!(is_known || NO_RECORDS.contains(&printed), "{}: {printed} has no entry", path.display());
        }
    }
}

/// A record all of whose members stand for several keys.
fn assert_flattened(name: &str) -> Vec<String> {
    assert_eq!(name, "DescriptionRecord", "{name} is not found");
    Vec::new()
}

/// The exit codes in the page of `tool`.
fn exit_codes_of(tool: &str) -> Vec<String> {
    let page = std::fs::read_to_string(top().join(format!("man/{tool}.1"))).unwrap();
    let section = page.split(".SH \"EXIT STATUS\"\n").nth(1).unwrap().split(".SH ").next().unwrap();
    let heads = section.split(".TP\n").skip(1).map(|entry| entry.lines().next().unwrap());
    heads.map(|head| head.trim_start_matches("\\fB").trim_end_matches("\\fR").to_owned()).collect()
}

#[test]
fn each_page_has_the_exit_codes_of_its_tool_and_no_other() {
    let all: Vec<_> = exit_codes().into_iter().map(|(code, _)| code).collect();
    for tool in tools() {
        let codes = exit_codes_of(&tool);
        assert!(codes.contains(&"0".to_owned()) && codes.iter().all(|code| all.contains(code)), "{tool}: {codes:?}");
        assert!(codes != all, "{tool} has all exit codes: emr-cli/src/exit_codes.rs has none of its own");
        let help = Ran::of(Tools::beside(SANDBOX).command(&tool).arg("--help")).ok().stdout;
        let listed = help.split("\nExit codes:\n").nth(1).unwrap().split("\n\n").next().unwrap();
        let listed: Vec<_> = listed.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).collect();
        let listed: Vec<_> = listed.into_iter().filter(|code| !code.is_empty()).collect();
        assert_eq!(listed, codes, "{tool}");
    }
}
