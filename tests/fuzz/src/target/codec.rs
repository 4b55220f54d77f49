//! Packed part files. The first byte chooses the codec, the second the size of what is read at once.

use std::io::Write as _;

use fetch_output::untrusted::{CODECS, unpacked};

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

/// What is packed comes out, and what is cut is an error.
fn round_trips(text: &[u8], cut: usize) {
    for (codec, packed) in [packed_by_gzip(text), packed_by_zlib(text), packed_by_bzip2(text)].into_iter().enumerate() {
        assert_eq!(unpacked(codec, &packed, 100).unwrap(), text);
        let cut = 1 + cut % (packed.len() - 1);
        assert!(unpacked(codec, &packed[..cut], 100).is_err(), "{codec} breaks off at {cut} of {}", packed.len());
    }
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
