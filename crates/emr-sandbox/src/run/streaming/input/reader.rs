//! Reads the records of a split. Source: `LineRecordReader`, `KeyValueLineRecordReader`.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write};
use std::ops::Range;

use memchr::memchr;

use super::lines::Lines;
use super::xml::XmlReader;
use super::{InputFormat, Split};
use crate::run::filesystem::DataFile;
use crate::run::streaming::compress::Codec;

/// Read buffer of a compressed file.
const BUFFER: usize = 256 * 1024;

/// UTF-8's byte-order mark, which is not part of the first line.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A record of an input.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Record<'a> {
    pub(in super::super) key: RecordKey<'a>,
    pub(in super::super) value: &'a [u8],
}

/// The key of a record.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) enum RecordKey<'a> {
    Offset(u64),
    Text(&'a [u8]),
}

/// The records of a split.
pub(in super::super) enum SplitReader {
    Lines { lines: LineReader, separator: Option<u8> },
    Xml(XmlReader),
}

impl SplitReader {
    /// Opens a split of `file`. Lines of `longest` or more bytes are skipped.
    pub(in super::super) fn open(
        file: &DataFile,
        split: &Split,
        format: &InputFormat,
        longest: u64,
    ) -> io::Result<Self> {
        let codec = Codec::of_file(&file.uri).map_err(io::Error::other)?;
        let lines = |delimiter| LineReader::open(file, split.range.clone(), codec, delimiter, longest);
        Ok(match format {
            InputFormat::Text { delimiter } => Self::Lines { lines: lines(delimiter.clone())?, separator: None },
            InputFormat::NLine { .. } => Self::Lines { lines: lines(None)?, separator: None },
            InputFormat::KeyValue { separator } => Self::Lines { lines: lines(None)?, separator: Some(*separator) },
            InputFormat::Xml { begin, end } => Self::Xml(XmlReader::open(file, begin, end)?),
        })
    }

    /// The next record; `None` at the end.
    pub(in super::super) fn next(&mut self) -> io::Result<Option<Record<'_>>> {
        match self {
            Self::Xml(reader) => {
                let text = reader.next();
                Ok(text.map(|text| Record { key: RecordKey::Text(text), value: b"" }))
            }
            Self::Lines { lines, separator } => {
                let Some(offset) = lines.advance()? else {
                    return Ok(None);
                };
                let line = lines.line();
                let Some(separator) = separator else {
                    return Ok(Some(Record { key: RecordKey::Offset(offset), value: line }));
                };
                let end = memchr(*separator, line);
                let (key, value) = end.map_or((line, &b""[..]), |end| (&line[..end], &line[end + 1..]));
                Ok(Some(Record { key: RecordKey::Text(key), value }))
            }
        }
    }

    /// Copies buffered lines if a record is a whole line. Returns how many; after 0, [`next`](Self::next) must read on.
    pub(in super::super) fn copy_some(&mut self, output: &mut impl Write) -> io::Result<u64> {
        match self {
            Self::Lines { lines, separator: None } => lines.copy_some(output),
            _ => Ok(0),
        }
    }
}

/// The lines of a split, with their offsets.
pub(in super::super) struct LineReader {
    lines: Lines<Box<dyn Read + Send>>,
    /// The offset of the next line.
    offset: u64,
    /// The last line of the split is the one that starts at this offset or before.
    last: u64,
    longest: u64,
    /// How many bytes at the start of the line are a byte-order mark.
    mark: usize,
}

impl LineReader {
    fn open(
        file: &DataFile,
        range: Range<u64>,
        codec: Option<Codec>,
        delimiter: Option<Vec<u8>>,
        longest: u64,
    ) -> io::Result<Self> {
        let mut input = File::open(&file.path)?;
        let (input, offset, last): (Box<dyn Read + Send>, _, _) = if let Some(codec) = codec {
            (codec.unpack(BufReader::with_capacity(BUFFER, input)), 0, u64::MAX)
        } else {
            input.seek(SeekFrom::Start(range.start))?;
            (Box::new(input), range.start, range.end)
        };
        let mut reader = Self { lines: Lines::ended_by(input, delimiter), offset, last, longest, mark: 0 };
        if offset > 0 {
            // The split before reads this line, or the rest of it.
            reader.offset += reader.lines.advance()? as u64;
        }
        Ok(reader)
    }

    /// The last line read.
    fn line(&self) -> &[u8] {
        &self.lines.line()[self.mark..]
    }

    /// Reads the next line that is not too long. Returns its offset.
    fn advance(&mut self) -> io::Result<Option<u64>> {
        while self.offset <= self.last {
            let offset = self.offset;
            let size = self.lines.advance()?;
            self.offset += size as u64;
            let is_marked = offset == 0 && self.lines.line().starts_with(BYTE_ORDER_MARK);
            self.mark = if is_marked { BYTE_ORDER_MARK.len() } else { 0 };
            match size - self.mark {
                0 => break,
                size if (size as u64) < self.longest => return Ok(Some(offset)),
                _ => {}
            }
        }
        Ok(None)
    }

    fn copy_some(&mut self, output: &mut impl Write) -> io::Result<u64> {
        // The first line may have a byte-order mark, and a length limit needs every line measured.
        if self.offset == 0 || self.longest < u64::MAX || self.offset > self.last {
            return Ok(0);
        }
        let (bytes, lines) = self.lines.copy_some(self.last - self.offset, output)?;
        self.offset += bytes as u64;
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::filesystem::Location;
    use crate::s3::Store;

    fn file(text: &[u8], name: &str) -> (tempfile::TempDir, DataFile) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(name), text).unwrap();
        let store = Store::open(&dir.path().join("s3")).unwrap();
        let file = Location::Local(dir.path().join(name)).file(&store).unwrap();
        (dir, file)
    }

    fn records(file: &DataFile, range: Range<u64>, format: &InputFormat, longest: u64) -> Vec<(String, String)> {
        let split = Split { file: 0, range };
        let mut reader = SplitReader::open(file, &split, format, longest).unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut records = Vec::new();
        while let Some(record) = reader.next().unwrap() {
            let key = match record.key {
                RecordKey::Offset(offset) => offset.to_string(),
                RecordKey::Text(key) => text(key),
            };
            records.push((key, text(record.value)));
        }
        records
    }

    const TEXT: InputFormat = InputFormat::Text { delimiter: None };

    #[test]
    fn every_line_is_in_exactly_one_split_wherever_the_cuts_are() {
        let text = b"one\n\nthree\r\nfour is longer\rfive";
        let (_dir, file) = file(text, "x");
        let end = text.len() as u64;
        let whole = records(&file, 0..end, &TEXT, u64::MAX);
        assert_eq!(whole.len(), 5);
        for first in 0..=end {
            for second in first..=end {
                let mut cut = Vec::new();
                for range in [0..first, first..second, second..end] {
                    if range.start == 0 || !range.is_empty() {
                        cut.extend(records(&file, range, &TEXT, u64::MAX));
                    }
                }
                if first > 0 {
                    assert_eq!(cut, whole, "{first} {second}");
                }
            }
        }
    }

    #[test]
    fn a_byte_order_mark_is_not_part_of_the_text() {
        let (_dir, marked) = file("\u{feff}a\nb\n".as_bytes(), "x");
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(records(&marked, 0..7, &TEXT, u64::MAX), [pair("0", "a"), pair("5", "b")]);
        let (_dir, only) = file("\u{feff}".as_bytes(), "x");
        assert!(records(&only, 0..3, &TEXT, u64::MAX).is_empty());
    }

    #[test]
    fn long_lines_are_skipped_and_keys_end_at_their_separator() {
        let (_dir, file) = file(b"a:1\nlonger:2\nb\n", "x");
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(records(&file, 0..15, &TEXT, 6), [pair("0", "a:1"), pair("13", "b")]);
        let format = InputFormat::KeyValue { separator: b':' };
        assert_eq!(records(&file, 0..15, &format, u64::MAX)[1..], [pair("longer", "2"), pair("b", "")]);
    }

    #[test]
    fn copied_and_read_lines_together_are_the_whole_input() {
        let lines: Vec<_> = (0..50_000).map(|n| format!("line {n}\n")).collect();
        let text = lines.concat() + "a\r\nend";
        let (_dir, file) = file(text.as_bytes(), "x");
        let split = Split { file: 0, range: 0..text.len() as u64 };
        let mut reader = SplitReader::open(&file, &split, &TEXT, u64::MAX).unwrap();
        let (mut output, mut lines) = (Vec::new(), 0);
        loop {
            lines += reader.copy_some(&mut output).unwrap();
            let Some(record) = reader.next().unwrap() else {
                break;
            };
            output.extend([record.value, b"\n"].concat());
            lines += 1;
        }
        assert_eq!(lines, 50_002);
        assert_eq!(String::from_utf8(output).unwrap(), text.replace('\r', "") + "\n");
    }
}
