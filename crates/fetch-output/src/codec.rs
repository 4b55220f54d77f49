//! How a part file is packed, by the ending of its name, as Hadoop tells.

use emr_core::error::{Error, Outcome, Result};

/// A codec of Hadoop that is unpacked here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    Bzip2,
    /// zlib's format, Hadoop's default.
    Deflate,
    Gzip,
    Lz4,
    Snappy,
    Zstandard,
}

/// Endings, and what unpacks the file.
const CODECS: [(&str, Codec); 6] = [
    (".bz2", Codec::Bzip2),
    (".deflate", Codec::Deflate),
    (".gz", Codec::Gzip),
    (".lz4", Codec::Lz4),
    (".snappy", Codec::Snappy),
    (".zst", Codec::Zstandard),
];

/// Endings of what is packed and not unpacked here. LZO has no library in Rust that is kept up.
const PACKED: [(&str, &str); 7] = [
    (".lzo", "LZO"),
    (".lzo_deflate", "LZO"),
    (".br", "Brotli"),
    (".lzma", "LZMA"),
    (".sz", "framed Snappy"),
    (".xz", "XZ"),
    (".zip", "zip"),
];

/// Endings of files with a structure of their own. One behind the other, they are no file of that kind.
const STRUCTURED: [(&str, &str); 4] =
    [(".avro", "Avro"), (".orc", "ORC"), (".parquet", "Parquet"), (".seq", "SequenceFile")];

/// Beginnings of files that are no text, where the name does not say so.
const BEGINNINGS: [(&[u8], &str); 4] =
    [(b"SEQ\x06", "SequenceFile"), (b"Obj\x01", "Avro"), (b"\x1f\x8b\x08", "gzip"), (b"\x28\xb5\x2f\xfd", "Zstandard")];

impl Codec {
    /// The codec of the file `name`; `None` for one that is kept as it is. One that is packed otherwise is refused.
    pub(crate) fn of_file(name: &str) -> Result<Option<Self>> {
        if let Some((_, what)) = ending(name, &PACKED) {
            let error = Error::usage(format!("{name} is packed with {what}, which is not unpacked here"));
            return Err(error.advise("--raw fetches it as it is"));
        }
        Ok(ending(name, &CODECS).map(|(_, codec)| codec))
    }

    /// What Hadoop calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bzip2 => "bzip2",
            Self::Deflate => "deflate",
            Self::Gzip => "gzip",
            Self::Lz4 => "Hadoop's LZ4",
            Self::Snappy => "Hadoop's Snappy",
            Self::Zstandard => "Zstandard",
        }
    }
}

/// The name that the file `name` has once it is unpacked.
pub(crate) fn unpacked_name(name: &str) -> &str {
    match ending(name, &CODECS) {
        Some((ending, _)) => &name[..name.len() - ending.len()],
        None => name,
    }
}

/// Refuses to print a file of this name that has a structure of its own.
pub(crate) fn check_printable(name: &str) -> Result<()> {
    match ending(name, &STRUCTURED) {
        Some((_, what)) => Err(structured(name, what)),
        None => Ok(()),
    }
}

/// Refuses to print a file that begins so and is no text.
pub(crate) fn check_beginning(name: &str, begins: &[u8]) -> Result<()> {
    match BEGINNINGS.into_iter().find(|(magic, _)| begins.starts_with(magic)) {
        Some((_, what)) => Err(structured(name, what)),
        None if is_bzip2(begins) => Err(structured(name, Codec::Bzip2.name())),
        None => Ok(()),
    }
}

/// Whether a file that begins so is packed with bzip2: the size of its blocks is a digit, and a block or the end follows.
fn is_bzip2(begins: &[u8]) -> bool {
    match begins {
        [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..] => {
            rest.starts_with(b"1AY&SY") || rest.starts_with(b"\x17\x72\x45\x38\x50\x90")
        }
        _ => false,
    }
}

fn structured(name: &str, what: &str) -> Error {
    Error::new(Outcome::Usage, format!("{name} is a file of {what}, and no text"))
        .advise("--output-dir keeps it in a file; --raw prints it as it is")
}

fn ending<T: Copy>(name: &str, endings: &[(&'static str, T)]) -> Option<(&'static str, T)> {
    let is_ending = |ending: &str| name.len() > ending.len() && name.ends_with(ending);
    endings.iter().find(|(ending, _)| is_ending(ending)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_tells_how_a_file_is_packed() {
        for (name, codec) in [
            ("part-00000", None),
            ("part-00000.gz", Some(Codec::Gzip)),
            ("day=1/part-00000.bz2", Some(Codec::Bzip2)),
            ("part-00000-c000.snappy.parquet", None),
            ("gz", None),
            (".gz", None),
        ] {
            assert_eq!(Codec::of_file(name).unwrap(), codec, "{name}");
        }
        assert_eq!(["part-0.gz", "part-0.zst", "part-0"].map(unpacked_name), ["part-0"; 3]);
        assert_eq!(unpacked_name("part-0.lzo"), "part-0.lzo");
    }

    #[test]
    fn what_is_not_unpacked_or_no_text_is_refused_by_name() {
        let error = Codec::of_file("part-0.lzo").unwrap_err();
        let text = "part-0.lzo is packed with LZO, which is not unpacked here; --raw fetches it as it is";
        assert_eq!((error.to_string().as_str(), error.outcome), (text, Outcome::Usage));
        assert!(check_printable("part-0.gz.parquet").unwrap_err().to_string().contains("a file of Parquet"));
        assert!(check_printable("part-0.gz").is_ok());
        assert!(check_beginning("part-0", b"SEQ\x06\x19org").unwrap_err().to_string().contains("SequenceFile"));
        assert!(check_beginning("part-0", b"BZh91AY&SY\x01").unwrap_err().to_string().contains("bzip2"));
        assert!(check_beginning("part-0", b"BZh91 is a word").is_ok() && check_beginning("part-0", b"BZh").is_ok());
        assert!(check_beginning("part-0", b"SEQUENCE of text").is_ok() && check_beginning("part-0", b"").is_ok());
    }
}
