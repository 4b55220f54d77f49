//! The readers of what others wrote, as functions of bytes, for `tests/fuzz`.

use std::io::{self, BufReader};
use std::path::Path;

use emr_core::error::Result;

use crate::codec::Codec;
use crate::notes::Notes;
use crate::unpack::unpack;

/// The codecs: gzip, deflate, bzip2, LZ4, Snappy, Zstandard.
pub const CODECS: usize = ALL.len();

const ALL: [Codec; 6] = [Codec::Gzip, Codec::Deflate, Codec::Bzip2, Codec::Lz4, Codec::Snappy, Codec::Zstandard];

/// What `packed` is packed by the codec of this number, read in pieces of `buffer` bytes.
pub fn unpacked(codec: usize, packed: &[u8], buffer: usize) -> io::Result<Vec<u8>> {
    let mut text = Limited(Vec::new());
    unpack(ALL.get(codec).copied(), &mut BufReader::with_capacity(buffer, packed), &mut text).map(|()| text.0)
}

/// Text of at most 16 MiB.
struct Limited(Vec<u8>);

impl io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > 16 << 20 {
            return Err(io::Error::other("more than 16 MiB"));
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The files that the notes at `path` are of, before and after they are written anew.
pub fn noted(path: &Path) -> Result<(Vec<String>, Vec<String>)> {
    let noted = Notes::look(path)?.files();
    drop(Notes::open(path)?);
    Ok((noted, Notes::look(path)?.files()))
}
