//! Decodes `aws-chunked` bodies: size lines, data, and trailers at the end. Pure.
//!
//! Chunk signatures are skipped, because the sandbox knows no secret keys.

use bytes::{Buf, Bytes};
use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use thiserror::Error;

/// The longest size line or trailer, in bytes.
const MAX_LINE: usize = 8 * 1024;

/// Far more than clients send: a checksum and a signature.
const MAX_TRAILERS: usize = 16;

/// The largest chunk in bytes: S3's limit on an upload in one request.
const MAX_CHUNK: u64 = 5 * 1024 * 1024 * 1024;

/// The body does not follow the encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("The aws-chunked body is malformed")]
pub(crate) struct Malformed;

/// What comes next in the body.
enum State {
    Size,
    Data(u64),
    /// The end of the line after a chunk's data.
    DataEnd,
    Trailers,
    Done,
}

/// Decodes one body, in pieces of any size.
pub(crate) struct Decoder {
    state: State,
    line: Vec<u8>,
    trailers: HeaderMap,
}

impl Decoder {
    pub(crate) fn new() -> Decoder {
        Decoder { state: State::Size, line: Vec::new(), trailers: HeaderMap::new() }
    }

    /// Takes the next decoded bytes from the front of `input`; `None` if it is empty.
    pub(crate) fn decode(&mut self, input: &mut Bytes) -> Result<Option<Bytes>, Malformed> {
        while !input.is_empty() {
            if let State::Data(left) = self.state {
                let most = usize::try_from(left).unwrap_or(usize::MAX);
                let data = input.split_to(most.min(input.len()));
                self.state = match left - data.len() as u64 {
                    0 => State::DataEnd,
                    left => State::Data(left),
                };
                return Ok(Some(data));
            }
            if let Some(line) = self.take_line(input)? {
                self.advance(&line)?;
            }
        }
        Ok(None)
    }

    /// The trailers, if the body is complete.
    pub(crate) fn finish(self) -> Result<HeaderMap, Malformed> {
        match self.state {
            State::Done | State::Trailers if self.line.is_empty() => Ok(self.trailers),
            _ => Err(Malformed),
        }
    }

    /// The next whole line without its end; `None` if `input` has only its beginning.
    fn take_line(&mut self, input: &mut Bytes) -> Result<Option<String>, Malformed> {
        let end = input.iter().position(|byte| *byte == b'\n');
        let taken = input.split_to(end.unwrap_or(input.len()));
        self.line.extend_from_slice(&taken);
        if self.line.len() > MAX_LINE {
            return Err(Malformed);
        }
        if end.is_none() {
            return Ok(None);
        }
        input.advance(1);
        let line = String::from_utf8(std::mem::take(&mut self.line)).map_err(|_| Malformed)?;
        Ok(Some(line.trim_end_matches('\r').to_owned()))
    }

    fn advance(&mut self, line: &str) -> Result<(), Malformed> {
        self.state = match self.state {
            State::Size => {
                let digits = line.split(';').next().unwrap_or_default();
                match size(digits.trim()).ok_or(Malformed)? {
                    0 => State::Trailers,
                    size => State::Data(size),
                }
            }
            State::DataEnd if line.is_empty() => State::Size,
            State::Trailers | State::Done if line.is_empty() => State::Done,
            State::Trailers => {
                self.add_trailer(line)?;
                State::Trailers
            }
            State::DataEnd | State::Done | State::Data(_) => return Err(Malformed),
        };
        Ok(())
    }

    fn add_trailer(&mut self, line: &str) -> Result<(), Malformed> {
        let (name, value) = line.split_once(':').ok_or(Malformed)?;
        if self.trailers.len() == MAX_TRAILERS {
            return Err(Malformed);
        }
        let name = HeaderName::try_from(name.trim()).map_err(|_| Malformed)?;
        let value = HeaderValue::try_from(value.trim()).map_err(|_| Malformed)?;
        self.trailers.insert(name, value);
        Ok(())
    }
}

/// The size of a chunk, which is only hexadecimal digits.
fn size(digits: &str) -> Option<u64> {
    let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let size = u64::from_str_radix(digits, 16).ok().filter(|_| is_hexadecimal)?;
    (size <= MAX_CHUNK).then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "5;chunk-signature=abc\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\nx-amz-trailer-signature:abc\r\n\r\n";

    /// Decodes `body` in pieces of `size` bytes.
    fn decode(body: &str, size: usize) -> Result<(Vec<u8>, HeaderMap), Malformed> {
        let (mut decoder, mut out) = (Decoder::new(), Vec::new());
        for piece in body.as_bytes().chunks(size) {
            let mut piece = Bytes::copy_from_slice(piece);
            while let Some(data) = decoder.decode(&mut piece)? {
                out.extend_from_slice(&data);
            }
        }
        Ok((out, decoder.finish()?))
    }

    #[test]
    fn a_body_decodes_the_same_in_pieces_of_any_size() {
        for size in 1..=BODY.len() {
            let (body, trailers) = decode(BODY, size).unwrap();
            assert_eq!(body, b"hello world");
            assert_eq!(trailers["x-amz-checksum-crc32"], "DUoRhQ==");
        }
    }

    #[test]
    fn a_body_without_trailers_may_end_with_or_without_the_last_empty_line() {
        assert_eq!(decode("1\r\na\r\n0\r\n\r\n", 3).unwrap().0, b"a");
        assert_eq!(decode("1\r\na\r\n0\r\n", 3).unwrap().0, b"a");
    }

    #[test]
    fn cut_or_garbled_bodies_are_malformed() {
        let long = "1".repeat(MAX_LINE + 1);
        let sizes = ["ffffffffffffffffff\r\n", "-1\r\n", "+1\r\na", "ffffffffffffffff\r\n"];
        let trailers = format!("0\r\n{}\r\n", "a:b\r\n".repeat(30_000));
        let trailers = format!("{}\r\n", (0..30_000).fold(trailers, |all, n| format!("{all}x-{n}:y\r\n")));
        for body in sizes.into_iter().chain([
            &*trailers,
            "",
            "5\r\nhel",
            "5\r\nhello\r\n",
            "zz\r\n",
            "1\r\nab\r\n",
            "0\r\nnot a trailer\r\n",
            &long,
        ]) {
            assert_eq!(decode(body, 4096).unwrap_err(), Malformed, "{body:.20}");
        }
    }
}
