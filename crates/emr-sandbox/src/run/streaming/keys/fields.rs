//! Fields of a key, as `-k` of the key field partitioner and comparator selects them. Source: `KeyFieldHelper`.

use std::ops::Range;

use memchr::memmem;

/// `-kFIELD[.CHAR][nr][,FIELD[.CHAR][nr]]`, with fields and bytes counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeySpec {
    begin_field: usize,
    begin_char: usize,
    /// 0 means the end of the key.
    end_field: usize,
    /// 0 means the end of the field.
    end_char: usize,
    pub(super) is_numeric: bool,
    pub(super) is_reverse: bool,
}

/// The selected parts of a key, and the separator of its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct KeyFields {
    separator: Vec<u8>,
    pub(super) specs: Vec<KeySpec>,
    /// Whether `-k` selects fields; otherwise the key is one field.
    has_fields: bool,
}

const WHOLE: KeySpec =
    KeySpec { begin_field: 1, begin_char: 1, end_field: 0, end_char: 0, is_numeric: false, is_reverse: false };

impl KeyFields {
    /// Parses `options` such as `-k2,2nr -k1`. Errors have Hadoop's words.
    pub(in super::super) fn parse(options: &str, separator: &str) -> Result<Self, String> {
        let mut specs = Vec::new();
        let mut global = WHOLE;
        let mut words = options.split_whitespace();
        while let Some(word) = words.next() {
            match word {
                "-n" => global.is_numeric = true,
                "-r" => global.is_reverse = true,
                "-nr" => (global.is_numeric, global.is_reverse) = (true, true),
                "-k" => specs.extend(words.next().map(parse_spec).transpose()?),
                _ => specs.extend(word.strip_prefix("-k").map(parse_spec).transpose()?),
            }
        }
        let has_fields = !specs.is_empty();
        for spec in specs.iter_mut().filter(|spec| !spec.is_numeric && !spec.is_reverse) {
            (spec.is_numeric, spec.is_reverse) = (global.is_numeric, global.is_reverse);
        }
        if !has_fields && !options.is_empty() {
            specs.push(global);
        }
        Ok(Self { separator: separator.as_bytes().to_vec(), specs, has_fields })
    }

    /// The first `count` fields; the whole key if `count` is 0 or less.
    pub(in super::super) fn first(count: i64, separator: &str) -> Self {
        let end_field = usize::try_from(count).unwrap_or(0);
        let specs: Vec<_> = (end_field > 0).then_some(KeySpec { end_field, ..WHOLE }).into_iter().collect();
        Self { separator: separator.as_bytes().to_vec(), has_fields: !specs.is_empty(), specs }
    }

    /// The lengths of the fields of `key`. As in Hadoop, the next field begins one byte after the start of a separator,
    /// even if the separator is longer.
    pub(super) fn lengths(&self, key: &[u8]) -> Vec<usize> {
        if !self.has_fields {
            return vec![0];
        }
        let mut lengths = Vec::new();
        let mut start = 0;
        while let Some(length) = memmem::find(&key[start..], &self.separator) {
            lengths.push(length);
            start += length + 1;
        }
        lengths.push(key.len() - start);
        lengths
    }

    /// The bytes that `spec` selects; the end may be before the start. `None` if the key has no such field.
    pub(super) fn range(&self, key: &[u8], lengths: &[usize], spec: &KeySpec) -> Option<Range<usize>> {
        let first = self.offset(lengths, spec.begin_field) + spec.begin_char;
        if lengths.len() < spec.begin_field || first > key.len() {
            return None;
        }
        Some(first.saturating_sub(1)..self.end(key, lengths, spec))
    }

    fn end(&self, key: &[u8], lengths: &[usize], spec: &KeySpec) -> usize {
        if spec.end_field == 0 || lengths.len() < spec.end_field {
            return key.len();
        }
        let of_field = if spec.end_char == 0 { lengths[spec.end_field - 1] } else { spec.end_char };
        let end = self.offset(lengths, spec.end_field) + of_field;
        end.min(key.len())
    }

    /// Where a field begins. Fields count from 1.
    fn offset(&self, lengths: &[usize], field: usize) -> usize {
        lengths.iter().take(field.saturating_sub(1)).map(|length| length + self.separator.len()).sum()
    }
}

fn parse_spec(text: &str) -> Result<KeySpec, String> {
    let invalid = || {
        format!("Invalid -k argument. Must be of the form -k pos1,[pos2], where pos is of the form f[.c]nr: -k{text}")
    };
    let (begin, end) = text.split_once(',').map_or((text, None), |(begin, end)| (begin, Some(end)));
    let mut spec = WHOLE;
    (spec.begin_field, spec.begin_char) = parse_position(begin, 1, &mut spec).ok_or_else(invalid)?;
    if let Some(end) = end {
        (spec.end_field, spec.end_char) = parse_position(end, 0, &mut spec).ok_or_else(invalid)?;
    }
    Ok(spec)
}

/// Parses `FIELD[.CHAR][nr]`, and sets the letters in `spec`.
fn parse_position(text: &str, default_char: usize, spec: &mut KeySpec) -> Option<(usize, usize)> {
    let position = text.trim_end_matches(['n', 'r']);
    let letters = &text[position.len()..];
    spec.is_numeric |= letters.contains('n');
    spec.is_reverse |= letters.contains('r');
    match position.split_once('.') {
        Some((field, char)) => Some((field.parse().ok()?, char.parse().ok()?)),
        None => Some((position.parse().ok()?, default_char)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each part of `options` selects from `key`.
    fn parts(options: &str, separator: &str, key: &str) -> Vec<Option<String>> {
        let fields = KeyFields::parse(options, separator).unwrap();
        let lengths = fields.lengths(key.as_bytes());
        let range = |spec| fields.range(key.as_bytes(), &lengths, spec);
        fields.specs.iter().map(|spec| range(spec).map(|range| key[range].to_owned())).collect()
    }

    #[test]
    fn fields_and_bytes_are_counted_from_one() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(parts("-k2,2", ".", "a.bc.d"), [some("bc")]);
        assert_eq!(parts("-k 2", ".", "a.bc.d"), [some("bc.d")]);
        assert_eq!(parts("-k1.2,2.1 -k3.1,3", ".", "ab.cd.e"), [some("b.c"), some("e")]);
        assert_eq!(parts("-k4 -k2.9,2", ".", "a.b.c"), [None, None]);
        assert_eq!(parts("-k1,9", ".", "a.b"), [some("a.b")]);
        assert_eq!(parts("-n", ".", "a.b"), [some("a.b")]);
        assert!(parts("", ".", "a.b").is_empty());
    }

    #[test]
    fn letters_apply_to_one_part_or_to_all_parts_without_letters() {
        let fields = KeyFields::parse("-k1,1 -k2r,2 -k3n -nr", "\t").unwrap();
        let letters: Vec<_> = fields.specs.iter().map(|spec| (spec.is_numeric, spec.is_reverse)).collect();
        assert_eq!(letters, [(true, true), (false, true), (true, false)]);
    }

    #[test]
    fn a_malformed_part_is_named() {
        for options in ["-kx", "-k1,", "-k1.x", "-k1nx", "-k1,2,3"] {
            assert!(KeyFields::parse(options, "\t").unwrap_err().contains("Invalid -k argument"), "{options}");
        }
    }
}
