//! Cuts inputs into splits, one per map task. Pure.

use std::ops::Range;

/// The least bytes of a split, unless its file has fewer: starting a task costs more than reading
/// so little.
const MINIMUM: u64 = 1024 * 1024;

/// The most bytes of a split: Hadoop's block size on S3.
const MAXIMUM: u64 = 64 * 1024 * 1024;

/// A part of one input for one map task. Its ends may be within a line: a task reads the lines
/// that begin in its range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Split {
    /// The index of the input.
    pub(super) input: usize,
    /// Offsets in bytes; a compressed input is never cut.
    pub(super) range: Range<u64>,
}

/// Cuts inputs into about as many splits as there are `tasks`. An input is its size in bytes and
/// whether it can be cut.
pub(super) fn cut(inputs: &[(u64, bool)], tasks: usize) -> Vec<Split> {
    let total: u64 = inputs.iter().map(|(size, _)| size).sum();
    let size = total.div_ceil(tasks.max(1) as u64).clamp(MINIMUM, MAXIMUM);
    let cut_one = |(input, &(length, can_be_cut)): (usize, &(u64, bool))| {
        let pieces = if can_be_cut { length.div_ceil(size).max(1) } else { 1 };
        let piece = length.div_ceil(pieces);
        let range = move |n: u64| (n * piece).min(length)..((n + 1) * piece).min(length);
        (0..pieces).map(move |n| Split { input, range: range(n) })
    };
    inputs.iter().enumerate().flat_map(cut_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_cut_into_equal_parts_that_cover_it() {
        let splits = cut(&[(10 * MINIMUM, true)], 4);
        let ranges: Vec<_> = splits.iter().map(|split| split.range.clone()).collect();
        assert_eq!(ranges.len(), 4);
        assert_eq!((ranges[0].start, ranges[3].end), (0, 10 * MINIMUM));
        assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start));
    }

    #[test]
    fn small_and_compressed_inputs_stay_whole() {
        let splits = cut(&[(MINIMUM / 2, true), (100 * MINIMUM, false), (0, true)], 8);
        assert_eq!(splits.len(), 3);
        assert_eq!(splits[1].range, 0..100 * MINIMUM);
        assert_eq!(splits[2].range, 0..0);
    }
}
