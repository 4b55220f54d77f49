//! Makes inputs of inputs: changes at random that keep much of the structure, and growth.

use fastrand::Rng;

/// Words that readers treat in a way of their own.
const WORDS: [&str; 46] = [
    "",
    "\0",
    "\n",
    "\r\n",
    "\t",
    " ",
    "\"",
    "'",
    "\\",
    "\\\n",
    "/",
    "//",
    "#",
    "-",
    "--",
    "0",
    "-1",
    "-0",
    "1e400",
    "NaN",
    "Infinity",
    "65536",
    "4294967296",
    "18446744073709551615",
    "9223372036854775808",
    "0x10",
    "1.5",
    "null",
    "true",
    "\"\"",
    "{}",
    "[]",
    "[null]",
    "{\"a\":1}",
    "\\u0000",
    "\\ud800",
    "\u{1b}[2J",
    "\u{202e}",
    "\u{feff}",
    "\u{e9}",
    "\u{1f600}",
    "s3://",
    "j-",
    "s-",
    "*",
    "&a *a",
];

/// The bytes that bound tokens.
const BOUNDS: &[u8] = b" \t\n,:;=/[]{}()<>\"'|&";

/// `input` with a few changes, some of which take pieces of `other`.
#[must_use]
pub fn mutated(input: &[u8], other: &[u8], random: &mut Rng) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=random.usize(..4) {
        change(&mut bytes, other, random);
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, other: &[u8], random: &mut Rng) {
    let at = random.usize(..=bytes.len());
    match random.u32(..9) {
        0 => flip(bytes, at, random),
        1 => insert(bytes, at..at, WORDS[random.usize(..WORDS.len())].as_bytes()),
        2 => {
            let token = token(bytes, at);
            insert(bytes, token, WORDS[random.usize(..WORDS.len())].as_bytes());
        }
        3 => {
            let token = token(bytes, at);
            insert(bytes, token, b"");
        }
        4 => {
            let (from, to) = (token(bytes, at), token(bytes, random.usize(..=bytes.len())));
            let copied = bytes[from].to_vec();
            insert(bytes, to, &copied);
        }
        5 => {
            let copied = other[token(other, random.usize(..=other.len()))].to_vec();
            let token = token(bytes, at);
            insert(bytes, token, &copied);
        }
        6 => {
            let piece = piece(other, random).to_vec();
            insert(bytes, at..at, &piece);
        }
        7 => bytes.truncate(at),
        _ => {
            let copied = piece(bytes, random).repeat(random.usize(1..9));
            insert(bytes, at..at, &copied);
        }
    }
}

/// An input of up to `size` bytes, in which a piece of `input` is repeated: it shows what takes too long.
#[must_use]
pub fn grown(input: &[u8], size: usize, random: &mut Rng) -> Vec<u8> {
    let at = random.usize(..=input.len());
    let repeated = match random.u32(..4) {
        0 => input,
        1 => &input[token(input, at)],
        2 => &input[at.min(input.len().saturating_sub(1))..(at + 1).min(input.len())],
        _ => piece(input, random),
    };
    if repeated.is_empty() {
        return input.to_vec();
    }
    let times = size.saturating_sub(input.len()) / repeated.len();
    let (before, after) = input.split_at(at);
    [before, &repeated.repeat(times), after].concat()
}

fn flip(bytes: &mut [u8], at: usize, random: &mut Rng) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte = match random.u32(..3) {
            0 => *byte ^ 1 << random.u32(..8),
            1 => byte.wrapping_add(1),
            _ => random.u8(..),
        };
    }
}

fn insert(bytes: &mut Vec<u8>, at: std::ops::Range<usize>, new: &[u8]) {
    bytes.splice(at, new.iter().copied());
}

/// The token that is at `at`, without what bounds it.
fn token(bytes: &[u8], at: usize) -> std::ops::Range<usize> {
    let is_bound = |byte: &u8| BOUNDS.contains(byte);
    let begin = bytes[..at].iter().rposition(is_bound).map_or(0, |bound| bound + 1);
    let end = bytes[at..].iter().position(is_bound).map_or(bytes.len(), |bound| at + bound);
    begin..end
}

fn piece<'a>(bytes: &'a [u8], random: &mut Rng) -> &'a [u8] {
    let begin = random.usize(..=bytes.len());
    let end = random.usize(begin..=bytes.len());
    &bytes[begin..end]
}
