//! Finds the address of a symbol in a mapped executable or library, with the tables that the dynamic linker uses
//! (`elf(5)`, `DT_GNU_HASH`).

use super::header::LOAD;
use super::memory::{Gap, Memory, Read};

const DYNAMIC: u32 = 2;
const STRINGS: u64 = 5;
const SYMBOLS: u64 = 6;
const NAME: u64 = 14;
const HASH: u64 = 0x6fff_fef5;

/// The largest number of entries read from a table. Real tables have fewer.
const MOST: u64 = 4096;

/// The address of the symbol `name` in the file `path`, wherever that was mapped.
pub(super) fn address(memory: &Memory<'_>, path: &str, name: &str) -> Read<u64> {
    let object = Object::of(memory, path)?;
    let tables = object.tables()?;
    let hash = hash(name);
    let (buckets, first, bloom) =
        (memory.word(tables.hash)?, memory.word(tables.hash + 4)?, memory.word(tables.hash + 8)?);
    let bucket = tables.hash + 16 + u64::from(bloom) * 8 + u64::from(hash % buckets.max(1)) * 4;
    let chains = tables.hash + 16 + u64::from(bloom) * 8 + u64::from(buckets) * 4;
    let start = memory.word(bucket)?;
    if start < first {
        return Err(Gap::Lost);
    }
    for index in u64::from(start)..u64::from(start) + MOST {
        let chained = memory.word(chains + (index - u64::from(first)) * 4)?;
        if chained | 1 == hash | 1 {
            let symbol = tables.symbols + index * 24;
            if is_named(memory, tables.strings + u64::from(memory.word(symbol)?), name)? {
                return Ok(object.bias.wrapping_add(memory.long(symbol + 8)?));
            }
        }
        if chained & 1 == 1 {
            break;
        }
    }
    Err(Gap::Lost)
}

/// The name by which other files load the library `path` (`DT_SONAME`).
pub(super) fn loaded_as(memory: &Memory<'_>, path: &str) -> Read<String> {
    /// The longest file name on Linux.
    const LONGEST: u64 = 255;
    let tables = Object::of(memory, path)?.tables()?;
    let start = tables.strings + tables.name.filter(|name| *name < 1 << 32).ok_or(Gap::Lost)?;
    let mut name = Vec::new();
    for at in start..start + LONGEST {
        match memory.byte(at)? {
            0 => break,
            byte => name.push(byte),
        }
    }
    Ok(String::from_utf8_lossy(&name).into_owned())
}

/// An executable or library in memory.
struct Object<'a> {
    memory: &'a Memory<'a>,
    base: u64,
    bias: u64,
    dynamic: u64,
}

struct Tables {
    hash: u64,
    strings: u64,
    symbols: u64,
    /// The position of its own name in the string table.
    name: Option<u64>,
}

impl<'a> Object<'a> {
    fn of(memory: &'a Memory<'a>, path: &str) -> Read<Self> {
        let mapped = memory.header().mappings.iter().filter(|mapping| mapping.path == path && mapping.offset == 0);
        let base = mapped.map(|mapping| mapping.start).min().filter(|base| is_low(*base)).ok_or(Gap::Lost)?;
        let table = base.checked_add(memory.long(base + 32)?).filter(|table| is_low(*table)).ok_or(Gap::Lost)?;
        let count = memory.short(base + 56)?;
        let (mut bias, mut dynamic) = (None, None);
        for program in (0..u64::from(count)).map(|index| table + index * 56) {
            let (kind, offset, address) =
                (memory.word(program)?, memory.long(program + 8)?, memory.long(program + 16)?);
            match kind {
                LOAD if offset == 0 => bias = Some(base.wrapping_sub(address)),
                DYNAMIC => dynamic = Some(address),
                _ => {}
            }
        }
        let bias = bias.ok_or(Gap::Lost)?;
        Ok(Self { memory, base, bias, dynamic: bias.wrapping_add(dynamic.ok_or(Gap::Lost)?) })
    }

    fn tables(&self) -> Read<Tables> {
        let (mut hash, mut strings, mut symbols, mut name) = (None, None, None, None);
        for entry in (0..MOST).map(|index| self.dynamic.wrapping_add(index * 16)) {
            let value = self.memory.long(entry.wrapping_add(8))?;
            // The dynamic linker has replaced offsets by addresses, except in tables that are read-only.
            let address = if value < self.base { self.bias.wrapping_add(value) } else { value };
            match self.memory.long(entry)? {
                0 => break,
                HASH => hash = Some(address),
                STRINGS => strings = Some(address),
                SYMBOLS => symbols = Some(address),
                NAME => name = Some(value),
                _ => {}
            }
        }
        let (hash, strings, symbols) = (hash.ok_or(Gap::Lost)?, strings.ok_or(Gap::Lost)?, symbols.ok_or(Gap::Lost)?);
        if [hash, strings, symbols].into_iter().all(is_low) {
            Ok(Tables { hash, strings, symbols, name })
        } else {
            Err(Gap::Lost)
        }
    }
}

/// Whether an offset can be added to `address` without overflow: no real address is higher.
fn is_low(address: u64) -> bool {
    address < 1 << 56
}

fn is_named(memory: &Memory<'_>, at: u64, name: &str) -> Read<bool> {
    let found = memory.bytes(at, name.len() + 1)?;
    Ok(found.split_last() == Some((&0, name.as_bytes())))
}

fn hash(name: &str) -> u32 {
    name.bytes().fold(5381, |hash: u32, byte| hash.wrapping_mul(33).wrapping_add(u32::from(byte)))
}
