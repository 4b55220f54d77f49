//! What the head of a core dump tells: the process and thread that crashed, the signal, and the files that were mapped.
//!
//! The layouts are those of 64-bit little-endian Linux (`elf(5)`, the kernel's `fs/binfmt_elf.c`), which are equal on
//! `x86_64` and `aarch64` for the fields read here. The process that crashed, or a user, may have written anything, so
//! no length is trusted.

use super::head::Head;
use super::number::{i16_at, i32_at, u16_at, u32_at, u64_at};

/// The type of a program header for a part of memory, `PT_LOAD`.
pub(super) const LOAD: u32 = 1;
const NOTE: u32 = 4;

const PROGRAM_HEADER: u16 = 56;

/// This number of program headers means that the real one is in the first section header (`PN_XNUM`).
const MANY: u16 = 0xffff;

const PRSTATUS: u32 = 1;
const PRPSINFO: u32 = 3;
const AUXV: u32 = 6;
const SIGINFO: u32 = 0x5349_4749;
const FILE: u32 = 0x4649_4c45;

/// The key of `auxv` for the address of the executable's program headers, `AT_PHDR`.
const AT_PHDR: u64 = 3;

/// What the head of a core dump tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// The signal that ended the process.
    pub signal: Option<i32>,
    /// The PID, in the PID namespace of the process.
    pub pid: Option<i32>,
    /// The name of the program, at most 15 bytes. The program may have chosen it.
    pub program: String,
    /// The path of the executable, if the dump names the mapped files.
    pub executable: Option<String>,
    /// The length of the complete file in bytes, as the head announces it.
    pub complete_at: u64,
    /// The number of threads.
    pub threads: usize,
    /// The thread that crashed.
    pub crashed: Thread,
    /// The parts of memory in the dump, sorted by address.
    pub segments: Vec<Segment>,
    /// The mapped files, sorted by address.
    pub mappings: Vec<Mapping>,
}

/// A thread.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Thread {
    /// Its id in the kernel.
    pub id: u64,
    /// The address of its thread-local storage, as `pthread_self` returns it; 0 if unknown.
    pub tls: u64,
}

/// A part of memory that is in the dump.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    /// Its address.
    pub address: u64,
    /// Its position in the file.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
}

/// A part of a file that was mapped into memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mapping {
    /// The first address.
    pub start: u64,
    /// The address after the last.
    pub end: u64,
    /// The position in the file where it begins, in bytes.
    pub offset: u64,
    /// The path of the file.
    pub path: String,
}

impl Header {
    /// Reads what has arrived of a head. All fields stay empty if it is not from a 64-bit little-endian Linux, or if
    /// its headers are not where it says.
    #[must_use]
    pub(crate) fn read(head: &Head) -> Self {
        let mut header = Self::default();
        if header.take_in_programs(head).is_none() {
            return header;
        }
        header.executable = header.executable.or_else(|| header.mappings.first().map(|first| first.path.clone()));
        header.segments.sort_by_key(|segment| segment.address);
        header.mappings.sort_by_key(|mapping| mapping.start);
        header
    }

    fn take_in_programs(&mut self, head: &Head) -> Option<()> {
        let elf = head.at(0, 64);
        if !b"\x7fELF\x02\x01".starts_with(elf.get(..6).unwrap_or(elf)) {
            return None;
        }
        // A file that is cut before this is partial.
        self.complete_at = 64;
        let (table, sections) = (u64_at(elf, 32)?, u64_at(elf, 40)?);
        let count = match u16_at(elf, 56)? {
            MANY => {
                self.complete_at = sections.saturating_add(64);
                u32_at(head.at(sections.checked_add(44)?, 4), 0)?
            }
            count => u32::from(count),
        };
        let length = u64::from(count) * u64::from(PROGRAM_HEADER);
        self.complete_at = self.complete_at.max(table.saturating_add(length));
        if u16_at(elf, 54)? == PROGRAM_HEADER {
            // Real notes do not overlap. Thousands of headers for the same megabyte would take minutes.
            let mut room = head.length();
            for program in head.at(table, length).chunks_exact(PROGRAM_HEADER.into()) {
                self.take_in(program, head, &mut room)?;
            }
        }
        Some(())
    }

    /// Takes in what a program header tells, and of the notes that it names at most `room` bytes.
    fn take_in(&mut self, program: &[u8], head: &Head, room: &mut usize) -> Option<()> {
        let kind = u32_at(program, 0)?;
        let (offset, address, length) = (u64_at(program, 8)?, u64_at(program, 16)?, u64_at(program, 32)?);
        self.complete_at = self.complete_at.max(offset.saturating_add(length));
        match kind {
            LOAD if length > 0 => self.segments.push(Segment { address, offset, length }),
            NOTE => {
                let notes = head.at(offset, length);
                let notes = &notes[..notes.len().min(*room)];
                *room -= notes.len();
                self.take_in_notes(notes);
            }
            _ => {}
        }
        Some(())
    }

    fn take_in_notes(&mut self, notes: &[u8]) {
        let mut program_headers = None;
        for (kind, note) in Notes(notes) {
            match kind {
                PRSTATUS => self.take_in_thread(note),
                PRPSINFO => {
                    self.pid = i32_at(note, 24).or(self.pid);
                    self.program = text(note.get(40..56).unwrap_or_default());
                }
                // gdb writes one for each thread, after its status.
                SIGINFO if self.threads <= 1 => self.signal = i32_at(note, 0).or(self.signal),
                AUXV => program_headers = auxiliary(note, AT_PHDR).or(program_headers),
                FILE => self.mappings = mappings(note).unwrap_or_default(),
                _ => {}
            }
        }
        // A process that gdb dumped while it was alive has no signal.
        self.signal = self.signal.filter(|signal| *signal != 0);
        let holds = |mapping: &&Mapping| program_headers.is_some_and(|at| (mapping.start..mapping.end).contains(&at));
        let executable = self.mappings.iter().find(holds);
        self.executable = executable.map(|mapping| mapping.path.clone()).or(self.executable.take());
    }

    fn take_in_thread(&mut self, status: &[u8]) {
        // The thread that crashed comes first. Its registers begin at 112, and the 22nd is fs_base on x86_64. On other
        // machines that register holds no address of a thread.
        if self.threads == 0 {
            let id = u32_at(status, 32).map_or(0, u64::from);
            self.crashed = Thread { id, tls: u64_at(status, 112 + 21 * 8).unwrap_or(0) };
            self.signal = self.signal.or_else(|| i16_at(status, 12).map(i32::from));
            self.pid = self.pid.or_else(|| i32_at(status, 32));
        }
        self.threads += 1;
    }

    /// The mapping that holds `address`.
    #[must_use]
    pub(crate) fn mapping(&self, address: u64) -> Option<&Mapping> {
        let after = self.mappings.partition_point(|mapping| mapping.start <= address);
        self.mappings[..after].last().filter(|mapping| address < mapping.end)
    }

    /// The segment that holds `address`.
    #[must_use]
    pub(super) fn segment(&self, address: u64) -> Option<&Segment> {
        let after = self.segments.partition_point(|segment| segment.address <= address);
        self.segments[..after].last().filter(|segment| address - segment.address < segment.length)
    }

    /// Whether a file of `bytes` bytes is shorter than its head announces: it is still being written, or the disk was
    /// full.
    #[must_use]
    pub(crate) fn is_partial(&self, bytes: u64) -> bool {
        bytes < self.complete_at
    }
}

/// The notes of a segment: type and content.
struct Notes<'a>(&'a [u8]);

impl<'a> Iterator for Notes<'a> {
    type Item = (u32, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let name = usize::try_from(u32_at(self.0, 0)?).ok()?.checked_next_multiple_of(4)?;
        let length = usize::try_from(u32_at(self.0, 4)?).ok()?;
        let kind = u32_at(self.0, 8)?;
        let start = name.checked_add(12)?;
        let note = self.0.get(start..start.checked_add(length)?)?;
        let next = start.checked_add(length.checked_next_multiple_of(4)?)?;
        self.0 = self.0.get(next..).unwrap_or_default();
        Some((kind, note))
    }
}

fn auxiliary(note: &[u8], key: u64) -> Option<u64> {
    note.chunks_exact(16).find(|pair| u64_at(pair, 0) == Some(key)).and_then(|pair| u64_at(pair, 8))
}

fn mappings(note: &[u8]) -> Option<Vec<Mapping>> {
    let count = usize::try_from(u64_at(note, 0)?).ok()?;
    let page = u64_at(note, 8)?;
    let names = note.get(count.checked_mul(24)?.checked_add(16)?..)?;
    let ranges = note.get(16..)?.chunks_exact(24).take(count);
    let mapped = ranges.zip(names.split(|byte| *byte == 0)).map(|(range, name)| {
        let offset = u64_at(range, 16)?.checked_mul(page)?;
        Some(Mapping { start: u64_at(range, 0)?, end: u64_at(range, 8)?, offset, path: text(name) })
    });
    mapped.collect()
}

/// The bytes before the first NUL.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn note(kind: u32, content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).unwrap();
        let mut note = [5_u32, length, kind].map(u32::to_le_bytes).concat();
        note.extend(b"CORE\0\0\0\0");
        note.extend(content);
        note.resize(note.len().next_multiple_of(4), 0);
        note
    }

    fn program(kind: u32, offset: u64, address: u64, length: u64) -> Vec<u8> {
        let mut header = [kind, 4].map(u32::to_le_bytes).concat();
        header.extend([offset, address, 0, length, length, 4096].map(u64::to_le_bytes).concat());
        header
    }

    /// The head of a core dump of PID 49, which died of signal 11, with 100 bytes of memory.
    fn head() -> Vec<u8> {
        let mut status = vec![0; 336];
        status[12] = 11;
        status[32] = 49;
        let mut info = vec![0; 136];
        info[24] = 49;
        info[40..47].copy_from_slice(b"python3");
        let auxv = [3_u64, 0x40_0040, 0, 0].map(u64::to_le_bytes).concat();
        let mut files = [2_u64, 4096, 0x10_0000, 0x10_1000, 0, 0x40_0000, 0x40_1000, 2].map(u64::to_le_bytes).concat();
        files.extend(b"/lib/libc.so.6\0/usr/bin/python3.11\0");
        let notes = [note(1, &status), note(3, &info), note(6, &auxv), note(FILE, &files), note(1, &status)].concat();
        let mut head = b"\x7fELF\x02\x01\x01".to_vec();
        head.resize(64, 0);
        head[16] = 4;
        head[32] = 64;
        head[54] = 56;
        head[56] = 2;
        let length = u64::try_from(notes.len()).unwrap();
        head.extend(program(NOTE, 176, 0, length));
        head.extend(program(LOAD, 176 + length, 0x7000, 100));
        head.extend(notes);
        head
    }

    /// The header of a complete file.
    fn read(file: &[u8]) -> Header {
        let mut head = Head::default();
        head.add(0, file.to_vec());
        Header::read(&head)
    }

    #[test]
    fn the_head_says_who_crashed_and_how() {
        let head = head();
        let header = read(&head);
        assert_eq!((header.signal, header.pid, header.threads), (Some(11), Some(49), 2));
        assert_eq!(header.program, "python3");
        assert_eq!(header.executable.as_deref(), Some("/usr/bin/python3.11"));
        assert_eq!(header.mapping(0x40_0fff).unwrap().offset, 8192);
        assert_eq!(header.segments[0].address, 0x7000);
        let whole = u64::try_from(head.len()).unwrap() + 100;
        assert!(header.is_partial(whole - 1) && !header.is_partial(whole));
    }

    #[test]
    fn notes_may_be_anywhere_and_each_thread_may_have_its_own_signal() {
        let mut status = vec![0; 336];
        status[12] = 11;
        let info = |signal: i32| note(SIGINFO, &signal.to_le_bytes());
        let notes = [note(1, &status), info(11), note(1, &status), info(19)].concat();
        let start = 5 << 30;
        let mut head = Head::default();
        let mut elf = self::head()[..64].to_vec();
        elf[56] = 1;
        head.add(0, elf);
        head.add(64, program(NOTE, start, 0, u64::try_from(notes.len()).unwrap()));
        head.add(start, notes);
        let header = Header::read(&head);
        assert_eq!((header.signal, header.threads), (Some(11), 2));
    }

    #[test]
    fn many_program_headers_are_counted_in_the_first_section_header() {
        let mut elf = head()[..64].to_vec();
        elf[40..48].copy_from_slice(&900_u64.to_le_bytes());
        elf[56..58].copy_from_slice(&MANY.to_le_bytes());
        let mut head = Head::default();
        head.add(0, elf);
        head.add(944, 70_000_u32.to_le_bytes().to_vec());
        let programs: Vec<_> = (0..70_000_u64).flat_map(|at| program(LOAD, 0, at << 20, 4096)).collect();
        head.add(64, programs);
        let header = Header::read(&head);
        assert_eq!(header.segments.len(), 70_000);
        assert_eq!(header.segment((69_000 << 20) + 4095).unwrap().address, 69_000 << 20);
        assert_eq!(header.segment((69_000 << 20) + 4096), None);
    }

    #[test]
    fn other_files_tell_nothing_and_a_stump_is_partial() {
        assert_eq!(read(b"#!/bin/sh"), Header::default());
        let mut narrow = head();
        narrow[4] = 1;
        assert_eq!(read(&narrow), Header::default());
        for length in [4, 17, 63, 64, 100] {
            let header = read(&head()[..length]);
            assert!(header.is_partial(u64::try_from(length).unwrap()), "{length}");
            assert_eq!(header.pid, None);
        }
    }

    #[test]
    fn notes_are_read_once_however_many_headers_name_them() {
        let status = note(PRSTATUS, &[0; 336]);
        let (headers, length) = (1000_usize, u64::try_from(status.len()).unwrap());
        let mut elf = head()[..64].to_vec();
        elf[56..58].copy_from_slice(&u16::try_from(headers).unwrap().to_le_bytes());
        let programs = program(NOTE, 1 << 40, 0, length).repeat(headers);
        let read = (elf.len() + programs.len() + status.len()) / status.len();
        let mut head = Head::default();
        head.add(0, elf);
        head.add(64, programs);
        head.add(1 << 40, status);
        assert_eq!(Header::read(&head).threads, read);
    }

    #[test]
    fn headers_beyond_the_end_of_any_file_make_it_partial() {
        for wild in [1 << 40, 1 << 62, 1 << 63, u64::MAX] {
            let mut head = head();
            head[32..40].copy_from_slice(&u64::to_le_bytes(wild));
            assert!(read(&head).is_partial(1 << 39), "{wild}");
        }
        let mut head = head();
        head[40..48].copy_from_slice(&[0xff; 8]);
        head[56..58].copy_from_slice(&MANY.to_le_bytes());
        assert!(read(&head).is_partial(1 << 39), "the first section header is missing");
    }

    proptest! {
        #[test]
        fn a_head_that_lies_or_ends_early_does_no_harm(at in 0_usize..800, byte: u8, length in 0_usize..800) {
            let mut head = head();
            if let Some(place) = head.get_mut(at) {
                *place = byte;
            }
            head.truncate(length);
            let _ = read(&head);
        }
    }
}
