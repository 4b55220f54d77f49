//! Merges sorted segments with Hadoop's heap, because the order of equal records is part of a job's result. Source:
//! `org.apache.hadoop.util.PriorityQueue` and `Merger`.

use std::io;

use super::records::Records;
use super::run::{Segment, SegmentReader};
use crate::run::streaming::keys::Comparator;

/// A merge of segments.
pub(in super::super) struct Merge<'a> {
    comparator: &'a Comparator,
    /// A heap with the smallest record at its top.
    heap: Vec<Source>,
    has_begun: bool,
}

/// A segment, positioned at a record.
struct Source {
    prefix: u64,
    reader: SegmentReader,
}

impl<'a> Merge<'a> {
    /// Begins a merge of `segments`. Empty ones are ignored.
    pub(in super::super) fn of<'s>(
        comparator: &'a Comparator,
        segments: impl IntoIterator<Item = &'s Segment>,
    ) -> io::Result<Self> {
        let mut merge = Self { comparator, heap: Vec::new(), has_begun: false };
        for segment in segments {
            let mut reader = SegmentReader::open(segment)?;
            if reader.advance()? {
                let prefix = comparator.prefix(&reader.key);
                merge.heap.push(Source { prefix, reader });
                merge.sift_up();
            }
        }
        Ok(merge)
    }

    /// Whether there are no records.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    fn is_less(&self, a: usize, b: usize) -> bool {
        let (a, b) = (&self.heap[a], &self.heap[b]);
        let by_key = || self.comparator.compare(&a.reader.key, &b.reader.key);
        a.prefix.cmp(&b.prefix).then_with(by_key).is_lt()
    }

    fn sift_up(&mut self) {
        let mut at = self.heap.len() - 1;
        while at > 0 && self.is_less(at, (at - 1) / 2) {
            self.heap.swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
    }

    fn sift_down(&mut self) {
        let mut at = 0;
        loop {
            let (left, right) = (at * 2 + 1, at * 2 + 2);
            let has_right = right < self.heap.len();
            let child = if has_right && self.is_less(right, left) { right } else { left };
            if child >= self.heap.len() || !self.is_less(child, at) {
                return;
            }
            self.heap.swap(at, child);
            at = child;
        }
    }

    /// Moves the source at the top to its next record.
    fn advance(&mut self) -> io::Result<()> {
        let Some(top) = self.heap.first_mut() else {
            return Ok(());
        };
        if top.reader.advance()? {
            top.prefix = self.comparator.prefix(&top.reader.key);
        } else {
            self.heap.swap_remove(0);
        }
        if !self.heap.is_empty() {
            self.sift_down();
        }
        Ok(())
    }
}

impl Records for Merge<'_> {
    fn next(&mut self) -> io::Result<Option<(&[u8], &[u8])>> {
        if std::mem::replace(&mut self.has_begun, true) {
            self.advance()?;
        }
        Ok(self.heap.first().map(|top| (top.reader.key.as_slice(), top.reader.value.as_slice())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::streaming::sort::RunWriter;

    #[test]
    fn segments_are_merged_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let mut runs = Vec::new();
        for (number, keys) in ["adg", "", "beeh", "a"].iter().enumerate() {
            let mut writer = RunWriter::create(&dir.path().join(number.to_string())).unwrap();
            writer.begin();
            for key in keys.bytes() {
                writer.write(&[key], number.to_string().as_bytes()).unwrap();
            }
            runs.push(writer.finish().unwrap());
        }
        let comparator = Comparator::Bytes;
        let mut merge = Merge::of(&comparator, runs.iter().filter_map(|run| run.segment(0))).unwrap();
        let mut text = Vec::new();
        while let Some((key, value)) = merge.next().unwrap() {
            text.extend([key, value].concat());
        }
        assert_eq!(String::from_utf8(text).unwrap(), "a0a3b2d0e2e2g0h2");
    }
}
