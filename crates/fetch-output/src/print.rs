//! Part files on stdout, one behind the other.

use std::io::{self, BufRead, Write};
use std::sync::Arc;

use emr_cli::Text;
use emr_core::error::{Error, Result};

use crate::codec::{Codec, check_beginning};
use crate::parts::Part;
use crate::pieces::Pieces;
use crate::tally::Tally;
use crate::unpack::unpack;

/// Bytes that are printed and counted at once: few, so that an interrupt while the reader is slow leaves few uncounted.
const CHUNK: usize = 16 << 10;

/// Stdout, and how much is printed.
struct Stdout<'a> {
    text: Text,
    tally: &'a Tally,
    /// Why it took no more.
    failure: Option<Error>,
}

impl Stdout<'_> {
    /// Ends a file, and returns whether there is any use in more.
    fn end(&mut self) -> Result<bool> {
        let ended = self.text.end();
        self.failure.take().map_or(ended, Err)
    }

    /// Prints `bytes` to where no interrupt takes them back, and returns whether there is any use in more.
    fn pass(&mut self, bytes: &[u8]) -> bool {
        let is_of_use = self.text.print(bytes);
        let flushed = self.text.flush();
        is_of_use
            & flushed.unwrap_or_else(|error| {
                self.failure = Some(error);
                false
            })
    }
}

/// Prints `parts`, each unpacked with its codec, up to the first error. A reader that has gone away is no error.
pub(crate) fn print(
    parts: &[(Part, Option<Codec>)],
    is_raw: bool,
    mut pieces: Pieces,
    tally: &Arc<Tally>,
) -> Result<()> {
    let mut stdout = Stdout { text: Text::on_stdout(), tally, failure: None };
    for (part, codec) in parts {
        let printed = print_part(part, *codec, is_raw, &mut pieces, &mut stdout);
        // What went wrong with stdout goes before what came of it.
        if !stdout.end()? {
            return Ok(());
        }
        printed?;
        tally.add_file();
    }
    Ok(())
}

fn print_part(
    part: &Part,
    codec: Option<Codec>,
    is_raw: bool,
    pieces: &mut Pieces,
    stdout: &mut Stdout<'_>,
) -> Result<()> {
    let mut packed = pieces.part(part.version.bytes);
    if codec.is_none() && !is_raw {
        match packed.fill_buf() {
            Ok(begins) => check_beginning(&part.version.at.to_string(), begins)?,
            Err(cause) => return Err(pieces.explain(part, codec, &cause)),
        }
    }
    let unpacked = unpack(codec, &mut packed, stdout).and_then(|()| packed.end());
    unpacked.map_err(|cause| pieces.explain(part, codec, &cause))
}

impl Write for Stdout<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let bytes = &bytes[..bytes.len().min(CHUNK)];
        if !self.pass(bytes) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.tally.add_bytes(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The `error` that ended the printing, with how much is printed.
pub(crate) fn after(tally: &Tally, error: Error) -> Error {
    error.on(format!("printed {}, then failed", tally.bytes_and_files()))
}
