//! What happens to keys between map and reduce: which reducer gets a key, and in which order.
//!
//! - [`partition`] chooses the reducer, by a hash
//! - [`compare`] orders keys, by all bytes or by some fields
//! - [`fields`] parses `-k1,2nr` and finds the fields of a key; [`number`] compares fields as numbers

mod compare;
mod fields;
mod number;
mod partition;

pub(super) use self::compare::Comparator;
pub(super) use self::fields::KeyFields;
pub(super) use self::partition::Partitioner;

/// The class of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyClass {
    /// Bytes.
    Text,
    /// The offset of a line, as eight big-endian bytes.
    Long,
}

impl KeyClass {
    /// The name of Hadoop's class.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "org.apache.hadoop.io.Text",
            Self::Long => "org.apache.hadoop.io.LongWritable",
        }
    }

    /// The bytes of a key for a program or an output.
    pub(super) fn text(self, key: &[u8]) -> std::borrow::Cow<'_, [u8]> {
        match (self, <[u8; 8]>::try_from(key)) {
            (Self::Long, Ok(bytes)) => u64::from_be_bytes(bytes).to_string().into_bytes().into(),
            _ => key.into(),
        }
    }
}
