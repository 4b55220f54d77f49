//! The frames of a node's answers.

use std::io::Read;

use flate2::read::ZlibDecoder;
use sha2::{Digest, Sha256};

/// The length of a frame's head.
pub(crate) const HEAD: usize = 1 + 8 + 4 + 4 + 32;

/// The size of a chunk of a file, in bytes; the same number as in `helper.py`.
pub(crate) const CHUNK: u64 = 1 << 20;

/// The longest payload, in bytes.
const LONGEST: usize = 8 << 20;

/// The head of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Its kind.
    pub kind: FrameKind,
    /// The number of the chunk, or another number that depends on the kind.
    pub number: u64,
    /// The length of its payload, in bytes.
    pub length: usize,
    /// The compressed length of its payload, in bytes.
    pub packed: usize,
    /// The payload's SHA-256.
    pub sha256: [u8; 32],
}

/// The kind of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameKind {
    /// The greeting: facts about the node.
    Greeting,
    /// A piece of a core dump's head; the number is its position in the file.
    Head,
    /// A core dump's path and identity. It comes after the head.
    Core,
    /// The path of a file that the helper may not read.
    Unreadable,
    /// The path of an empty file; the number is its modification time, in seconds since 1970.
    Empty,
    /// The same for a compressed file.
    Packed,
    /// A chunk of a file.
    Chunk,
    /// The SHA-256 of a chunk that is already here.
    Same,
    /// Sent so that the reader keeps waiting, during long zeros or on a slow disk.
    Patience,
    /// A part of a file, for [`super::Link::read`].
    Part,
    /// The output of gdb.
    Text,
    /// The error of a request; the number is the `errno`.
    Failure,
    /// The end of an answer.
    End,
}

impl Frame {
    /// Parses a head. `None` if our helper cannot have sent it.
    #[must_use]
    pub(crate) fn read(head: &[u8; HEAD]) -> Option<Self> {
        let kind = FrameKind::of(head[0])?;
        let number = u64::from_be_bytes(head[1..9].try_into().ok()?);
        let length = usize::try_from(u32::from_be_bytes(head[9..13].try_into().ok()?)).ok()?;
        let packed = usize::try_from(u32::from_be_bytes(head[13..17].try_into().ok()?)).ok()?;
        let sha256 = head[17..].try_into().ok()?;
        // zlib makes incompressible data longer, by a few bytes per 16 KiB.
        let fits = length <= LONGEST && packed <= length + length / 512 + 64;
        fits.then_some(Self { kind, number, length, packed, sha256 })
    }

    /// Unpacks its payload. `None` if that is not what its head announces.
    #[must_use]
    pub(crate) fn payload(&self, packed: &[u8]) -> Option<Vec<u8>> {
        let mut payload = Vec::with_capacity(self.length);
        let room = u64::try_from(self.length).unwrap_or_default() + 1;
        ZlibDecoder::new(packed).take(room).read_to_end(&mut payload).ok()?;
        let is_whole = payload.len() == self.length && Sha256::digest(&payload)[..] == self.sha256;
        is_whole.then_some(payload)
    }
}

impl FrameKind {
    /// The kind that `byte` stands for.
    pub(crate) fn of(byte: u8) -> Option<Self> {
        Some(match byte {
            b'v' => Self::Greeting,
            b'c' => Self::Core,
            b'h' => Self::Head,
            b'?' => Self::Unreadable,
            b'e' => Self::Empty,
            b'z' => Self::Packed,
            b'+' => Self::Chunk,
            b'=' => Self::Same,
            b'~' => Self::Patience,
            b'r' => Self::Part,
            b't' => Self::Text,
            b'!' => Self::Failure,
            b'.' => Self::End,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(kind: u8, length: u32, packed: u32) -> [u8; HEAD] {
        let mut head = [7; HEAD];
        head[0] = kind;
        head[1..9].copy_from_slice(&5_u64.to_be_bytes());
        head[9..13].copy_from_slice(&length.to_be_bytes());
        head[13..17].copy_from_slice(&packed.to_be_bytes());
        head
    }

    #[test]
    fn a_head_is_parsed_as_it_was_written() {
        let frame = Frame::read(&head(b'+', 1 << 20, 1000)).unwrap();
        let expected = Frame { kind: FrameKind::Chunk, number: 5, length: 1 << 20, packed: 1000, sha256: [7; 32] };
        assert_eq!(frame, expected);
    }

    #[test]
    fn unknown_kinds_and_long_payloads_are_refused() {
        assert_eq!(Frame::read(&head(b'x', 1, 1)), None);
        assert_eq!(Frame::read(&head(b'+', 9 << 20, 1)), None);
        assert_eq!(Frame::read(&head(b'+', 1, 1 << 30)), None);
    }
}
