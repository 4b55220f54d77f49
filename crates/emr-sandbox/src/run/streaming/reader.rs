//! Reads the lines of a split.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Seek as _, SeekFrom, Write};
use std::ops::Range;

use flate2::read::MultiGzDecoder;
use memchr::memchr_iter;

use super::super::filesystem::location::Found;

const BUFFER: usize = 256 * 1024;

/// Whether an input can be read from its middle: gzip cannot.
pub(super) fn can_be_cut(input: &Found) -> bool {
    !is_gzip(input)
}

fn is_gzip(input: &Found) -> bool {
    std::path::Path::new(&input.uri).extension().is_some_and(|extension| extension == "gz")
}

/// Writes the lines that begin in `range` of `input` to `output`, the last one ended even where
/// the file does not end it. Answers their number.
pub(super) fn copy(input: &Found, range: Range<u64>, output: &mut impl Write) -> io::Result<u64> {
    let mut file = File::open(&input.path)?;
    if is_gzip(input) {
        return copy_lines(MultiGzDecoder::new(BufReader::with_capacity(BUFFER, file)), output);
    }
    let from = line_start(&mut file, range.start)?;
    let to = line_start(&mut file, range.end)?;
    file.seek(SeekFrom::Start(from))?;
    copy_lines(file.take(to.saturating_sub(from)), output)
}

/// Where the first line begins that begins at `offset` or later.
fn line_start(file: &mut File, offset: u64) -> io::Result<u64> {
    let Some(before) = offset.checked_sub(1) else {
        return Ok(0);
    };
    file.seek(SeekFrom::Start(before))?;
    let rest = BufReader::new(file).skip_until(b'\n')?;
    Ok(before + rest as u64)
}

fn copy_lines(mut input: impl Read, output: &mut impl Write) -> io::Result<u64> {
    let mut buffer = vec![0; BUFFER];
    let (mut lines, mut is_ended) = (0, true);
    loop {
        let length = input.read(&mut buffer)?;
        let Some(last) = buffer[..length].last() else {
            break;
        };
        is_ended = *last == b'\n';
        lines += memchr_iter(b'\n', &buffer[..length]).count() as u64;
        output.write_all(&buffer[..length])?;
    }
    if !is_ended {
        output.write_all(b"\n")?;
        lines += 1;
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::super::super::filesystem::location::Location;
    use super::*;
    use crate::s3::Store;

    fn found(text: &[u8], name: &str) -> (tempfile::TempDir, Found) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(name), text).unwrap();
        let store = Store::open(&dir.path().join("s3")).unwrap();
        let found = Location::Local(dir.path().join(name)).file(&store).unwrap();
        (dir, found)
    }

    #[test]
    fn every_line_is_in_exactly_one_split_wherever_the_cuts_are() {
        let text = b"one\n\nthree\nfour is longer\nfive";
        let (_dir, found) = found(text, "x");
        let end = text.len() as u64;
        for first in 0..=end {
            for second in first..=end {
                let mut output = Vec::new();
                let ranges = [0..first, first..second, second..end];
                let lines = ranges.into_iter().map(|range| copy(&found, range, &mut output).unwrap());
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
        let (_dir, found) = found(&[member(b"a\nb"), member(b"c\n")].concat(), "x.gz");
        let mut output = Vec::new();
        assert_eq!(copy(&found, 0..1, &mut output).unwrap(), 2);
        assert_eq!(output, b"a\nbc\n");
    }
}
