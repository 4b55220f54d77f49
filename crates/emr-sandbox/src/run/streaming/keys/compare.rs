//! The order of keys.

use std::cmp::Ordering;

use super::fields::{KeyFields, KeySpec};
use super::number::{self, Field};

/// How keys are ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Comparator {
    /// By all bytes.
    Bytes,
    /// By all bytes, largest first.
    Decreasing,
    /// By some fields. Source: `KeyFieldBasedComparator`.
    Fields(KeyFields),
}

impl Comparator {
    pub(in super::super) fn compare(&self, a: &[u8], b: &[u8]) -> Ordering {
        match self {
            Self::Bytes => a.cmp(b),
            Self::Decreasing => b.cmp(a),
            Self::Fields(fields) if fields.specs.is_empty() => a.cmp(b),
            Self::Fields(fields) => compare_fields(fields, a, b),
        }
    }

    /// A number that orders keys as `compare` does, or is equal.
    pub(in super::super) fn prefix(&self, key: &[u8]) -> u64 {
        if *self != Self::Bytes {
            return 0;
        }
        let mut prefix = [0; 8];
        let length = key.len().min(8);
        prefix[..length].copy_from_slice(&key[..length]);
        u64::from_be_bytes(prefix)
    }
}

fn compare_fields(fields: &KeyFields, a: &[u8], b: &[u8]) -> Ordering {
    let (lengths_a, lengths_b) = (fields.lengths(a), fields.lengths(b));
    let compare = |spec: &KeySpec| {
        let (range_a, range_b) = (fields.range(a, &lengths_a, spec), fields.range(b, &lengths_b, spec));
        let order = match (range_a, range_b) {
            // A key without the field is smaller, even than another without it.
            (None, _) => Ordering::Less,
            (_, None) => Ordering::Greater,
            (Some(a_at), Some(b_at)) if spec.is_numeric => {
                number::compare(Field::new(a, a_at), Field::new(b, b_at)).cmp(&0)
            }
            // A range may end before it begins; it is empty then.
            (Some(a_at), Some(b_at)) => a.get(a_at).unwrap_or_default().cmp(b.get(b_at).unwrap_or_default()),
        };
        if spec.is_reverse { order.reverse() } else { order }
    };
    fields.specs.iter().map(compare).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(options: &str, keys: &[&str]) -> Vec<String> {
        let comparator = Comparator::Fields(KeyFields::parse(options, ".").unwrap());
        let mut keys: Vec<_> = keys.iter().map(|key| (*key).to_owned()).collect();
        keys.sort_by(|a, b| comparator.compare(a.as_bytes(), b.as_bytes()));
        keys
    }

    #[test]
    fn keys_are_ordered_by_fields_in_turn() {
        assert_eq!(sorted("-k2,2nr -k1", &["a.9", "b.10", "a.10", "c.1"]), ["a.10", "b.10", "a.9", "c.1"]);
        assert_eq!(sorted("-k1.2,1.2", &["ab", "ba", "cc"]), ["ba", "ab", "cc"]);
        assert_eq!(sorted("-r", &["a", "c", "b"]), ["c", "b", "a"]);
        assert_eq!(sorted("-k2", &["b.x", "c", "a.y"]), ["c", "b.x", "a.y"]);
        assert_eq!(sorted("", &["b", "a"]), ["a", "b"]);
    }

    #[test]
    fn a_prefix_never_contradicts_the_keys() {
        for (a, b) in [("", "a"), ("abcdefgh", "abcdefghi"), ("a", "b"), ("a\u{0}", "a")] {
            let prefix = |key: &str| Comparator::Bytes.prefix(key.as_bytes());
            let order = prefix(a).cmp(&prefix(b));
            assert!(order.is_eq() || order == a.cmp(b), "{a} {b}");
        }
    }
}
