//! Packed part files. The first byte chooses the codec, the second the size of what is read at once.

use std::io::Write as _;

use fetch_output::untrusted::{CODECS, unpacked};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use crate::input::choice;

/// Runs the target.
pub fn run(input: &[u8]) {
    let (codec, rest) = choice(input);
    let (buffer, bytes) = choice(rest);
    let codec = codec % CODECS;
    let whole = unpacked(codec, bytes, 1 << 16);
    let in_pieces = unpacked(codec, bytes, buffer % 64 + 1);
    assert_eq!(whole.as_ref().ok(), in_pieces.as_ref().ok(), "pieces do not matter");
    for cut in [bytes.len() / 2, bytes.len().saturating_sub(1)] {
        if let (Ok(whole), Ok(begun)) = (&whole, unpacked(codec, &bytes[..cut], 1 << 16)) {
            assert!(whole.starts_with(&begun), "what is cut has the same beginning");
        }
    }
    if bytes.len() < 2000 {
        round_trips(bytes, buffer);
    }
}

/// The longest text that is cut at each place once it is packed.
const SHORT: usize = 16;

/// A packed text, and where it may be cut: after a block of Hadoop, which counts for itself.
struct Packed {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// What is packed comes out, and what is cut is an error.
fn round_trips(text: &[u8], number: usize) {
    let sizes = (1 + number % 7, 1 + number % 50);
    let level = if number.is_multiple_of(2) { CompressionLevel::Fastest } else { CompressionLevel::Uncompressed };
    let whole = |bytes| Packed { bytes, ends: Vec::new() };
    let all: [Packed; CODECS] = [
        whole(packed_by_gzip(text)),
        whole(packed_by_zlib(text)),
        whole(packed_by_bzip2(text)),
        packed_by_hadoop(text, sizes, lz4_flex::block::compress),
        packed_by_hadoop(text, sizes, |chunk| snap::raw::Encoder::new().compress_vec(chunk).unwrap()),
        whole(compress_to_vec(text, level)),
    ];
    for (codec, packed) in all.iter().enumerate() {
        for buffer in [1 + number % 13, 1 << 16] {
            assert_eq!(unpacked(codec, &packed.bytes, buffer).unwrap(), text, "{codec} {buffer}");
        }
        let last = packed.bytes.len();
        let cuts = if text.len() <= SHORT { 1..last } else { 1 + number % (last - 1)..2 + number % (last - 1) };
        cuts.for_each(|cut| is_cut(codec, packed, cut, text));
    }
}

fn is_cut(codec: usize, packed: &Packed, cut: usize, text: &[u8]) {
    let length = packed.bytes.len();
    match unpacked(codec, &packed.bytes[..cut], 1 + cut % 60) {
        Ok(begun) => assert!(packed.ends.contains(&cut) && text.starts_with(&begun), "{codec} at {cut} of {length}"),
        Err(_) => assert!(!packed.ends.contains(&cut), "{codec} at {cut} of {length}"),
    }
}

/// Blocks of up to so many chunks, each of up to so many bytes.
fn packed_by_hadoop(text: &[u8], (chunks, size): (usize, usize), pack: impl Fn(&[u8]) -> Vec<u8>) -> Packed {
    let length = |length: usize| u32::try_from(length).unwrap().to_be_bytes();
    let (mut bytes, mut ends) = (Vec::new(), Vec::new());
    for block in text.chunks(chunks * size) {
        bytes.extend(length(block.len()));
        for chunk in block.chunks(size) {
            let packed = pack(chunk);
            bytes.extend(length(packed.len()));
            bytes.extend(packed);
        }
        ends.push(bytes.len());
    }
    Packed { bytes, ends }
}

fn packed_by_gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn packed_by_zlib(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn packed_by_bzip2(text: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}
