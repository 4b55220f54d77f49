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

/// Stdout, and how much is printed.
struct Stdout<'a> {
    text: Text,
    tally: &'a Tally,
}

/// Prints `parts`, each unpacked with its codec, up to the first error. A reader that has gone away is no error.
pub(crate) fn print(
    parts: &[(Part, Option<Codec>)],
    is_raw: bool,
    mut pieces: Pieces,
    tally: &Arc<Tally>,
) -> Result<()> {
    let mut stdout = Stdout { text: Text::on_stdout(), tally };
    for (part, codec) in parts {
        let printed = print_part(part, *codec, is_raw, &mut pieces, &mut stdout);
        // What went wrong with stdout goes before what came of it.
        if !stdout.text.end()? {
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
        if !self.text.print(bytes) {
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
