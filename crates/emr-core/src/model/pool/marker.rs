//! The marker of a pool in the Name of a cluster.
//!
//! It is between label and run id, as in `nightly pool:etl,4k2m7p0q9r1s3t5v,SHAPE run:7f3k9q2m1x4z`. `ListClusters`
//! returns Names but no tags, so one call finds the pools of 50 clusters.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::PoolName;
use crate::error::Error;
use crate::model::base32;
use crate::model::run_id::RunId;

/// 80-bit content hash: equal exactly when two job flows may share a pool.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct PoolHash(String);

impl PoolHash {
    const LENGTH: u32 = 16;

    /// The hash of the low 80 bits of `digest`.
    #[must_use]
    pub fn from_digest(digest: u128) -> Self {
        Self(base32::encode(digest, Self::LENGTH))
    }

    /// The hash as in Names and tags.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PoolHash {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if base32::is_encoded(text, Self::LENGTH) {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::usage(format!("'{text}' is not the hash of a pool")))
    }
}

impl fmt::Display for PoolHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The marker of a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// The pool.
    pub pool_name: PoolName,
    /// The content hash, which must be equal to share the cluster.
    pub hash: PoolHash,
    /// Its instances in short ([`shape`](crate::pool::shape)), without white space and commas; `None` if unknown.
    pub shape: Option<String>,
    /// Its step concurrency.
    pub step_concurrency: u32,
}

const MARK: &str = "pool:";

/// The longest marker, in characters. A Name has 256: the run id takes 17, and a label of 16 or more fits.
const LIMIT: usize = 220;

impl Marker {
    /// The marker as in Names. A shape that does not fit is left out.
    #[must_use]
    pub fn write(&self) -> String {
        let shaped = self.with_shape(self.shape.as_deref().unwrap_or_default());
        if shaped.chars().count() <= LIMIT { shaped } else { self.with_shape("") }
    }

    fn with_shape(&self, shape: &str) -> String {
        let concurrency =
            if self.step_concurrency == 1 { String::new() } else { format!(",x{}", self.step_concurrency) };
        let shape = if shape.is_empty() && concurrency.is_empty() { String::new() } else { format!(",{shape}") };
        format!("{MARK}{},{}{shape}{concurrency}", self.pool_name.encoded(), self.hash)
    }

    /// `cluster_name` without its marker: label and run id, for people.
    #[must_use]
    pub fn without(cluster_name: &str) -> String {
        let Some(marker) = Self::read(cluster_name) else { return cluster_name.to_owned() };
        let (name, run) = RunId::split(cluster_name);
        let label = name.trim_end().trim_end_matches(&marker.write()).trim_end();
        run.map_or_else(|| label.to_owned(), |run| format!("{label} {run}"))
    }

    /// Parses the marker at the end of `cluster_name`, or directly before its run id.
    ///
    /// It must be exactly what [`Marker::write`] writes, and the last word, because a label may be any text.
    #[must_use]
    pub fn read(cluster_name: &str) -> Option<Self> {
        let (name, _) = RunId::split(cluster_name);
        let fields = name.split_whitespace().next_back()?.strip_prefix(MARK)?;
        let mut fields = fields.split(',');
        let marker = Self {
            pool_name: PoolName::decode(fields.next()?)?,
            hash: fields.next()?.parse().ok()?,
            shape: fields.next().filter(|shape| !shape.is_empty()).map(str::to_owned),
            step_concurrency: fields.next().map_or(Some(1), |text| text.strip_prefix('x')?.parse().ok())?,
        };
        name.trim_end().ends_with(&marker.write()).then_some(marker)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::run_id::NAME_LIMIT;

    fn marker(name: &str, shape: Option<&str>, step_concurrency: u32) -> Marker {
        let shape = shape.map(str::to_owned);
        Marker { pool_name: name.parse().unwrap(), hash: PoolHash::from_digest(77), shape, step_concurrency }
    }

    proptest! {
        #[test]
        fn writing_and_parsing_a_marker_return_the_same(
            label in "\\PC{0,300}",
            name in "\\PC{1,24}",
            digest: u128,
            shape in proptest::option::of("[!-+\\--~]{1,190}"),
            step_concurrency in 1_u32..=256,
            random: u64,
        ) {
            let Ok(pool_name) = name.parse() else { return Ok(()) };
            let marker = Marker { pool_name, hash: PoolHash::from_digest(digest), shape, step_concurrency };
            let full = RunId::from_random(random).name_with(&label, &marker.write());
            prop_assert!(full.chars().count() <= NAME_LIMIT);
            let spelled = marker.with_shape(marker.shape.as_deref().unwrap_or_default());
            let shape = marker.shape.clone().filter(|_| spelled.chars().count() <= LIMIT);
            let marker = Marker { shape, ..marker };
            prop_assert_eq!(Marker::read(&full), Some(marker.clone()));
            prop_assert_eq!(Marker::read(&format!("{label} {}", marker.write())), Some(marker));
        }

        #[test]
        fn any_name_is_parsed_without_a_panic(name in "(pool:|run:|[ ,=x0-9a-z])*") {
            if let Some(marker) = Marker::read(&name) {
                prop_assert!(name.contains(&marker.write()));
            }
        }
    }

    #[test]
    fn absent_parts_take_no_room() {
        let hash = PoolHash::from_digest(77);
        assert_eq!(marker("my etl", None, 1).write(), format!("pool:my=20etl,{hash}"));
        assert_eq!(marker("etl", Some("m5.xlarge"), 1).write(), format!("pool:etl,{hash},m5.xlarge"));
        assert_eq!(marker("etl", None, 4).write(), format!("pool:etl,{hash},,x4"));
    }

    #[test]
    fn the_marker_is_removed_for_people() {
        let marker = marker("etl", None, 1).write();
        assert_eq!(Marker::without(&format!("nightly {marker} run:0123456789ab")), "nightly run:0123456789ab");
        assert_eq!(Marker::without(&format!("nightly {marker}")), "nightly");
        assert_eq!(Marker::without("nightly run:0123456789ab"), "nightly run:0123456789ab");
    }

    #[test]
    fn of_several_markers_the_last_counts() {
        let name = format!("a {} b {} run:0123456789ab", marker("x", None, 1).write(), marker("y", None, 1).write());
        assert_eq!(Marker::read(&name), Some(marker("y", None, 1)));
    }

    #[test]
    fn an_incomplete_marker_is_none() {
        let whole = marker("etl", Some("s"), 4).write();
        let hash = PoolHash::from_digest(77);
        for bad in [
            String::new(),
            "nightly pool: run:0123456789ab".to_owned(),
            "nightly pool:etl run:0123456789ab".to_owned(),
            format!("pool:etl,{hash}x"),
            format!("pool:,{hash}"),
            format!("pool:etl,{hash},"),
            format!("pool:etl,{hash},s,x1"),
            format!("pool:etl,{hash},s,x04"),
            format!("xpool:etl,{hash}"),
            format!("{whole},more"),
            format!("{whole} copy"),
            format!("{whole} run:short"),
        ] {
            assert_eq!(Marker::read(&bad), None, "{bad}");
        }
    }
}
