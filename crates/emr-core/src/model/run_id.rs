//! The run id, by which a tool recognizes its own job flow and steps.
//!
//! `RunJobFlow` and `AddJobFlowSteps` have no client token, so a call whose answer was lost cannot be retried. Both
//! carry a run id at the end of the Name, because lists have Names but no tags.

use std::fmt;

use crate::model::base32;

/// 60 random bits, unique to one call, written as twelve letters and digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RunId(String);

/// The longest Name, in characters (`XmlStringMaxLen256` in EMR's API).
pub const NAME_LIMIT: usize = 256;

const MARK: &str = " run:";
const LENGTH: u32 = 12;

impl RunId {
    /// The run id of the low 60 bits of `random`.
    #[must_use]
    pub fn from_random(random: u64) -> Self {
        Self(base32::encode(random.into(), LENGTH))
    }

    /// Splits `name` into label and run id. Two clusters with one run id have a copied Name: EMR's console copies it
    /// when it clones a cluster.
    #[must_use]
    pub fn split(name: &str) -> (&str, Option<Self>) {
        match name.rsplit_once(MARK) {
            Some((label, id)) if base32::is_encoded(id, LENGTH) => (label, Some(Self(id.to_owned()))),
            _ => (name, None),
        }
    }

    /// Whether `text` is a run id, and no date: a folder such as `202611290000` is somebody's.
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        base32::is_encoded(text, LENGTH) && text.contains(|c: char| c.is_ascii_lowercase())
    }

    /// `label` and this run id. The label is cut to stay within [`NAME_LIMIT`].
    #[must_use]
    pub fn name(&self, label: &str) -> String {
        cut(label, &format!("{MARK}{}", self.0))
    }

    /// `label`, `marker` and this run id. The label is cut to stay within [`NAME_LIMIT`], the marker never.
    #[must_use]
    pub fn name_with(&self, label: &str, marker: &str) -> String {
        cut(label, &format!(" {marker}{MARK}{}", self.0))
    }

    /// Its letters and digits, for unique names.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `name` ends in this run id: the call with it created the thing.
    #[must_use]
    pub fn made(&self, name: &str) -> bool {
        Self::split(name).1.as_ref() == Some(self)
    }
}
impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", MARK.trim_start(), self.0)
    }
}

/// `label` and `end`. The label is cut to stay within [`NAME_LIMIT`].
fn cut(label: &str, end: &str) -> String {
    let room = NAME_LIMIT.saturating_sub(end.chars().count());
    let label: String = label.chars().take(room).collect();
    format!("{}{end}", label.trim_end())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_name_is_recognized_and_within_the_limit(label in "\\PC{0,300}", random: u64) {
            let run = RunId::from_random(random);
            let name = run.name(&label);
            prop_assert!(run.made(&name));
            prop_assert!(name.chars().count() <= NAME_LIMIT);
            prop_assert_eq!(RunId::split(&name).1, Some(run));
        }

        #[test]
        fn another_run_is_not_recognized(a: u64, b: u64) {
            prop_assume!(a << 4 != b << 4);
            prop_assert!(!RunId::from_random(a).made(&RunId::from_random(b).name("etl")));
        }
    }

    #[test]
    fn a_name_that_only_contains_the_id_is_not_ours() {
        let run = RunId::from_random(7);
        assert!(!run.made(&format!("x{}", run.0)));
        assert!(!run.made(&format!("{} 2", run.name("etl"))));
        assert_eq!(RunId::split("etl run:2 run:short"), ("etl run:2 run:short", None));
    }
}
