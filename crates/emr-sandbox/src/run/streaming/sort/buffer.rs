//! The records of a map task in memory until they are sorted.

use std::cmp::Ordering;
use std::io;

use super::quick;
use super::records::Records;
use crate::run::streaming::keys::Comparator;

/// A buffer of this many bytes is full: 80 % of the 100 MB that `mapreduce.task.io.sort.mb` has by default.
const FULL: usize = 80 * 1024 * 1024;

/// Records, each with the number of its reducer.
#[derive(Default)]
pub(in super::super) struct Buffer {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

/// The place of a record in the bytes: its key, then its value.
#[derive(Clone, Copy)]
struct Entry {
    /// Orders most keys without reading their bytes.
    prefix: u64,
    reducer: u32,
    start: u32,
    key: u32,
    value: u32,
}

impl Entry {
    fn key(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.start as usize..][..self.key as usize]
    }

    fn value(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.start as usize + self.key as usize..][..self.value as usize]
    }
}

impl Buffer {
    pub(in super::super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the records should be written before more are added.
    pub(in super::super) fn is_full(&self) -> bool {
        self.bytes.len() + self.entries.len() * size_of::<Entry>() >= FULL
    }

    /// Adds a record. Fails for one of 4 GiB or more.
    pub(in super::super) fn push(
        &mut self,
        comparator: &Comparator,
        reducer: usize,
        key: &[u8],
        value: &[u8],
    ) -> io::Result<()> {
        let small = |number: usize| u32::try_from(number).map_err(|_| io::Error::other("a record is too large"));
        let entry = Entry {
            prefix: comparator.prefix(key),
            reducer: small(reducer)?,
            start: small(self.bytes.len())?,
            key: small(key.len())?,
            value: small(value.len())?,
        };
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(value);
        self.entries.push(entry);
        Ok(())
    }

    /// Sorts by reducer, then by key. Hadoop's buffer grows downwards, so of a few equal records the last one comes
    /// first.
    pub(in super::super) fn sort(&mut self, comparator: &Comparator) {
        let bytes = &self.bytes;
        let by_key = |a: &Entry, b: &Entry| comparator.compare(a.key(bytes), b.key(bytes));
        let compare = |a: &Entry, b: &Entry| match a.reducer.cmp(&b.reducer).then(a.prefix.cmp(&b.prefix)) {
            Ordering::Equal => by_key(a, b),
            unequal => unequal,
        };
        self.entries.reverse();
        quick::sort(&mut self.entries, &compare);
    }

    /// The records of one reducer, in order if they are sorted.
    pub(in super::super) fn of_reducer(&self, reducer: usize) -> BufferRecords<'_> {
        let reducer = u32::try_from(reducer).unwrap_or(u32::MAX);
        let start = self.entries.partition_point(|entry| entry.reducer < reducer);
        let end = self.entries.partition_point(|entry| entry.reducer <= reducer);
        BufferRecords { bytes: &self.bytes, entries: self.entries[start..end].iter() }
    }

    pub(in super::super) fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
    }
}

/// The records of one reducer in a buffer.
pub(in super::super) struct BufferRecords<'a> {
    bytes: &'a [u8],
    entries: std::slice::Iter<'a, Entry>,
}

impl BufferRecords<'_> {
    pub(in super::super) fn is_empty(&self) -> bool {
        self.entries.len() == 0
    }
}

impl Records for BufferRecords<'_> {
    fn next(&mut self) -> io::Result<Option<(&[u8], &[u8])>> {
        Ok(self.entries.next().map(|entry| (entry.key(self.bytes), entry.value(self.bytes))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_sorted_by_reducer_and_key_and_the_last_equal_one_comes_first() {
        let mut buffer = Buffer::default();
        for (reducer, key, value) in [(1, "b", "1"), (0, "x", "2"), (1, "a", "3"), (1, "b", "4")] {
            buffer.push(&Comparator::Bytes, reducer, key.as_bytes(), value.as_bytes()).unwrap();
        }
        buffer.sort(&Comparator::Bytes);
        let of = |reducer| {
            let mut records = buffer.of_reducer(reducer);
            let mut text = Vec::new();
            while let Some((key, value)) = records.next().unwrap() {
                text.extend([key, value, b" "].concat());
            }
            String::from_utf8(text).unwrap()
        };
        assert_eq!([of(0), of(1), of(2)], ["x2 ", "a3 b4 b1 ", ""]);
    }
}
