//! The executable and the libraries of a core dump, which a debugger on another machine needs.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::memory::{Gap, Memory, Read};
use super::symbol;
use crate::file_name::plain;

/// The part of each file that identifies its build: its first page, which is in the core dump and has the build id.
const PAGE: usize = 4096;

/// The largest number of files. A core dump that lies could name many.
const MOST: usize = 1000;

/// The files that a process ran.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Binaries {
    /// A hash of the paths and builds of all files.
    pub build: String,
    pub files: Vec<Binary>,
}

/// An executable or a library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binary {
    /// Its path on the node.
    pub path: String,
    /// Its name here: the name by which other libraries load it, without special characters.
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
