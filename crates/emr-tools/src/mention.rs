//! Where the manual mentions a word: `emr-tools help lock` leads to the sections about locks.
//!
//! No index is kept by hand, which would miss what a chapter says tomorrow. The text itself is searched.

use super::chapter::CHAPTERS;
use super::tool::TOOLS;

/// As many as a reader looks through.
const MOST: usize = 12;

/// Words that readers have for a thing, and those by which the manual speaks of it.
const OTHER_WORDS: [(&[&str], &[&str]); 5] = [
    (&["denied", "accessdenied", "access denied", "forbidden", "403"], &["permissions", "iam policy", "exit codes"]),
    (&["segfault", "segmentation fault", "sigsegv"], &["core dump"]),
    (&["oom", "out of memory"], &["why a step failed", "memory"]),
    (&["expensive", "dear"], &["cost"]),
    (&["orphan", "forgotten", "leftover"], &["idle job flow"]),
];

/// A tool, a chapter or a section that mentions the word.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    /// What shows it: `emr-tools help` and this.
    pub(crate) name: &'static str,
    /// The first line of the tool's help, what the chapter is about, or the heading of the section.
    pub(crate) about: &'static str,
}

/// The mentions of `word`, or of what the manual says for it: tools and headings that have it, then sections by how
/// often they do.
pub(crate) fn of(word: &str) -> Vec<Mention> {
    let asked = word.to_lowercase();
    let other = OTHER_WORDS.iter().find(|(words, _)| words.contains(&asked.as_str()));
    let words = other.map_or(vec![word], |(_, manual)| [&[word], *manual].concat());
    let count = |text: &str| words.iter().map(|word| count(text, word)).sum::<usize>();
    let tools = TOOLS.iter().map(|tool| Mention { name: tool.name, about: tool.about });
    let chapters = CHAPTERS.iter().map(|chapter| Mention { name: chapter.topic, about: chapter.about() });
    let named = tools.chain(chapters).filter(|entry| count(entry.name) + count(entry.about) > 0);
    let (mut headed, mut told) = (Vec::new(), Vec::new());
    for (mention, text) in sections() {
        match (count(mention.about), count(text)) {
            (0, 0) => {}
            (0, times) => told.push((times, mention)),
            _ => headed.push(mention),
        }
    }
    told.sort_by_key(|(times, _)| std::cmp::Reverse(*times));
    named.chain(headed).chain(told.into_iter().map(|(_, mention)| mention)).take(MOST).collect()
}

/// The sections of all chapters with their text; lists of other pages are left out.
fn sections() -> impl Iterator<Item = (Mention, &'static str)> {
    let of = |topic, text: &'static str| {
        let parts = text.split("\n## ").skip(1).filter_map(|part| part.split_once('\n'));
        parts.map(move |(about, text)| (Mention { name: topic, about }, text))
    };
    let all = CHAPTERS.iter().flat_map(move |chapter| of(chapter.topic, chapter.text));
    all.filter(|(mention, _)| mention.about != "See also")
}

/// How often a word of `text` begins with `word`: `lock` finds locks and s3-lock, and not blocks. A dash, a blank and the
/// end of a line are alike: `core dump` finds ssh-core-dump.
fn count(text: &str, word: &str) -> usize {
    let (text, word) = (text.to_lowercase().replace(['-', '\n'], " "), word.to_lowercase().replace('-', " "));
    let begins = |at: usize| !text[..at].ends_with(char::is_alphanumeric);
    text.match_indices(&word).filter(|(at, _)| begins(*at)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_where_words_begin_with_it_in_either_case() {
        assert_eq!(count("Locks, s3-lock, blocks: LOCK_URI", "lock"), 3);
        assert_eq!(count("iam:PassRole", "IAM"), 1);
        assert_eq!(count("exit code 75, 175", "75"), 1);
        assert_eq!(count("ssh-core-dump, a core\ndump and Core dumps", "core dump"), 3);
    }

    #[test]
    fn tools_and_headings_come_before_what_only_a_text_mentions() {
        let found = of("lock");
        assert_eq!(found.first().map(|mention| mention.name), Some("s3-lock"), "{found:?}");
        let heading = found.iter().position(|mention| mention.about.contains("lock")).unwrap_or(MOST);
        let text = found.iter().position(|mention| count(mention.about, "lock") == 0).unwrap_or(MOST);
        assert!(heading < text, "{found:?}");
    }

    #[test]
    fn words_that_the_manual_does_not_use_lead_to_those_that_it_does() {
        for (word, name, about) in [
            ("denied", "scripts", "Exit codes"),
            ("denied", "emr-doctor", ""),
            ("AccessDenied", "configuration", "Permissions"),
            ("segfault", "ssh-core-dump", ""),
            ("oom", "nodes", "Why a step failed"),
            ("expensive", "costs", ""),
            ("orphan", "cron", "End idle job flows"),
        ] {
            let found = of(word);
            let is_found = found.iter().any(|mention| mention.name == name && mention.about.contains(about));
            assert!(is_found, "{word}: {found:?}");
        }
    }

    #[test]
    fn words_that_readers_try_lead_somewhere() {
        let words = "access bid bill bootstrap capacity claim cmdenv cost credentials cron crash denied exit hadoop hive iam \
                     idle instance ip job kms lock log mail mrjob network node output owner permission pool price private python \
                     quota region retry role rollback s3 scratch spark spot sse ssh stdout stuck subnet tag throttle timeout \
                     traceback tunnel upgrade version vpc yarn";
        let lost: Vec<_> = words.split_whitespace().filter(|word| of(word).is_empty()).collect();
        assert!(lost.is_empty(), "no chapter mentions {lost:?}");
    }
}
