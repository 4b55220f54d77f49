//! Codecs of inputs and outputs, by file extension and by Hadoop's class.

use std::io::{self, BufRead, Read, Write};

use bzip2::read::MultiBzDecoder;
use bzip2::write::BzEncoder;
use flate2::bufread::{MultiGzDecoder, ZlibDecoder};
use flate2::write::{GzEncoder, ZlibEncoder};

/// A codec that the sandbox supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    Gzip,
    Bzip2,
    /// zlib's format, Hadoop's default.
    Deflate,
}

/// Extensions of codecs that Hadoop or EMR has and the sandbox does not.
const LACKING: [&str; 6] = [".lz4", ".snappy", ".zst", ".lzo", ".lzo_deflate", ".sz"];

impl Codec {
    /// The codec of a file by its name; `None` for an uncompressed one. Fails for an unsupported codec.
    pub(super) fn of_file(name: &str) -> Result<Option<Self>, String> {
        let name = name.to_lowercase();
        if let Some(ending) = LACKING.into_iter().find(|ending| name.ends_with(ending)) {
            return Err(format!("the sandbox has no codec for files ending in {ending}: {name}"));
        }
        Ok([Self::Gzip, Self::Bzip2, Self::Deflate].into_iter().find(|codec| name.ends_with(codec.ending())))
    }

    /// The codec of one of Hadoop's classes.
    pub(super) fn of_class(class: &str) -> Result<Self, String> {
        match class.strip_prefix("org.apache.hadoop.io.compress.") {
            Some("GzipCodec") => Ok(Self::Gzip),
            Some("BZip2Codec") => Ok(Self::Bzip2),
            Some("DefaultCodec" | "DeflateCodec") => Ok(Self::Deflate),
            _ => Err(format!("the sandbox has no codec {class}")),
        }
    }

    /// The extension of compressed files.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Gzip => ".gz",
            Self::Bzip2 => ".bz2",
            Self::Deflate => ".deflate",
        }
    }

    /// Decompresses all members of `input`.
    pub(super) fn unpack<'a>(self, input: impl BufRead + Send + 'a) -> Box<dyn Read + Send + 'a> {
        match self {
            Self::Gzip => Box::new(MultiGzDecoder::new(input)),
            Self::Bzip2 => Box::new(MultiBzDecoder::new(input)),
            Self::Deflate => Box::new(ZlibDecoder::new(input)),
        }
    }
}

/// A writer that compresses or passes on.
pub(super) enum Packer<W: Write> {
    Plain(W),
    Gzip(GzEncoder<W>),
    Bzip2(BzEncoder<W>),
    Deflate(ZlibEncoder<W>),
}

impl<W: Write> Packer<W> {
    pub(super) fn new(codec: Option<Codec>, output: W) -> Self {
        match codec {
            None => Self::Plain(output),
            Some(Codec::Gzip) => Self::Gzip(GzEncoder::new(output, flate2::Compression::default())),
            Some(Codec::Bzip2) => Self::Bzip2(BzEncoder::new(output, bzip2::Compression::best())),
            Some(Codec::Deflate) => Self::Deflate(ZlibEncoder::new(output, flate2::Compression::default())),
        }
    }

    /// Writes the rest and flushes.
    pub(super) fn finish(self) -> io::Result<()> {
        let mut output = match self {
            Self::Plain(output) => output,
            Self::Gzip(encoder) => encoder.finish()?,
            Self::Bzip2(encoder) => encoder.finish()?,
            Self::Deflate(encoder) => encoder.finish()?,
        };
        output.flush()
    }
}

impl<W: Write> Write for Packer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(output) => output.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Bzip2(encoder) => encoder.write(bytes),
            Self::Deflate(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(output) => output.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            Self::Bzip2(encoder) => encoder.flush(),
            Self::Deflate(encoder) => encoder.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concatenated_members_are_decompressed_as_one() {
        for codec in [Codec::Gzip, Codec::Bzip2] {
            let mut packed = Vec::new();
            for text in ["one", " two"] {
                let mut writer = Packer::new(Some(codec), &mut packed);
                writer.write_all(text.as_bytes()).unwrap();
                writer.finish().unwrap();
            }
            let mut text = String::new();
            codec.unpack(packed.as_slice()).read_to_string(&mut text).unwrap();
            assert_eq!(text, "one two", "{codec:?}");
        }
    }

    #[test]
    fn compressed_output_equals_hadoops() {
        let mut packed = Vec::new();
        let mut writer = Packer::new(Some(Codec::Deflate), &mut packed);
        writer.write_all(b"a\t4\na\t1\nb\t2\nc\t3\n").unwrap();
        writer.finish().unwrap();
        assert_eq!(packed, b"x\x9cK\xe44\xe1J\xe44\xe4J\xe24\xe2J\xe64\xe6\x02\x00\x17\xf8\x02\x9e");
    }

    #[test]
    fn a_codec_is_known_by_ending_and_class() {
        assert_eq!(Codec::of_file("s3://b/x.GZ"), Ok(Some(Codec::Gzip)));
        assert_eq!(Codec::of_file("s3://b/x.zip"), Ok(None));
        assert!(Codec::of_file("x.snappy").unwrap_err().contains(".snappy"));
        assert_eq!(Codec::of_class("org.apache.hadoop.io.compress.DefaultCodec"), Ok(Codec::Deflate));
        assert!(Codec::of_class("org.x.Lz").unwrap_err().contains("org.x.Lz"));
    }
}
