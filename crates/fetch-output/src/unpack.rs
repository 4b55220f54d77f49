//! Unpacks part files as Hadoop writes them: members and frames that follow one another are one file.
//!
//! Little is held at a time, whatever the size of a file and whatever is in it.

use std::io::{self, BufRead, Read, Write};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use ruzstd::decoding::StreamingDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};

use crate::codec::Codec;
use crate::hadoop_blocks::{lz4, snappy};

/// Bytes that are passed on at once.
const BUFFER: usize = 128 << 10;

/// Writes what is packed in `packed` to `to`; all of it, as it is, if there is no codec.
pub(crate) fn unpack(codec: Option<Codec>, packed: &mut impl BufRead, to: &mut impl Write) -> io::Result<()> {
    match codec {
        None => copy(packed, to),
        // A part file to which nothing was written may be empty, packed or not.
        Some(_) if packed.fill_buf()?.is_empty() => Ok(()),
        Some(Codec::Bzip2) => pass_on(MultiBzDecoder::new(packed), to),
        Some(Codec::Deflate) => deflate(packed, to),
        Some(Codec::Gzip) => pass_on(MultiGzDecoder::new(packed), to),
        Some(Codec::Lz4) => lz4(packed, to),
        Some(Codec::Snappy) => snappy(packed, to),
        Some(Codec::Zstandard) => zstandard(packed, to),
    }
}

fn copy(from: &mut impl BufRead, to: &mut impl Write) -> io::Result<()> {
    loop {
        let bytes = from.fill_buf()?;
        if bytes.is_empty() {
            return Ok(());
        }
        to.write_all(bytes)?;
        let length = bytes.len();
        from.consume(length);
    }
}

fn pass_on(mut unpacked: impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        match unpacked.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => to.write_all(&buffer[..length])?,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
}

fn deflate(packed: &mut impl BufRead, to: &mut impl Write) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    while !packed.fill_buf()?.is_empty() {
        member_of_deflate(packed, to, &mut buffer)?;
    }
    Ok(())
}

/// flate2's own reader takes what breaks off for the end.
fn member_of_deflate(packed: &mut impl BufRead, to: &mut impl Write, buffer: &mut [u8]) -> io::Result<()> {
    let mut stream = Decompress::new(true);
    loop {
        let bytes = packed.fill_buf()?;
        let is_over = bytes.is_empty();
        let (taken, written) = (stream.total_in(), stream.total_out());
        let status = stream.decompress(bytes, buffer, FlushDecompress::None)?;
        packed.consume(progress(taken, stream.total_in()));
        let written = progress(written, stream.total_out());
        to.write_all(&buffer[..written])?;
        match status {
            Status::StreamEnd => return Ok(()),
            _ if is_over && written == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            _ => {}
        }
    }
}

/// How far a total has gone on within one buffer.
fn progress(before: u64, now: u64) -> usize {
    usize::try_from(now - before).unwrap_or(usize::MAX)
}

fn zstandard(packed: &mut impl BufRead, to: &mut impl Write) -> io::Result<()> {
    while !packed.fill_buf()?.is_empty() {
        let mut frame = match StreamingDecoder::new(&mut *packed) {
            Ok(frame) => frame,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                skip(packed, length.into())?;
                continue;
            }
            Err(_) => return Err(unreadable()),
        };
        pass_on(Frame(&mut frame), to)?;
        let sum = frame.decoder.get_checksum_from_data();
        if sum.is_some() && sum != frame.decoder.get_calculated_checksum() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the checksum does not match"));
        }
    }
    Ok(())
}

/// A frame whose damage is told in words: its library tells it as a dump of its own values.
struct Frame<R>(R);

impl<R: Read> Read for Frame<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|_| unreadable())
    }
}

fn unreadable() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a frame cannot be read")
}

fn skip(packed: &mut impl BufRead, length: u64) -> io::Result<()> {
    let skipped = io::copy(&mut packed.by_ref().take(length), &mut io::sink())?;
    if skipped == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Write};

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    use proptest::prelude::*;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    const ALL: [Codec; 6] = [Codec::Bzip2, Codec::Deflate, Codec::Gzip, Codec::Lz4, Codec::Snappy, Codec::Zstandard];

    /// `text` as Hadoop packs it.
    fn packed(codec: Codec, text: &[u8]) -> Vec<u8> {
        match codec {
            Codec::Bzip2 => {
                let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap()
            }
            Codec::Deflate => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap()
            }
            Codec::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap()
            }
            Codec::Lz4 => blocks(text, lz4_flex::block::compress),
            Codec::Snappy => blocks(text, |chunk| snap::raw::Encoder::new().compress_vec(chunk).unwrap()),
            Codec::Zstandard => compress_to_vec(text, CompressionLevel::Fastest),
        }
    }

    /// Blocks of up to 1000 bytes, each in chunks of up to 300.
    fn blocks(text: &[u8], pack: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let number = |length: usize| u32::try_from(length).unwrap().to_be_bytes();
        let mut packed = Vec::new();
        for block in text.chunks(1000) {
            packed.extend(number(block.len()));
            for chunk in block.chunks(300) {
                let chunk = pack(chunk);
                packed.extend(number(chunk.len()));
                packed.extend(chunk);
            }
        }
        packed
    }

    fn unpacked(codec: Option<Codec>, packed: &[u8], buffer: usize) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        unpack(codec, &mut BufReader::with_capacity(buffer, packed), &mut text).map(|()| text)
    }

    #[test]
    fn files_that_follow_one_another_are_one_and_empty_ones_are_empty() {
        for codec in ALL {
            let both = [packed(codec, b"one "), packed(codec, b"two")].concat();
            assert_eq!(unpacked(Some(codec), &both, 3).unwrap(), b"one two", "{codec:?}");
            assert_eq!(unpacked(Some(codec), b"", 3).unwrap(), b"", "{codec:?}");
            assert_eq!(unpacked(Some(codec), &packed(codec, b""), 3).unwrap(), b"", "{codec:?}");
        }
    }

    #[test]
    fn what_breaks_off_or_is_something_else_is_an_error() {
        let text: Vec<u8> = (0..5000_u32).flat_map(|number| number.to_string().into_bytes()).collect();
        for codec in ALL {
            let whole = packed(codec, &text);
            for end in [1, whole.len() / 2, whole.len() - 1] {
                assert!(unpacked(Some(codec), &whole[..end], 7).is_err(), "{codec:?} {end}");
            }
            assert!(unpacked(Some(codec), b"plain text, and no more\n", 7).is_err(), "{codec:?}");
        }
    }

    #[test]
    fn frames_of_zstandard_without_data_are_skipped() {
        let skipped = [&b"\x50\x2a\x4d\x18\x03\0\0\0abc"[..], &packed(Codec::Zstandard, b"text")].concat();
        assert_eq!(unpacked(Some(Codec::Zstandard), &skipped, 5).unwrap(), b"text");
        assert!(unpacked(Some(Codec::Zstandard), &skipped[..9], 5).is_err());
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_out(text in prop::collection::vec(0..9_u8, 0..5000), buffer in 1..70_usize) {
            for codec in ALL {
                prop_assert_eq!(&unpacked(Some(codec), &packed(codec, &text), buffer).unwrap(), &text);
            }
            prop_assert_eq!(&unpacked(None, &text, buffer).unwrap(), &text);
        }

        #[test]
        fn nothing_that_is_damaged_makes_it_panic(damage: Vec<(prop::sample::Index, u8)>, codec in prop::sample::select(&ALL[..])) {
            let mut whole = packed(codec, &b"some text, some text".repeat(50));
            for (place, byte) in damage {
                let place = place.index(whole.len());
                whole[place] = byte;
            }
            let _ = unpacked(Some(codec), &whole, 16);
        }
    }
}
