//! Records between two marks, such as `<page>` and `</page>`. As `StreamXmlRecordReader`, but over a whole file.

use std::fs;
use std::io::{self, Read as _};
use std::ops::Range;

use memchr::memmem;

use crate::run::filesystem::DataFile;
use crate::run::streaming::compress::Codec;

/// The records of a file.
pub(in super::super) struct XmlReader {
    text: Vec<u8>,
    begin: Vec<u8>,
    end: Vec<u8>,
    /// The range of the last record read.
    record: Range<usize>,
}

impl XmlReader {
    pub(super) fn open(file: &DataFile, begin: &[u8], end: &[u8]) -> io::Result<Self> {
        let mut text = fs::read(&file.path)?;
        if let Some(codec) = Codec::of_file(&file.uri).map_err(io::Error::other)? {
            let mut unpacked = Vec::new();
            codec.unpack(text.as_slice()).read_to_end(&mut unpacked)?;
            text = unpacked;
        }
        Ok(Self { text, begin: begin.to_vec(), end: end.to_vec(), record: 0..0 })
    }

    /// The next record, with its marks; `None` if there is no other pair of marks.
    pub(super) fn next(&mut self) -> Option<&[u8]> {
        let rest = self.record.end;
        let start = rest + memmem::find(&self.text[rest..], &self.begin)?;
        let inner = start + self.begin.len();
        let end = inner + memmem::find(&self.text[inner..], &self.end)? + self.end.len();
        self.record = start..end;
        Some(&self.text[self.record.clone()])
    }
}
