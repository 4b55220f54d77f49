//! The blocks in which Hadoop writes Snappy and LZ4: the length of the text, then chunks, each behind its own length, until
//! the text is whole. Neither is the format of the command-line tools `snzip` and `lz4`.
//!
//! Source: `BlockCompressorStream` and `BlockDecompressorStream` of Hadoop

use std::io::{self, BufRead, Read, Write};

/// The largest chunk, packed or not, in bytes. Hadoop's own have 256 KiB unless the configuration says otherwise.
const LARGEST: usize = 64 << 20;

/// LZ4 makes at most so many bytes of one.
const LZ4_RATIO: usize = 255;

/// Unpacks Snappy.
pub(crate) fn snappy(packed: &mut impl BufRead, to: &mut impl Write) -> io::Result<()> {
    let mut decoder = snap::raw::Decoder::new();
    blocks(packed, to, |chunk, text, _| {
        let length = snap::raw::decompress_len(chunk).map_err(invalid)?;
        text.resize(bounded(length)?, 0);
        decoder.decompress(chunk, text).map(drop).map_err(invalid)
    })
}

/// Unpacks LZ4.
pub(crate) fn lz4(packed: &mut impl BufRead, to: &mut impl Write) -> io::Result<()> {
    blocks(packed, to, |chunk, text, left| {
        // The length is not written down; no more than this can come out.
        text.resize(left.min(chunk.len().saturating_mul(LZ4_RATIO)).min(LARGEST), 0);
        let length = lz4_flex::block::decompress_into(chunk, text).map_err(invalid)?;
        text.truncate(length);
        Ok(())
    })
}

/// Has `unpack` unpack each chunk. It is told how much of its block is left.
fn blocks(
    packed: &mut impl BufRead,
    to: &mut impl Write,
    mut unpack: impl FnMut(&[u8], &mut Vec<u8>, usize) -> io::Result<()>,
) -> io::Result<()> {
    let (mut chunk, mut text) = (Vec::new(), Vec::new());
    while !packed.fill_buf()?.is_empty() {
        let mut left = length(packed)?;
        while left > 0 {
            chunk.resize(bounded(length(packed)?)?, 0);
            packed.read_exact(&mut chunk)?;
            unpack(&chunk, &mut text, left)?;
            left = left.checked_sub(text.len()).ok_or_else(|| invalid("a chunk is longer than its block"))?;
            to.write_all(&text)?;
        }
    }
    Ok(())
}

/// A length, which Hadoop writes as a signed number.
fn length(packed: &mut impl Read) -> io::Result<usize> {
    let mut bytes = [0; 4];
    packed.read_exact(&mut bytes)?;
    usize::try_from(i32::from_be_bytes(bytes)).map_err(|_| invalid("a length is negative"))
}

fn bounded(length: usize) -> io::Result<usize> {
    if length <= LARGEST { Ok(length) } else { Err(invalid("a chunk is too large")) }
}

fn invalid(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, cause)
}
