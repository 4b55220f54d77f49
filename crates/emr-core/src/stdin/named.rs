//! Finds the ids in a JSON value. Only they are kept in memory.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};
use serde_json::Value;

use super::{MOST, Output, Target};
use crate::model::claim::Claim;
use crate::model::id::{JobFlowId, StepId};
use crate::model::place::{self, Place as Where};

/// The position of a value, which decides what it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// At the top or in a list of ids: it must name something.
    Alone,
    /// In an answer of AWS, such as under `Clusters`: values that are neither objects nor ids are ignored.
    Answer,
    /// In a list of steps. In answers of `DescribeJobFlows` they have no ids, so their job flow is named instead.
    Steps,
}

/// The targets in a value.
#[derive(Debug, Default)]
pub(super) struct Named {
    pub(super) targets: Vec<Target>,
    /// Whether it is of a kind that can name targets, such as an empty list.
    names: bool,
    /// Whether it contains steps without ids.
    lacks_ids: bool,
}

impl Named {
    fn add<E: de::Error>(&mut self, more: Self) -> Result<(), E> {
        self.targets.extend(more.targets);
        self.names |= more.names;
        self.lacks_ids |= more.lacks_ids;
        if self.targets.len() > MOST {
            return Err(E::custom(format!("more than {MOST} ids")));
        }
        Ok(())
    }
}

impl From<Vec<Target>> for Named {
    fn from(targets: Vec<Target>) -> Self {
        Self { targets, names: true, lacks_ids: false }
    }
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Place::Alone.deserialize(deserializer)
    }
}

impl<'de> DeserializeSeed<'de> for Place {
    type Value = Named;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Named, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place {
    type Value = Named;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the id of a job flow or of a step, or a record")
    }

    fn visit_str<E: de::Error>(self, id: &str) -> Result<Named, E> {
        match Target::from_id(id) {
            Ok(target) => Ok(Named::from(vec![target])),
            Err(error) if self == Self::Alone => Err(E::custom(error)),
            Err(_) => Ok(Named::default()),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Named, A::Error> {
        let mut all = Named::from(Vec::new());
        while let Some(named) = list.next_element_seed(self)? {
            all.add(named)?;
        }
        Ok(all)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Named, A::Error> {
        Record::read(map)?.named(self).map_err(de::Error::custom)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Named, E> {
        self.other(Unexpected::Unit)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Named, E> {
        self.other(Unexpected::Bool(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Named, E> {
        self.other(Unexpected::Unsigned(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Named, E> {
        self.other(Unexpected::Signed(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Named, E> {
        self.other(Unexpected::Float(value))
    }
}

impl Place {
    /// A value that is neither text, nor an object, nor a list: an error, or ignored inside an answer.
    fn other<E: de::Error>(self, value: Unexpected<'_>) -> Result<Named, E> {
        if self == Self::Alone { Err(E::invalid_type(value, &self)) } else { Ok(Named::default()) }
    }
}

/// An object: its own ids, and the targets inside it.
#[derive(Default)]
struct Record {
    job_flow: Option<JobFlowId>,
    step: Option<StepId>,
    claim: Option<Claim>,
    output: Output,
    place: Where,
    inner: Named,
}

impl Record {
    fn read<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut record = Self::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "job_flow_id" | "JobFlowId" | "ClusterId" => once(&mut record.job_flow, id(&mut map)?)?,
                "step_id" => {
                    once(&mut record.step, id(&mut map)?)?;
                    record.output = std::mem::take(&mut record.output).or_absent();
                }
                "StepId" => once(&mut record.step, id(&mut map)?)?,
                "output" => record.output = output(map.next_value()?),
                "Id" => record.add_either(map.next_value()?)?,
                "claim" => record.claim = claim(map.next_value()?)?,
                "region" => once(&mut record.place.region, text(map.next_value()?))?,
                "profile" => once(&mut record.place.profile, text(map.next_value()?))?,
                "ClusterArn" => {
                    let arn = text(map.next_value()?);
                    once(&mut record.place.region, arn.as_deref().and_then(place::of_arn).map(str::to_owned))?;
                }
                "StepIds" | "JobFlowIds" | "ClusterIds" => record.add_ids(map.next_value()?)?,
                "Clusters" | "Cluster" | "JobFlows" | "Step" | "CancelStepsInfoList" => {
                    record.inner.add(map.next_value_seed(Place::Answer)?)?;
                }
                "Steps" => record.inner.add(map.next_value_seed(Place::Steps)?)?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(record)
    }

    /// Takes an `Id`, whose prefix says what it identifies.
    fn add_either<E: de::Error>(&mut self, id: Option<String>) -> Result<(), E> {
        let Some(id) = id else { return Ok(()) };
        let target = Target::from_id(&id).map_err(E::custom)?;
        once(&mut self.job_flow, target.job_flow)?;
        once(&mut self.step, target.step)
    }

    fn add_ids<E: de::Error>(&mut self, ids: Option<Named>) -> Result<(), E> {
        ids.map_or(Ok(()), |ids| self.inner.add(ids))
    }

    /// The targets of the object at `place`. Steps in it get its job flow, which is then not named separately.
    fn named(self, place: Place) -> Result<Named, &'static str> {
        let Self { job_flow, step, claim, output, place: at, mut inner } = self;
        if job_flow.is_none() && step.is_none() {
            return match (inner.names, inner.lacks_ids, place) {
                (true, false, _) => Ok(inner),
                (true, true, _) => Err("its steps have no Id"),
                (false, _, Place::Steps) => Ok(Named { lacks_ids: true, ..Named::default() }),
                (false, ..) => Err("the record has neither job_flow_id nor step_id"),
            };
        }
        for target in &mut inner.targets {
            if target.job_flow.is_none() {
                (target.job_flow, target.place) = (job_flow.clone(), at.clone());
            }
        }
        let is_named = |target: &Target| target.job_flow == job_flow;
        if step.is_some() || claim.is_some() || !inner.targets.iter().any(is_named) {
            inner.targets.insert(0, Target { job_flow, step, claim, output, place: at });
        }
        Ok(Named::from(inner.targets))
    }
}

/// An id; `None` for null.
fn id<'de, A: MapAccess<'de>, T: std::str::FromStr<Err = crate::error::Error>>(
    map: &mut A,
) -> Result<Option<T>, A::Error> {
    map.next_value::<Option<String>>()?.map(|id| id.parse()).transpose().map_err(de::Error::custom)
}

/// Sets `value`. A second key may repeat it but not change it.
fn once<T: PartialEq + fmt::Display, E: de::Error>(value: &mut Option<T>, now: Option<T>) -> Result<(), E> {
    match (&value, now) {
        (Some(before), Some(now)) if *before != now => {
            Err(E::custom(format!("the record names both {before} and {now}")))
        }
        (_, None) => Ok(()),
        (_, now) => {
            *value = now;
            Ok(())
        }
    }
}

/// A text. A value of another type is not ours and is ignored.
fn text(value: Value) -> Option<String> {
    if let Value::String(text) = value { Some(text) } else { None }
}

/// The output in a record. A value of another type is not ours and is ignored.
fn output(value: Value) -> Output {
    if let Value::String(place) = value { Output::At(place) } else { Output::Absent }
}

fn claim<E: de::Error>(claim: Value) -> Result<Option<Claim>, E> {
    Option::deserialize(claim).map_err(|cause| E::custom(format!("claim: {cause}")))
}
