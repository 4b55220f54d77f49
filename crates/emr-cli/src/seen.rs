//! The words that shells complete: pools, job flows and steps that the records of earlier runs named.
//!
//! They stand in a file of the user's own, a line each, the newest first. A TAB reads it and asks nobody. It has no more
//! than names and ids, and whatever is wrong with it is no error: without it nothing is completed.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use emr_core::model::record::Name;
use emr_core::text::is_unfit;

/// How many words of a kind are kept: what a person chooses from.
const MOST: usize = 100;

/// The most that is read, in bytes: all words that are kept, each as long as a Name.
const LARGEST: u64 = 3 * 100 * 300;

/// A kind of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Names of pools.
    Pools,
    /// Ids of job flows that were up.
    JobFlows,
    /// Ids of steps.
    Steps,
}

impl Kind {
    /// All kinds.
    pub(super) const ALL: [Self; 3] = [Self::Pools, Self::JobFlows, Self::Steps];

    /// The word for the kind, in the file and behind `--generate`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pools => "pools",
            Self::JobFlows => "job-flows",
            Self::Steps => "steps",
        }
    }

    /// The kind of this word.
    pub(super) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// The words of `kind`, a line each.
pub(super) fn words(kind: Kind) -> String {
    let lines = file().and_then(|path| read(&path).ok()).unwrap_or_default();
    let line = |(_, word): &Line| format!("{word}\n");
    lines.iter().filter(|(known, _)| *known == kind).map(line).collect()
}

/// What the records of this run name.
#[derive(Debug, Default)]
pub(super) struct Seen {
    words: Vec<Line>,
    /// Job flows that have ended.
    ended: Vec<String>,
}

/// A line of the file.
type Line = (Kind, String);

impl Seen {
    /// Adds what a record names.
    pub(super) fn add(&mut self, names: Vec<Name>) {
        for name in names {
            match name {
                Name::Pool(name) => self.add_word(Kind::Pools, name),
                Name::JobFlow(id) => self.add_word(Kind::JobFlows, id.as_str().to_owned()),
                Name::Step(id) => self.add_word(Kind::Steps, id.as_str().to_owned()),
                Name::Ended(id) => self.ended.push(id.as_str().to_owned()),
            }
        }
    }

    /// A name that a terminal could take for a command is not offered to one.
    fn add_word(&mut self, kind: Kind, word: String) {
        let has_room = self.words.iter().filter(|(known, _)| *known == kind).count() < MOST;
        if has_room && !word.contains(is_unfit) && !self.words.contains(&(kind, word.clone())) {
            self.words.push((kind, word));
        }
    }

    /// Writes it into the file, before what is there.
    pub(super) fn remember(self) {
        if self.words.is_empty() && self.ended.is_empty() {
            return;
        }
        let Some(path) = file() else { return };
        let known = read(&path).unwrap_or_default();
        let all = self.before(&known);
        if all != known
            && let Err(cause) = write(&path, &all)
        {
            log::debug!("cannot remember names for completion in {}: {cause}", path.display());
        }
    }

    /// These words, and behind them those of `known` that are others, as many of each kind as are kept. Where all are
    /// known already, they stay as they are: most runs then write nothing.
    fn before(self, known: &[Line]) -> Vec<Line> {
        let is_left = |line: &Line| !(line.0 == Kind::JobFlows && self.ended.contains(&line.1));
        let old = known.iter().filter(|line| is_left(line)).cloned();
        let new: Vec<_> = self.words.iter().filter(|line| !known.contains(line)).cloned().collect();
        let all: Vec<_> = new.into_iter().chain(old).collect();
        let kept = |kind: Kind| all.iter().filter(move |line| line.0 == kind).take(MOST);
        Kind::ALL.into_iter().flat_map(kept).cloned().collect()
    }
}

/// The file, in `$XDG_CACHE_HOME` or `~/.cache`; none for a user without a home.
fn file() -> Option<PathBuf> {
    let folder = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = folder("XDG_CACHE_HOME")
        .or_else(|| folder("HOME").filter(|home| home.is_dir()).map(|home| home.join(".cache")))?;
    Some(cache.join("emr-tools/seen"))
}

fn read(path: &Path) -> io::Result<Vec<Line>> {
    let mut text = String::new();
    File::open(path)?.take(LARGEST).read_to_string(&mut text)?;
    let line = |line: &str| {
        let (kind, word) = line.split_once(' ')?;
        Some((Kind::named(kind)?, word.to_owned())).filter(|(_, word)| !word.is_empty() && !word.contains(is_unfit))
    };
    Ok(text.lines().filter_map(line).collect())
}

/// Replaces the file at once, so that whoever reads it has all of it. It is the user's alone.
fn write(path: &Path, lines: &[Line]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let new = folder.join(format!("seen.{}", std::process::id()));
    let line = |(kind, word): &Line| format!("{} {word}\n", kind.word());
    let text: String = lines.iter().map(line).collect();
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new);
    let written = made.and_then(|mut file| file.write_all(text.as_bytes())).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        drop(fs::remove_file(&new));
    }
    written
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn job_flow(id: &str) -> Name {
        Name::JobFlow(id.parse().unwrap())
    }

    fn after(known: &[Line], names: Vec<Name>) -> Vec<Line> {
        let mut seen = Seen::default();
        seen.add(names);
        seen.before(known)
    }

    #[test]
    fn new_words_go_first_and_known_ones_change_nothing() {
        let known = after(&[], vec![job_flow("j-A"), Name::Pool("my etl".to_owned()), job_flow("j-A")]);
        let words = [(Kind::Pools, "my etl".to_owned()), (Kind::JobFlows, "j-A".to_owned())];
        assert_eq!(known, words);
        assert_eq!(after(&known, vec![job_flow("j-A")]), known);
        assert_eq!(after(&known, vec![job_flow("j-B")])[1].1, "j-B");
        assert_eq!(after(&known, vec![Name::Ended("j-A".parse().unwrap())]), words[..1]);
    }

    #[test]
    fn a_few_of_each_kind_are_kept_and_nothing_that_moves_a_terminal() {
        let many = |from: usize| (from..from + 70).map(|n| job_flow(&format!("j-{n}"))).collect::<Vec<_>>();
        let all = after(&after(&[], many(0)), many(70));
        assert_eq!((all.len(), all[0].1.as_str()), (MOST, "j-70"));
        assert!(
            after(&[], vec![Name::Pool("a\u{1b}[2J".to_owned()), Name::Pool("b\nsteps s-A".to_owned())]).is_empty()
        );
    }

    #[test]
    fn the_file_is_the_user_s_alone_and_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache/emr-tools/seen");
        let lines = after(&[], vec![Name::Pool("my etl".to_owned()), Name::Step("s-A".parse().unwrap())]);
        write(&path, &lines).unwrap();
        assert_eq!(read(&path).unwrap(), lines);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        fs::write(&path, "pools\nwhat ever\n\nsteps \npools x\n").unwrap();
        assert_eq!(read(&path).unwrap(), [(Kind::Pools, "x".to_owned())]);
    }
}
