//! The executable and the libraries of a core dump, without which nobody can read it on another machine.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::memory::{Gap, Memory, Read};
use super::symbol;
use crate::file_name::plain;

/// How much of each file the build is told by: its first page, which is in the core dump and has its build id.
const PAGE: usize = 4096;

/// How many files count.
const MOST: usize = 1000;

/// The files that a process ran.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Binaries {
    /// A name for exactly these builds of exactly these files.
    pub build: String,
    /// The files.
    pub files: Vec<Binary>,
}

/// An executable or a library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binary {
    /// Where it is on the node.
    pub path: String,
    /// What it is called here: the name by which others load it, made plain.
    pub name: String,
}

/// The files that a process ran, in the order in which they were mapped.
pub(crate) fn binaries(memory: &Memory<'_>) -> Read<Binaries> {
    let mut hash = Sha256::new();
    let (mut files, mut seen) = (Vec::new(), HashSet::new());
    let mapped = memory.header().mappings.iter().filter(|mapping| mapping.offset == 0);
    for mapping in mapped {
        if files.len() == MOST || seen.contains(&mapping.path) {
            continue;
        }
        let page = match memory.bytes(mapping.start, PAGE) {
            Ok(page) if page.starts_with(b"\x7fELF") => page,
            Err(missing @ Gap::Missing(_)) => return Err(missing),
            _ => continue,
        };
        hash.update(&mapping.path);
        hash.update([0]);
        hash.update(page);
        let name = match symbol::loaded_as(memory, &mapping.path) {
            Err(missing @ Gap::Missing(_)) => return Err(missing),
            loaded_as => loaded_as.unwrap_or_else(|_| last(&mapping.path).to_owned()),
        };
        seen.insert(&mapping.path);
        files.push(Binary { path: mapping.path.clone(), name: plain(&name) });
    }
    Ok(Binaries { build: hex::encode(&hash.finalize()[..8]), files })
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
