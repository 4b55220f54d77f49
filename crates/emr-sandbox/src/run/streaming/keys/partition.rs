//! Which reducer gets a key. Hashes are Java's, so that each part has the same keys as on Hadoop.

use super::KeyClass;
use super::fields::KeyFields;

/// How the reducer of a key is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Partitioner {
    /// By the whole key. Source: `HashPartitioner`.
    Hash,
    /// By some fields. Source: `KeyFieldBasedPartitioner`.
    Fields(KeyFields),
}

impl Partitioner {
    /// The number of the reducer that gets `key`, below `reducers`.
    pub(in super::super) fn reducer(&self, class: KeyClass, key: &[u8], reducers: usize) -> usize {
        if reducers < 2 {
            return 0;
        }
        let hash = match (self, class) {
            (Self::Hash, KeyClass::Text) => key.iter().copied().fold(1, step),
            (Self::Hash, KeyClass::Long) => long_hash(key),
            (Self::Fields(fields), _) => field_hash(fields, &String::from_utf8_lossy(&class.text(key))),
        };
        usize::try_from(hash & i32::MAX).unwrap_or(0) % reducers
    }
}

/// Adds a byte to a hash. Java's bytes are signed.
fn step(hash: i32, byte: u8) -> i32 {
    hash.wrapping_mul(31).wrapping_add(i32::from(byte.cast_signed()))
}

/// The hash of a `LongWritable`.
fn long_hash(key: &[u8]) -> i32 {
    let half = |at| key.get(at..at + 4).and_then(|half| half.try_into().ok()).map_or(0, i32::from_be_bytes);
    half(0) ^ half(4)
}

fn field_hash(fields: &KeyFields, key: &str) -> i32 {
    if fields.specs.is_empty() {
        let step = |hash: i32, unit: u16| hash.wrapping_mul(31).wrapping_add(i32::from(unit));
        return key.encode_utf16().fold(0, step);
    }
    let key = key.as_bytes();
    let lengths = fields.lengths(key);
    let ranges = fields.specs.iter().filter_map(|spec| fields.range(key, &lengths, spec));
    let bytes = ranges.flat_map(|range| key.get(range).unwrap_or_default());
    bytes.copied().fold(0, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(key: &str, reducers: usize) -> usize {
        Partitioner::Hash.reducer(KeyClass::Text, key.as_bytes(), reducers)
    }

    #[test]
    fn hashes_equal_javas() {
        // new Text("word").hashCode() is 4578955.
        assert_eq!(hash("word", 1_000_000_000), 4_578_955);
        assert_eq!(hash("", 7), 1);
        assert_eq!(hash("x", 1), 0);
        assert_eq!(Partitioner::Hash.reducer(KeyClass::Long, &(5_u64 << 32 | 3).to_be_bytes(), 100), 6);
    }

    #[test]
    fn keys_with_the_same_fields_have_the_same_reducer() {
        let partitioner = Partitioner::Fields(KeyFields::parse("-k1,1", "\t").unwrap());
        let reducer = |key: &str| partitioner.reducer(KeyClass::Text, key.as_bytes(), 1000);
        assert_eq!(reducer("a\tx"), reducer("a\ty"));
        assert_eq!(reducer("a\tx"), 97);
        assert_eq!(reducer(""), 0);
    }

    #[test]
    fn without_fields_the_hash_is_that_of_a_string() {
        let partitioner = Partitioner::Fields(KeyFields::parse("", "\t").unwrap());
        // Java hashes UTF-16 code units, not the bytes of UTF-8.
        let units = "é😀".encode_utf16().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
        let reducer = partitioner.reducer(KeyClass::Text, "é😀".as_bytes(), 1000);
        assert_eq!(i32::try_from(reducer).unwrap(), (units & i32::MAX) % 1000);
    }
}
