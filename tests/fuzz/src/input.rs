//! Parts of an input: the first byte as a choice, the rest as bytes, text or lines.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

/// The first byte, and the rest.
pub(crate) fn choice(input: &[u8]) -> (usize, &[u8]) {
    input.split_first().map_or((0, input), |(first, rest)| (usize::from(*first), rest))
}

/// `input` as text. Invalid UTF-8 becomes replacement characters.
pub(crate) fn text(input: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(input)
}

/// The first line, and what follows it.
pub(crate) fn head(input: &[u8]) -> (Cow<'_, str>, &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    (text(&input[..end]), input.get(end + 1..).unwrap_or_default())
}

/// `input` in pieces of up to `size` bytes.
pub(crate) fn pieces(input: &[u8], size: usize) -> impl Iterator<Item = &[u8]> {
    input.chunks(size.max(1))
}

/// Calls `each` with the path of a file with the content `input`.
pub(crate) fn in_file(input: &[u8], each: impl FnOnce(&Path)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, input).unwrap();
    each(&path);
}

/// Waits for `future`.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(future)
}
