//! Which options exist, as the tools' own man pages have them.

use std::collections::BTreeMap;
use std::fs;
use std::sync::LazyLock;

use super::top;

/// Options of other programs that chapters name.
const OTHERS: [&str; 7] =
    ["--deploy-mode", "--driver-class-path", "--full", "--keytab", "--master", "--properties-file", "--uninstall"];

/// The page of each tool, without roff's escapes.
static PAGES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let folder = fs::read_dir(top().join("man")).unwrap().map(|entry| entry.unwrap().path());
    let pages = folder.filter(|path| path.extension().is_some_and(|section| section == "1")).map(|path| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap().replace("\\-", "-"))
    });
    pages.collect()
});

/// The table of the options of all tools, which a test compares with their definitions.
static SHARED: LazyLock<String> = LazyLock::new(|| {
    let chapter = fs::read_to_string(top().join("man/emr-options.md")).unwrap();
    chapter.split("\n## Durations").next().unwrap().to_owned()
});

/// What `code` names and is not there: an option of a tool, or one that stands alone and that no tool has.
pub(crate) fn unknown(code: &str) -> Vec<String> {
    let bare: String = code.split('\'').step_by(2).collect();
    commands(&bare).flat_map(|words| unknown_of(&words)).collect()
}

/// The words of each command of `code`, in which nothing is between single quotes. What is between double quotes is not
/// told apart, so a command may come out as two, of which the second begins with no tool.
fn commands(code: &str) -> impl Iterator<Item = Vec<&str>> {
    let commands = code.split(['|', '\n', ';', '&', '(', '`']);
    commands.map(|command| command.split_whitespace().collect::<Vec<_>>()).filter(|words| !words.is_empty())
}

fn unknown_of(words: &[&str]) -> Vec<String> {
    let tool = words.iter().position(|word| PAGES.contains_key(*word));
    let (page, options) = match tool {
        Some(place) if !is_after_end(words, place) => (PAGES[words[place]].clone(), &words[place + 1..]),
        _ if words[0].starts_with("--") => (PAGES.values().chain([&*SHARED]).map(String::as_str).collect(), words),
        _ => return Vec::new(),
    };
    let own = options.iter().take_while(|word| **word != "--").filter_map(|word| option(word));
    own.filter(|option| !OTHERS.contains(option) && !has(&page, option)).map(str::to_owned).collect()
}

/// Whether the word at `place` is one of a command that is handed on.
fn is_after_end(words: &[&str], place: usize) -> bool {
    words[..place].contains(&"--")
}

/// The option that `word` is, without its value.
fn option(word: &str) -> Option<&str> {
    let name = word.trim_start_matches(['[', '\'']).split(['=', ',', '.', ']', '\'']).next()?;
    (name.starts_with("--") && name.len() > 2).then_some(name)
}

fn has(page: &str, option: &str) -> bool {
    page.match_indices(option).any(|(at, _)| {
        let rest = &page[at + option.len()..];
        !rest.starts_with(|next: char| next == '-' || next.is_ascii_alphanumeric())
    })
}
