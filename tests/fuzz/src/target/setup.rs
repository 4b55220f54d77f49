//! Commands that name files, for bootstrapping and for tasks.

use std::path::Path;

use emr_core::error::{Error, Result};
use emr_core::model::content::Content;
use emr_core::setup::{Command, Machine, NamedFile, Part, packs_none};

use crate::input::text;

/// Runs the target.
pub fn run(input: &[u8]) {
    let written = &*text(input);
    let content = |_: &Path| -> Result<Content> { Err(Error::usage("there is no such file")) };
    let machine = Machine { expand: &str::to_owned, content: &content, pack: &packs_none };
    if let Ok(command) = Command::read(written, &machine) {
        assert_eq!(command.written, written);
        let texts = command.parts.iter().map(|part| if let Part::Text(text) = part { text.len() } else { 0 });
        assert!(texts.sum::<usize>() <= written.len() + command.files().count());
        if !written.contains('#') {
            assert_eq!(command.with_paths(|_| String::new()), written, "without files it stays as it is");
        }
    }
    let _ = Command::of(written);
    let _ = NamedFile::read(written, &machine);
    let words = [written.to_owned(), "b".to_owned()];
    if let Ok(command) = Command::of_words(&words) {
        assert_eq!(emr_core::shell::split(&command.written).unwrap(), words);
    }
}
