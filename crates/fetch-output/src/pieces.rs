//! Pieces of part files, read as the files that they are.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::Receiver;

use emr_cli::progress::Bar;
use emr_core::error::{Error, Outcome, Result};
use tokio::sync::OwnedSemaphorePermit;

use crate::codec::Codec;
use crate::parts::Part;

/// A piece that has come.
pub(crate) struct Piece {
    pub(crate) bytes: Vec<u8>,
    /// Its place in memory, which the next piece may take once it is gone.
    pub(crate) place: Option<OwnedSemaphorePermit>,
}

/// Pieces as they come, in order. None is of two part files.
pub(crate) struct Pieces {
    coming: Receiver<Result<Piece>>,
    current: Option<Piece>,
    /// How much of the current piece is read.
    at: usize,
    bar: Bar,
    failure: Option<Error>,
}

impl Pieces {
    pub(crate) fn new(coming: Receiver<Result<Piece>>, bar: Bar) -> Self {
        Self { coming, current: None, at: 0, bar, failure: None }
    }

    /// The part file whose pieces come next, which has so many `bytes`.
    pub(crate) fn part(&mut self, bytes: u64) -> PartReader<'_> {
        PartReader { pieces: self, left: bytes }
    }

    /// Why `part` was not read to its end, where that ended with `cause`: it could not be fetched, or it is damaged.
    pub(crate) fn explain(&mut self, part: &Part, codec: Option<Codec>, cause: &io::Error) -> Error {
        let damaged = || {
            let format = codec.map_or("whole", Codec::name);
            let text = format!("{} is not {format}, is damaged or breaks off: {cause}", part.version.at);
            Error::new(Outcome::No, text).advise("--raw fetches it as it is")
        };
        self.failure.take().unwrap_or_else(damaged)
    }

    fn fill(&mut self) -> io::Result<&[u8]> {
        if self.current.is_none() {
            let next = self.coming.recv().map_err(|_| io::Error::from(io::ErrorKind::UnexpectedEof))?;
            let next = next.map_err(|error| {
                let cause = io::Error::other(error.to_string());
                self.failure = Some(error);
                cause
            });
            (self.current, self.at) = (Some(next?), 0);
        }
        Ok(self.current.as_ref().map_or(&[], |piece| &piece.bytes[self.at..]))
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount;
        self.bar.inc(amount as u64);
        if let Some(piece) = self.current.take_if(|piece| self.at >= piece.bytes.len()) {
            drop(piece.place);
        }
    }
}

/// One part file.
pub(crate) struct PartReader<'a> {
    pieces: &'a mut Pieces,
    left: u64,
}

impl PartReader<'_> {
    /// Checks that all of it was read.
    pub(crate) fn end(&self) -> io::Result<()> {
        match self.left {
            0 => Ok(()),
            _ => Err(io::Error::new(io::ErrorKind::InvalidData, "something else follows what is packed")),
        }
    }
}

impl BufRead for PartReader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 { Ok(&[]) } else { self.pieces.fill() }
    }

    fn consume(&mut self, amount: usize) {
        self.left -= amount as u64;
        self.pieces.consume(amount);
    }
}

impl Read for PartReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?;
        let length = bytes.len().min(buffer.len());
        buffer[..length].copy_from_slice(&bytes[..length]);
        self.consume(length);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use proptest::prelude::*;

    use super::*;
    use crate::transfer::ranges;

    fn piece(bytes: &[u8]) -> Piece {
        Piece { bytes: bytes.to_vec(), place: None }
    }

    #[test]
    fn a_piece_that_could_not_be_fetched_ends_its_part_with_the_reason() {
        let (sender, coming) = channel();
        sender.send(Ok(piece(b"begun"))).unwrap();
        sender.send(Err(Error::new(Outcome::Denied, "no more of it"))).unwrap();
        let mut pieces = Pieces::new(coming, Bar::hidden());
        let mut text = Vec::new();
        let cause = pieces.part(9).read_to_end(&mut text).unwrap_err();
        let version = emr_aws::s3::Version { at: "s3://b/x".parse().unwrap(), etag: String::new(), bytes: 9 };
        let part = Part { name: "x".to_owned(), version, is_whole: true };
        let error = pieces.explain(&part, None, &cause);
        assert_eq!(
            (text.as_slice(), error.outcome, error.to_string().as_str()),
            (&b"begun"[..], Outcome::Denied, "no more of it")
        );
        let error = pieces.explain(&part, Some(Codec::Gzip), &io::Error::other("bad header"));
        assert!(
            error.to_string().starts_with("s3://b/x is not gzip, is damaged or breaks off: bad header; --raw"),
            "{error}"
        );
    }

    proptest! {
        #[test]
        fn ranges_put_together_are_the_files_that_they_are_of(
            files in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8),
            size in 1..20_u64,
        ) {
            let (sender, coming) = channel();
            for file in &files {
                for range in ranges(file.len() as u64, size) {
                    let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
                    prop_assert!(!range.is_empty() && range.len() as u64 <= size);
                    sender.send(Ok(piece(&file[range]))).unwrap();
                }
            }
            drop(sender);
            let mut pieces = Pieces::new(coming, Bar::hidden());
            for file in &files {
                let mut read = Vec::new();
                let mut part = pieces.part(file.len() as u64);
                part.read_to_end(&mut read).unwrap();
                prop_assert!(part.end().is_ok());
                prop_assert_eq!(&read, file);
            }
        }
    }
}
