//! Copies lines and counts them, which Hadoop calls records.

use std::io::{self, BufRead, Read, Write};

use memchr::memchr_iter;

/// Bytes that are copied at once.
const BUFFER: usize = 256 * 1024;

/// Copies all lines, and ends the last one where the input does not. Returns their number.
pub(super) fn copy(mut input: impl Read, output: &mut impl Write) -> io::Result<u64> {
    let mut buffer = vec![0; BUFFER];
    let (mut lines, mut is_ended) = (0, true);
    loop {
        let length = input.read(&mut buffer)?;
        let Some(last) = buffer[..length].last() else {
            break;
        };
        is_ended = *last == b'\n';
        lines += memchr_iter(b'\n', &buffer[..length]).count() as u64;
        output.write_all(&buffer[..length])?;
    }
    if !is_ended {
        output.write_all(b"\n")?;
        lines += 1;
    }
    Ok(lines)
}

/// Copies each line to the output of the number that `choose` returns. A line without a tab gets
/// one at its end. Returns the number of lines.
pub(super) fn route(
    mut lines: impl BufRead,
    outputs: &mut [impl Write],
    choose: impl Fn(&[u8]) -> usize,
) -> io::Result<u64> {
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(number);
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        if !line.contains(&b'\t') {
            line.push(b'\t');
        }
        let output = choose(&line);
        line.push(b'\n');
        outputs[output].write_all(&line)?;
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_a_tab_is_a_key_without_a_value() {
        let mut outputs = [Vec::new(), Vec::new()];
        let choose = |line: &[u8]| usize::from(line.starts_with(b"b"));
        let number = route(&b"a\t1\nb\nc"[..], &mut outputs, choose).unwrap();
        assert_eq!(number, 3);
        assert_eq!(outputs, [b"a\t1\nc\t\n".to_vec(), b"b\t\n".to_vec()]);
    }
}
