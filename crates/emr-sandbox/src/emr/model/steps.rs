//! The steps of a cluster. A replayed account may have millions, few of which are ever read: recorded steps are kept
//! compressed and unpacked on each read. Steps that may still change are kept as they are.

use std::borrow::Cow;
use std::io::Read as _;

use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use serde::{Deserialize, Deserializer};

use super::step::Step;

/// All steps, in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(crate) struct Steps {
    /// Recorded steps as deflated JSON, at about a thirtieth of the memory. They are older than `open`.
    packed: Vec<u8>,
    open: Vec<Step>,
}

impl<'de> Deserialize<'de> for Steps {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from)
    }
}

impl From<Vec<Step>> for Steps {
    fn from(open: Vec<Step>) -> Self {
        Self { packed: Vec::new(), open }
    }
}

impl Steps {
    pub(crate) fn is_empty(&self) -> bool {
        self.packed.is_empty() && self.open.is_empty()
    }

    /// All steps, packed ones unpacked.
    pub(crate) fn all(&self) -> Cow<'_, [Step]> {
        if self.packed.is_empty() {
            return Cow::Borrowed(&self.open);
        }
        let mut steps = unpack(&self.packed);
        steps.extend_from_slice(&self.open);
        Cow::Owned(steps)
    }

    /// All steps, to change them. They stay unpacked.
    pub(crate) fn open(&mut self) -> &mut Vec<Step> {
        if !self.packed.is_empty() {
            let packed = std::mem::take(&mut self.packed);
            self.open.splice(0..0, unpack(&packed));
        }
        &mut self.open
    }

    /// Adds a step.
    pub(crate) fn push(&mut self, step: Step) {
        self.open.push(step);
    }

    /// The steps that were added here. Packed steps are recorded ones.
    pub(crate) fn ours(&self) -> impl Iterator<Item = &Step> {
        self.open.iter().filter(|step| step.is_ours)
    }

    /// Packs the steps if all of them are recorded.
    pub(crate) fn pack(&mut self) {
        let steps = self.open();
        let is_recorded = !steps.is_empty() && steps.iter().all(|step| !step.is_ours);
        if is_recorded && let Some(packed) = pack(steps) {
            *self = Self { packed, open: Vec::new() };
        }
    }
}

fn pack(steps: &[Step]) -> Option<Vec<u8>> {
    let json = serde_json::to_vec(steps).ok()?;
    let mut packed = Vec::new();
    DeflateEncoder::new(json.as_slice(), Compression::fast()).read_to_end(&mut packed).ok()?;
    packed.shrink_to_fit();
    Some(packed)
}

fn unpack(bytes: &[u8]) -> Vec<Step> {
    let mut json = Vec::new();
    let read = DeflateDecoder::new(bytes).read_to_end(&mut json).map_err(|error| error.to_string());
    let steps = read.and_then(|_| serde_json::from_slice(&json).map_err(|error| error.to_string()));
    steps.unwrap_or_else(|reason| {
        log::error!("cannot unpack recorded steps: {reason}");
        Vec::new()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn packed_steps_are_unpacked_unchanged() {
        let recorded = json!([{
            "Id": "s-A", "Name": "a", "ActionOnFailure": "CONTINUE", "AdditionalInfo": {"x": "y"},
            "Config": {"Jar": "a.jar", "Properties": {"a": "b"}, "Args": ["c"]},
            "Status": {
                "State": "FAILED", "StateChangeReason": {}, "FailureDetails": {"Reason": "r"},
                "Timeline": {"CreationDateTime": 1_466_449_218.348},
            },
        }]);
        let mut steps: Steps = serde_json::from_value(recorded.clone()).unwrap();
        steps.pack();
        assert!(steps.open.is_empty() && !steps.is_empty());
        assert_eq!(json!(steps.all()), recorded);
        assert_eq!(json!(steps.open()), recorded);
    }
}
