//! Reads the lines of a split.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write};
use std::ops::Range;

use flate2::read::MultiGzDecoder;

use super::lines;
use crate::run::filesystem::DataFile;

const BUFFER: usize = 256 * 1024;

/// Whether reading may begin in the middle of an input. In gzip it may not.
pub(super) fn can_be_cut(input: &DataFile) -> bool {
    !is_gzip(input)
}

fn is_gzip(input: &DataFile) -> bool {
    std::path::Path::new(&input.uri).extension().is_some_and(|extension| extension == "gz")
}

/// Copies the lines that begin in `range` of `input`, and ends the last one where the file does
/// not. Returns their number.
pub(super) fn copy(input: &DataFile, range: Range<u64>, output: &mut impl Write) -> io::Result<u64> {
    let mut file = File::open(&input.path)?;
    if is_gzip(input) {
        return lines::copy(MultiGzDecoder::new(BufReader::with_capacity(BUFFER, file)), output);
    }
    let from = line_start(&mut file, range.start)?;
    let to = line_start(&mut file, range.end)?;
    file.seek(SeekFrom::Start(from))?;
    lines::copy(file.take(to.saturating_sub(from)), output)
}

/// The offset of the first line that begins at `offset` or later.
fn line_start(file: &mut File, offset: u64) -> io::Result<u64> {
    let Some(before) = offset.checked_sub(1) else {
        return Ok(0);
    };
    file.seek(SeekFrom::Start(before))?;
    let rest = BufReader::new(file).skip_until(b'\n')?;
    Ok(before + rest as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::filesystem::Location;
    use crate::s3::Store;

    fn input(text: &[u8], name: &str) -> (tempfile::TempDir, DataFile) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(name), text).unwrap();
        let store = Store::open(&dir.path().join("s3")).unwrap();
        let input = Location::Local(dir.path().join(name)).file(&store).unwrap();
        (dir, input)
    }

    #[test]
    fn every_line_is_in_exactly_one_split_wherever_the_cuts_are() {
        let text = b"one\n\nthree\nfour is longer\nfive";
        let (_dir, input) = input(text, "x");
        let end = text.len() as u64;
        for first in 0..=end {
            for second in first..=end {
                let mut output = Vec::new();
                let ranges = [0..first, first..second, second..end];
                let lines = ranges.into_iter().map(|range| copy(&input, range, &mut output).unwrap());
                assert_eq!(lines.sum::<u64>(), 5, "{first} {second}");
                assert_eq!(output, b"one\n\nthree\nfour is longer\nfive\n", "{first} {second}");
            }
        }
    }

    #[test]
    fn gzip_is_read_through_all_its_members() {
        let member = |text: &[u8]| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        };
        let (_dir, input) = input(&[member(b"a\nb"), member(b"c\n")].concat(), "x.gz");
        let mut output = Vec::new();
        assert_eq!(copy(&input, 0..1, &mut output).unwrap(), 2);
        assert_eq!(output, b"a\nbc\n");
    }
}
