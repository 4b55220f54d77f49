//! From the bytes of a log to its text: decompressed, and line by line. Little is held at a time, because logs are larger
//! than memory.

use std::io::Write;

use flate2::write::MultiGzDecoder;

/// The first bytes of a gzip file.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Bytes that are decompressed at once: up to a thousand times as many come out.
const SLICE: usize = 4 << 10;

/// The rest of a longer line is skipped.
const LONGEST: usize = 256 << 10;

/// A log that is being decompressed, if it is compressed.
#[derive(Debug)]
pub struct Unpacked {
    form: Form,
}

#[derive(Debug)]
enum Form {
    /// It may be compressed; its first bytes decide.
    Unknown(Vec<u8>),
    Plain,
    Packed(Box<MultiGzDecoder<Vec<u8>>>),
    /// The rest cannot be decompressed.
    Broken,
}

impl Unpacked {
    /// A log that is still to be read, and whose name says whether it `is_packed`.
    #[must_use]
    pub fn new(is_packed: bool) -> Self {
        Self { form: if is_packed { Form::Unknown(Vec::new()) } else { Form::Plain } }
    }

    /// Decompresses the next `bytes` of the log and passes the text to `each`, until that returns false. Returns whether
    /// more of the log is wanted.
    pub fn read(&mut self, bytes: &[u8], each: &mut impl FnMut(&[u8]) -> bool) -> bool {
        match &mut self.form {
            Form::Unknown(first) => {
                first.extend_from_slice(bytes);
                if first.len() < MAGIC.len() {
                    return true;
                }
                let first = std::mem::take(first);
                let is_packed = first.starts_with(&MAGIC);
                self.form =
                    if is_packed { Form::Packed(Box::new(MultiGzDecoder::new(Vec::new()))) } else { Form::Plain };
                self.read(&first, each)
            }
            Form::Plain => each(bytes),
            Form::Packed(decoder) => {
                for slice in bytes.chunks(SLICE) {
                    let is_sound = decoder.write_all(slice).is_ok();
                    let is_wanted = each(decoder.get_ref());
                    decoder.get_mut().clear();
                    if !is_sound {
                        self.form = Form::Broken;
                        return false;
                    }
                    if !is_wanted {
                        return false;
                    }
                }
                true
            }
            Form::Broken => false,
        }
    }

    /// Passes on what is left, and returns whether the log was complete.
    pub fn end(self, each: &mut impl FnMut(&[u8]) -> bool) -> bool {
        match self.form {
            Form::Unknown(first) => {
                each(&first);
                true
            }
            Form::Plain => true,
            Form::Packed(mut decoder) => {
                let ended = decoder.try_finish();
                each(decoder.get_ref());
                ended.is_ok()
            }
            Form::Broken => false,
        }
    }
}

/// Splits text that comes in pieces into lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    begun: Vec<u8>,
}

impl Lines {
    /// Passes each line that ends in `bytes` to `each`, without its newline. Invalid UTF-8 becomes replacement characters.
    pub(super) fn read(&mut self, bytes: &[u8], each: &mut impl FnMut(&str)) {
        let mut pieces = bytes.split(|byte| *byte == b'\n');
        let mut piece = pieces.next().unwrap_or_default();
        for next in pieces {
            self.keep(piece);
            self.end(each);
            piece = next;
        }
        self.keep(piece);
    }

    /// Passes on the line that has begun.
    pub(super) fn end(&mut self, each: &mut impl FnMut(&str)) {
        each(&String::from_utf8_lossy(&self.begun));
        self.begun.clear();
    }

    /// Whether a line has begun.
    pub(super) fn has_begun(&self) -> bool {
        !self.begun.is_empty()
    }

    fn keep(&mut self, piece: &[u8]) {
        let room = LONGEST.saturating_sub(self.begun.len()).min(piece.len());
        self.begun.extend_from_slice(&piece[..room]);
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::*;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// What comes of `bytes` in pieces of this size, and whether they were whole.
    fn unpacked(bytes: &[u8], is_packed: bool, size: usize) -> (Vec<u8>, bool) {
        let mut text = Vec::new();
        let mut unpacked = Unpacked::new(is_packed);
        let mut keep = |bytes: &[u8]| {
            text.extend_from_slice(bytes);
            true
        };
        let _ = bytes.chunks(size).all(|piece| unpacked.read(piece, &mut keep));
        let is_whole = unpacked.end(&mut keep);
        (text, is_whole)
    }

    fn lines(bytes: &[u8], size: usize) -> Vec<String> {
        let (mut found, mut lines) = (Vec::new(), Lines::default());
        bytes.chunks(size).for_each(|piece| lines.read(piece, &mut |line| found.push(line.to_owned())));
        if lines.has_begun() {
            lines.end(&mut |line| found.push(line.to_owned()));
        }
        found
    }

    #[test]
    fn a_log_that_breaks_off_is_read_as_far_as_it_goes() {
        let text = (0..20_000).map(|number| number.to_string()).collect::<Vec<_>>().join("\n");
        let whole = packed(text.as_bytes());
        let (begun, is_whole) = unpacked(&whole[..whole.len() / 2], true, 1000);
        assert!(!is_whole && begun.len() > 1000 && text.as_bytes().starts_with(&begun));
    }

    #[test]
    fn what_is_damaged_is_not_whole_and_what_only_has_the_name_is_taken_as_it_is() {
        let mut damaged = packed(b"some text that is packed");
        damaged[12] ^= 0xff;
        assert!(!unpacked(&damaged, true, 5).1);
        assert_eq!(unpacked(b"plain", true, 1), (b"plain".to_vec(), true));
        assert_eq!(unpacked(b"x", true, 1), (b"x".to_vec(), true));
    }

    #[test]
    fn files_that_follow_one_another_are_one() {
        let both = [packed(b"one "), packed(b"two")].concat();
        assert_eq!(unpacked(&both, true, 3), (b"one two".to_vec(), true));
    }

    #[test]
    fn of_a_line_without_end_only_the_beginning_is_kept() {
        let found = lines(&[vec![b'x'; 3 * LONGEST], b"\nnext".to_vec()].concat(), 1 << 16);
        assert_eq!((found[0].len(), found[1].as_str()), (LONGEST, "next"));
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(text: Vec<u8>, is_packed: bool, size in 1..50usize) {
            let bytes = if is_packed { packed(&text) } else { text.clone() };
            prop_assert_eq!(unpacked(&bytes, is_packed, size), (text, true));
        }

        #[test]
        fn lines_are_those_of_the_whole(text in "[ab\n]*", size in 1..9usize) {
            let expected: Vec<_> = text.lines().map(str::to_owned).collect();
            prop_assert_eq!(lines(text.as_bytes(), size), expected);
        }
    }
}
