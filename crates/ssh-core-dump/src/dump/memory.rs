//! The memory of a crashed process, read from its core dump and from the files that it had mapped.
//!
//! This module does no I/O. When a caller asks for bytes that are not here yet, it learns which part of which file is
//! missing ([`Gap::Missing`]), adds that part, and asks again. So the same code reads a local file and one on a node.

use std::collections::HashMap;

use super::header::Header;

/// The size of the blocks that are added, in bytes.
pub(crate) const BLOCK: u64 = 64 << 10;

/// A block of [`BLOCK`] bytes of a file, shorter at its end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Part {
    /// A file that was mapped; `None` for the core dump.
    pub file: Option<String>,
    /// The position of the block.
    pub start: u64,
}

/// Why memory cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Gap {
    /// This part has it, and was not added yet.
    Missing(Part),
    /// No file has it.
    Lost,
}

/// The bytes, or why they cannot be read.
pub(crate) type Read<T> = Result<T, Gap>;

/// The memory of a crashed process.
#[derive(Debug)]
pub(crate) struct Memory<'a> {
    header: &'a Header,
    parts: HashMap<Part, Vec<u8>>,
}

impl<'a> Memory<'a> {
    /// The memory of a core dump with this head, without any blocks.
    #[must_use]
    pub(crate) fn new(header: &'a Header) -> Self {
        Self { header, parts: HashMap::new() }
    }

    /// The head of the core dump.
    #[must_use]
    pub(crate) fn header(&self) -> &'a Header {
        self.header
    }

    /// Adds the bytes of a part.
    pub(crate) fn add(&mut self, part: Part, bytes: Vec<u8>) {
        self.parts.insert(part, bytes);
    }

    /// The `length` bytes at `address`.
    pub(crate) fn bytes(&self, address: u64, length: usize) -> Read<Vec<u8>> {
        let mut bytes = Vec::new();
        while bytes.len() < length {
            let at = address.checked_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX)).ok_or(Gap::Lost)?;
            let there = self.some(at)?;
            bytes.extend(there.iter().take(length - bytes.len()));
        }
        Ok(bytes)
    }

    /// The byte at `address`.
    pub(crate) fn byte(&self, address: u64) -> Read<u8> {
        self.some(address)?.first().copied().ok_or(Gap::Lost)
    }

    /// The 16-bit number at `address`.
    pub(crate) fn short(&self, address: u64) -> Read<u16> {
        Ok(u16::from_le_bytes(self.array(address)?))
    }

    /// The 32-bit number at `address`.
    pub(crate) fn word(&self, address: u64) -> Read<u32> {
        Ok(u32::from_le_bytes(self.array(address)?))
    }

    /// The signed 32-bit number at `address`.
    pub(crate) fn int(&self, address: u64) -> Read<i32> {
        Ok(i32::from_le_bytes(self.array(address)?))
    }

    /// The 64-bit number or address at `address`.
    pub(crate) fn long(&self, address: u64) -> Read<u64> {
        Ok(u64::from_le_bytes(self.array(address)?))
    }

    fn array<const N: usize>(&self, address: u64) -> Read<[u8; N]> {
        self.bytes(address, N)?.try_into().map_err(|_| Gap::Lost)
    }

    /// At least one of the bytes from `address` on.
    fn some(&self, address: u64) -> Read<&[u8]> {
        let (file, offset, most) = self.place(address).ok_or(Gap::Lost)?;
        let part = Part { file: file.map(str::to_owned), start: offset / BLOCK * BLOCK };
        let from = usize::try_from(offset % BLOCK).map_err(|_| Gap::Lost)?;
        let Some(block) = self.parts.get(&part) else { return Err(Gap::Missing(part)) };
        let rest = block.get(from..).filter(|rest| !rest.is_empty()).ok_or(Gap::Lost)?;
        Ok(&rest[..rest.len().min(usize::try_from(most).unwrap_or(usize::MAX))])
    }

    /// The file that has the byte at `address`, the position there, and the number of bytes that follow.
    fn place(&self, address: u64) -> Option<(Option<&str>, u64, u64)> {
        let dumped = self.header.segment(address).and_then(|segment| {
            let into = address - segment.address;
            Some((None, segment.offset.checked_add(into)?, segment.length - into))
        });
        dumped.or_else(|| {
            let mapping = self.header.mapping(address)?;
            let into = address - mapping.start;
            Some((Some(mapping.path.as_str()), mapping.offset.checked_add(into)?, mapping.end - address))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::header::{Mapping, Segment};
    use super::*;

    fn header() -> Header {
        let mapping = Mapping { start: 0x1000, end: 0x3000, offset: 0x2000, path: "/bin/x".to_owned() };
        let dumped = |address, offset, length| Segment { address, offset, length };
        let segments = vec![dumped(0x1000, 0x500, 8), dumped(0x9000, BLOCK - 4, 8)];
        Header { segments, mappings: vec![mapping], ..Header::default() }
    }

    #[test]
    fn memory_that_is_not_in_the_dump_comes_from_the_mapped_file() {
        let header = header();
        let mut memory = Memory::new(&header);
        let dump = Part { file: None, start: 0 };
        assert_eq!(memory.long(0x1000), Err(Gap::Missing(dump.clone())));
        let mut block = vec![1; usize::try_from(BLOCK).unwrap()];
        block[0x500] = 7;
        memory.add(dump, block);
        assert_eq!(memory.byte(0x1000), Ok(7));
        let file = Part { file: Some("/bin/x".to_owned()), start: 0 };
        assert_eq!(memory.word(0x1008), Err(Gap::Missing(file.clone())));
        memory.add(file, vec![2; 0x2010]);
        assert_eq!(memory.short(0x1008), Ok(0x0202));
        assert_eq!(memory.byte(0x1010), Err(Gap::Lost), "the file is shorter than its mapping");
        assert_eq!(memory.byte(0x5000), Err(Gap::Lost));
    }

    #[test]
    fn bytes_across_two_blocks_are_read_from_both() {
        let header = header();
        let mut memory = Memory::new(&header);
        memory.add(Part { file: None, start: 0 }, vec![1; usize::try_from(BLOCK).unwrap()]);
        let next = Part { file: None, start: BLOCK };
        assert_eq!(memory.long(0x9000), Err(Gap::Missing(next.clone())));
        memory.add(next, vec![2; 4]);
        assert_eq!(memory.long(0x9000), Ok(0x0202_0202_0101_0101));
        assert_eq!(memory.bytes(0x9004, 5), Err(Gap::Lost));
        assert_eq!(memory.byte(u64::MAX), Err(Gap::Lost));
    }
}
