//! Commands that name files: in `sudo dpkg -i deb/foo.deb#`, `deb/foo.deb#` is a local file that is on the machine that runs it.
//!
//! The grammar is mrjob's (`mrjob.setup.parse_setup_cmd`): outside quotes, `PATH#NAME` is a file and `PATH#NAME/` an
//! archive that is unpacked into NAME; NAME may be left out. `PATH/#NAME` is a directory, which is packed here and unpacked
//! there. PATH ends at a blank, a quote, `:` (but for that of a URI)
//! or `=`; NAME also at any of `;><|/#`. A backslash makes the next character an ordinary one.

use std::path::Path;

use super::folder::NamedFile;
use super::source::Machine;
use crate::error::{Error, Result};
use crate::shell;
use crate::text::one_line;

/// A command for the shell of another machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// As the user wrote it.
    pub written: String,
    /// The same, split into text and the files that it names.
    pub parts: Vec<Part>,
}

/// A part of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text for the shell.
    Text(String),
    /// A file that the machine gets.
    File(NamedFile),
}

impl Command {
    /// Parses a command that may name files.
    pub fn read(written: &str, machine: &Machine<'_>) -> Result<Self> {
        let on = |error: Error| error.on(format!("the command '{}'", one_line(written, 80)));
        let mut command = Self::of(written).map_err(on)?;
        command.parts = parts(written, machine).map_err(on)?;
        Ok(command)
    }

    /// A command that names no files: every `#` in it is for the shell.
    pub fn of(written: &str) -> Result<Self> {
        if written.contains('\0') {
            return Err(Error::usage("a command has a NUL character in it, which no shell takes"));
        }
        if written.len() % 2 != written.trim_end_matches('\\').len() % 2 {
            return Err(Error::usage("nothing follows the last backslash of a command"));
        }
        Ok(Self { written: written.to_owned(), parts: vec![Part::Text(written.to_owned())] })
    }

    /// A command of these words, each quoted so that the shell changes nothing in it.
    pub fn of_words(words: &[String]) -> Result<Self> {
        Self::of(&shell::join(words))
    }

    /// Whether it begins with `program`, with or without sudo, and so fails on a node that lacks it.
    #[must_use]
    pub fn runs(&self, program: &str) -> bool {
        let mut words = self.written.split_whitespace().skip_while(|word| *word == "sudo" || word.starts_with('-'));
        words.next() == Some(program) && !self.written.contains("||")
    }

    /// The files that it names.
    pub fn files(&self) -> impl Iterator<Item = &NamedFile> {
        self.parts.iter().filter_map(|part| if let Part::File(file) = part { Some(file) } else { None })
    }

    /// The command for the shell of the other machine: each file as `path` spells it for that shell.
    #[must_use]
    pub fn with_paths(&self, path: impl Fn(&NamedFile) -> String) -> String {
        let text = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::File(file) => path(file),
        };
        self.parts.iter().map(text).collect()
    }
}

fn parts(written: &str, machine: &Machine<'_>) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut rest = written;
    while !rest.is_empty() {
        let length = match quoted(rest)? {
            Some(length) => length,
            None => match Named::read(rest) {
                Some((named, length)) => {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                    let file = named.file(machine)?;
                    text.push_str(if file.is_archive { "/" } else { "" });
                    parts.push(Part::File(file));
                    rest = &rest[length..];
                    continue;
                }
                None => plain(rest)?,
            },
        };
        text.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    parts.push(Part::Text(text));
    parts.retain(|part| *part != Part::Text(String::new()));
    Ok(parts)
}

/// The length of the quotation at the start of `text`; `None` if there is none.
fn quoted(text: &str) -> Result<Option<usize>> {
    let Some(quote @ ('\'' | '"')) = text.chars().next() else { return Ok(None) };
    let mut inside = text.char_indices().skip(1);
    while let Some((at, c)) = inside.next() {
        if c == quote {
            return Ok(Some(at + 1));
        }
        if c == '\\' && quote == '"' {
            inside.next();
        }
    }
    Err(Error::usage(format!("a quotation that begins with {quote} does not end"))
        .advise("write a quote that begins none as \\' or \\\""))
}

/// The length of the plain text at the start of `text`, which is neither quoted nor a file.
fn plain(text: &str) -> Result<usize> {
    match run(text, |c| !is_blank(c) && !"'\":=".contains(c)) {
        0 if text == "\\" => Err(Error::usage("nothing follows the last backslash")),
        // A backslash at the end of a line is for the shell.
        0 if text.starts_with('\\') => Ok(2),
        0 => Ok(text.chars().next().map_or(0, char::len_utf8)),
        length => Ok(length),
    }
}

/// The length of the longest prefix of `text` that consists of `allowed` and of escaped characters.
fn run(text: &str, allowed: impl Fn(char) -> bool) -> usize {
    atoms(text)
        .take_while(|atom| atom.len() > atom.chars().next().map_or(0, char::len_utf8) || atom.starts_with(&allowed))
        .map(str::len)
        .sum()
}

/// The characters of `text`, each with the backslash before it, up to a backslash at the end of a line or of `text`.
fn atoms(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut chars = rest.chars();
        let length = match chars.next()? {
            '\\' => 1 + chars.next().filter(|c| *c != '\n')?.len_utf8(),
            plain => plain.len_utf8(),
        };
        let (atom, after) = rest.split_at(length);
        rest = after;
        Some(atom)
    })
}

/// Python's `\s`.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// `PATH#NAME` before its parts are checked.
struct Named<'a> {
    path: &'a str,
    name: &'a str,
    is_directory: bool,
    is_archive: bool,
}

impl<'a> Named<'a> {
    /// The file named at the start of `text`, and the length of its name; `None` if there is none.
    fn read(text: &'a str) -> Option<(Self, usize)> {
        let (path, is_directory) = uri(text).map(|path| (path, false)).or_else(|| local(text))?;
        let hash = path.len() + usize::from(is_directory);
        let behind = &text[hash + 1..];
        let name = &behind[..run(behind, |c| !is_blank(c) && !"'\":;><|=/#".contains(c))];
        let is_archive = behind[name.len()..].starts_with('/');
        let length = hash + 1 + name.len() + usize::from(is_archive);
        Some((Self { path, name, is_directory, is_archive }, length))
    }

    fn file(&self, machine: &Machine<'_>) -> Result<NamedFile> {
        let path = expanded(self.path, machine);
        let source = if self.is_directory { (machine.pack)(Path::new(&path)) } else { machine.source(&path) };
        let source = source.map_err(|error| {
            error.advise(format!("'{}#' names a file; put quotes around a # that is for the shell", self.path))
        })?;
        Ok(NamedFile {
            source,
            name: (!self.name.is_empty()).then(|| self.name.to_owned()),
            is_archive: self.is_archive || self.is_directory,
        })
    }
}

/// The URI before the `#` at the start of `text`.
fn uri(text: &str) -> Option<&str> {
    let (scheme, behind) = text.split_once("://")?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
    let behind = &behind[..run(behind, |c| !is_blank(c) && !"'\"".contains(c))];
    let at = hashes(behind).filter(|at| is_scheme && *at > 0).last()?;
    Some(&text[..scheme.len() + 3 + at])
}

/// The path before the `#` at the start of `text`, and whether a slash stands between the two.
fn local(text: &str) -> Option<(&str, bool)> {
    let within = &text[..run(text, |c| !is_blank(c) && !"'\":=".contains(c))];
    let path = |at: usize| {
        let path = &text[..at];
        let without_slash = path.strip_suffix('/').filter(|_| !ends_escaped(path));
        let path = without_slash.unwrap_or(path);
        let is_whole = !path.is_empty() && (!path.ends_with('/') || ends_escaped(path));
        is_whole.then_some((path, without_slash.is_some()))
    };
    hashes(within).filter_map(path).last()
}

/// The places in `text` of each `#` that is not escaped.
fn hashes(text: &str) -> impl Iterator<Item = usize> {
    let places = atoms(text).scan(0, |end, atom| {
        *end += atom.len();
        Some((*end - atom.len(), atom))
    });
    places.filter(|(_, atom)| *atom == "#").map(|(at, _)| at)
}

/// Whether the last character of `text` is escaped.
fn ends_escaped(text: &str) -> bool {
    atoms(text).last().is_some_and(|atom| atom.len() > 1 && atom.starts_with('\\'))
}

/// `path` without its backslashes. Escaped characters are not expanded.
fn expanded(path: &str, machine: &Machine<'_>) -> String {
    let mut expanded = String::new();
    let mut plain = String::new();
    for atom in atoms(path) {
        match atom.strip_prefix('\\') {
            Some(escaped) => {
                expanded += &(machine.expand)(&std::mem::take(&mut plain));
                expanded += escaped;
            }
            None => plain += atom,
        }
    }
    expanded + &(machine.expand)(&plain)
}

#[cfg(test)]
mod tests;
