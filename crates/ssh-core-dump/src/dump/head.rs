//! The head of a core dump: ELF header, program headers and notes, as they arrive from a node.

/// Parts of a core dump, each with its position in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Head(Vec<(u64, Vec<u8>)>);

impl Head {
    /// Adds the bytes that begin at `start`.
    pub(crate) fn add(&mut self, start: u64, bytes: Vec<u8>) {
        self.0.push((start, bytes));
    }

    /// The number of bytes that are here.
    pub(super) fn length(&self) -> usize {
        self.0.iter().map(|(_, bytes)| bytes.len()).sum()
    }

    /// The bytes from `start` on: at most `length`, fewer if the rest is not here.
    pub(super) fn at(&self, start: u64, length: u64) -> &[u8] {
        let rest = |(at, bytes): &'_ (u64, Vec<u8>)| -> Option<usize> {
            let skipped = usize::try_from(start.checked_sub(*at)?).ok()?;
            (skipped < bytes.len()).then_some(skipped)
        };
        let found = self.0.iter().find_map(|piece| rest(piece).map(|skipped| &piece.1[skipped..]));
        let found = found.unwrap_or_default();
        &found[..found.len().min(usize::try_from(length).unwrap_or(usize::MAX))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_from_the_piece_that_has_them_up_to_its_end() {
        let mut head = Head::default();
        head.add(0, b"0123".to_vec());
        head.add(1 << 40, b"abcd".to_vec());
        assert_eq!(head.at(1, 2), b"12");
        assert_eq!(head.at(2, 9), b"23");
        assert_eq!(head.at((1 << 40) + 3, u64::MAX), b"d");
        for nowhere in [4, (1 << 40) - 1, (1 << 40) + 4, u64::MAX] {
            assert_eq!(head.at(nowhere, 1), b"", "{nowhere}");
        }
    }
}
