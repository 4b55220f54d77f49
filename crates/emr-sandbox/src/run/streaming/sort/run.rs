//! A file of sorted records, with a segment for each reducer.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// Buffer for reads and writes.
const BUFFER: usize = 128 * 1024;

/// A file being written, segment by segment.
pub(in super::super) struct RunWriter {
    file: BufWriter<File>,
    run: Run,
}

/// A finished file.
#[derive(Debug)]
pub(in super::super) struct Run {
    path: PathBuf,
    segments: Vec<Segment>,
}

/// The records of one reducer in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Segment {
    path: PathBuf,
    start: u64,
    end: u64,
    /// The bytes that Hadoop needs for it in memory. Segments are merged in this order.
    pub(in super::super) size: u64,
}

impl RunWriter {
    pub(in super::super) fn create(path: &Path) -> io::Result<Self> {
        let file = BufWriter::with_capacity(BUFFER, File::create(path)?);
        Ok(Self { file, run: Run { path: path.to_owned(), segments: Vec::new() } })
    }

    /// Begins the segment of the next reducer.
    pub(in super::super) fn begin(&mut self) {
        let start = self.run.segments.last().map_or(0, |segment| segment.end);
        self.run.segments.push(Segment { path: self.run.path.clone(), start, end: start, size: 2 });
    }

    /// Adds a record to the current segment.
    pub(in super::super) fn write(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).map_err(io::Error::other);
        self.file.write_all(&length(key)?.to_le_bytes())?;
        self.file.write_all(&length(value)?.to_le_bytes())?;
        self.file.write_all(key)?;
        self.file.write_all(value)?;
        if let Some(segment) = self.run.segments.last_mut() {
            segment.end += 8 + key.len() as u64 + value.len() as u64;
            segment.size += hadoops_size(key.len()) + hadoops_size(value.len());
        }
        Ok(())
    }

    pub(in super::super) fn finish(mut self) -> io::Result<Run> {
        self.file.flush()?;
        Ok(self.run)
    }
}

impl Run {
    /// The segment of a reducer.
    pub(in super::super) fn segment(&self, reducer: usize) -> Option<&Segment> {
        self.segments.get(reducer)
    }

    pub(in super::super) fn remove(self) -> io::Result<()> {
        fs::remove_file(self.path)
    }
}

/// The size of a text in Hadoop's files: its length, the length of the text, the text.
fn hadoops_size(length: usize) -> u64 {
    let prefix = |number: u64| match number {
        0..=127 => 1,
        _ => 1 + u64::from(u64::BITS - number.leading_zeros()).div_ceil(8),
    };
    let text = length as u64 + prefix(length as u64);
    text + prefix(text)
}

/// Reads a segment, record by record.
pub(super) struct SegmentReader {
    file: BufReader<io::Take<File>>,
    pub(super) key: Vec<u8>,
    pub(super) value: Vec<u8>,
}

impl SegmentReader {
    pub(super) fn open(segment: &Segment) -> io::Result<Self> {
        let mut file = File::open(&segment.path)?;
        file.seek(SeekFrom::Start(segment.start))?;
        let file = BufReader::with_capacity(BUFFER, file.take(segment.end - segment.start));
        Ok(Self { file, key: Vec::new(), value: Vec::new() })
    }

    /// Reads the next record into `key` and `value`. Returns whether there is one.
    pub(super) fn advance(&mut self) -> io::Result<bool> {
        let mut lengths = [0; 8];
        if self.file.read(&mut lengths[..1])? == 0 {
            return Ok(false);
        }
        self.file.read_exact(&mut lengths[1..])?;
        let [k0, k1, k2, k3, v0, v1, v2, v3] = lengths;
        self.key.resize(u32::from_le_bytes([k0, k1, k2, k3]) as usize, 0);
        self.value.resize(u32::from_le_bytes([v0, v1, v2, v3]) as usize, 0);
        self.file.read_exact(&mut self.key)?;
        self.file.read_exact(&mut self.value)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = RunWriter::create(&dir.path().join("run")).unwrap();
        writer.begin();
        writer.write(b"a", b"1").unwrap();
        writer.begin();
        writer.begin();
        writer.write(b"", &[b'x'; 1000]).unwrap();
        let run = writer.finish().unwrap();
        let read = |reducer| {
            let mut reader = SegmentReader::open(run.segment(reducer).unwrap()).unwrap();
            let mut records = Vec::new();
            while reader.advance().unwrap() {
                records.push((reader.key.len(), reader.value.len()));
            }
            records
        };
        assert_eq!([read(0), read(1), read(2)], [vec![(1, 1)], vec![], vec![(0, 1000)]]);
        assert!(run.segment(3).is_none());
    }
}
