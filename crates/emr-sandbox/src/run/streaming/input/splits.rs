//! Cuts files into splits, one for each map task. Source: `FileInputFormat.getSplits`, `NLineInputFormat`,
//! `JobSubmitter`.

use std::cmp::Reverse;
use std::fs::File;
use std::io;
use std::ops::Range;

use super::InputFormat;
use super::lines::Lines;
use crate::run::filesystem::DataFile;
use crate::run::streaming::compress::Codec;

/// Smaller files stay whole, as do files within a block on Hadoop.
const LEAST: u64 = 8 * 1024 * 1024;

/// The largest split in bytes: Hadoop's block size on S3.
const MOST: u64 = 64 * 1024 * 1024;

/// A part of one file for one map task. It may start and end within a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Split {
    /// The index of the file.
    pub(in super::super) file: usize,
    /// Offsets in bytes. A compressed file is never cut.
    pub(in super::super) range: Range<u64>,
}

/// How files are cut.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Cutting {
    /// How many tasks can run at once.
    pub(in super::super) tasks: usize,
    /// The smallest split in bytes that the job asks for.
    pub(in super::super) least: u64,
}

/// The splits of all files, largest first, which is the order in which Hadoop numbers map tasks.
pub(in super::super) fn split(files: &[DataFile], format: &InputFormat, cutting: Cutting) -> io::Result<Vec<Split>> {
    let mut splits = Vec::new();
    if let InputFormat::NLine { lines } = format {
        for (number, file) in files.iter().enumerate() {
            splits.extend(by_lines(number, file, *lines)?);
        }
    } else {
        let can_be_cut = |file: &DataFile| {
            !matches!(format, InputFormat::Xml { .. }) && Codec::of_file(&file.uri).is_ok_and(|codec| codec.is_none())
        };
        let sizes: Vec<_> = files.iter().map(|file| (file.size, can_be_cut(file))).collect();
        splits = by_size(&sizes, cutting);
    }
    splits.sort_by_key(|split| Reverse(split.range.end - split.range.start));
    Ok(splits)
}

/// Cuts files into about as many splits as tasks can run at once. Each file has its size in bytes and whether it can be
/// cut.
fn by_size(files: &[(u64, bool)], cutting: Cutting) -> Vec<Split> {
    let total: u64 = files.iter().map(|(size, _)| size).sum();
    let size = total.div_ceil(cutting.tasks.max(1) as u64).clamp(LEAST, MOST).max(cutting.least);
    let cut_one = |(file, &(length, can_be_cut)): (usize, &(u64, bool))| {
        let pieces = if can_be_cut { length.div_ceil(size).max(1) } else { 1 };
        let piece = length.div_ceil(pieces);
        let range = move |n: u64| (n * piece).min(length)..((n + 1) * piece).min(length);
        (0..pieces).map(move |n| Split { file, range: range(n) })
    };
    files.iter().enumerate().flat_map(cut_one).collect()
}

/// Cuts a file after every `most` lines. A line reader skips the first line of a split that does not start its file,
/// and reads a line that starts where the split ends; so each split starts and ends a byte early.
fn by_lines(number: usize, file: &DataFile, most: i64) -> io::Result<Vec<Split>> {
    if !matches!(Codec::of_file(&file.uri), Ok(None)) {
        return Err(io::Error::other(format!(
            "the sandbox does not cut compressed files by lines (NLineInputFormat): {}",
            file.uri
        )));
    }
    let mut lines = Lines::new(File::open(&file.path)?);
    let mut splits = Vec::new();
    let (mut start, mut end, mut count) = (0_u64, 0_u64, 0);
    let mut push = |start: u64, end: u64| splits.push(Split { file: number, range: start.saturating_sub(1)..end - 1 });
    loop {
        let size = lines.advance()? as u64;
        if size == 0 {
            break;
        }
        (end, count) = (end + size, count + 1);
        if count == most {
            push(start, end);
            (start, count) = (end, 0);
        }
    }
    if count > 0 {
        push(start, end);
    }
    Ok(splits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CUTTING: Cutting = Cutting { tasks: 4, least: 1 };

    #[test]
    fn a_file_is_cut_into_equal_parts_that_cover_it() {
        let splits = by_size(&[(10 * LEAST, true)], CUTTING);
        let ranges: Vec<_> = splits.iter().map(|split| split.range.clone()).collect();
        assert_eq!(ranges.len(), 4);
        assert_eq!((ranges[0].start, ranges[3].end), (0, 10 * LEAST));
        assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert_eq!(by_size(&[(10 * LEAST, true)], Cutting { least: 10 * LEAST, ..CUTTING }).len(), 1);
    }

    #[test]
    fn small_and_compressed_files_stay_whole() {
        let splits = by_size(&[(LEAST / 2, true), (100 * LEAST, false), (0, true)], CUTTING);
        assert_eq!(splits.len(), 3);
        assert_eq!(splits[1].range, 0..100 * LEAST);
        assert_eq!(splits[2].range, 0..0);
    }
}
