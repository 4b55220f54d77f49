//! Parses the input of fetch-output: records of steps, for their outputs, and S3 URIs.
//!
//! An id alone does not have an output, so each word must be a URI. A record without a state is refused, because the
//! output counts only if the step completed.

use std::fmt;
use std::io::BufRead;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use super::source::Source;
use super::{LARGEST, MOST, all, numbered};
use crate::error::{Error, Result};
use crate::model::id::{JobFlowId, StepId};
use crate::model::place::Place;
use crate::model::step::StepState;

/// An output, named by a step or by its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedOutput {
    /// A place as written, such as `s3://bucket/out/`.
    Place(String),
    /// A step, from its record.
    Step(StepOutput),
}

/// The part of a step's record that concerns its output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepOutput {
    /// The step's job flow, if the record has it.
    pub job_flow: Option<JobFlowId>,
    /// The step.
    pub step: StepId,
    /// Its state at the time of the record.
    pub state: StepState,
    /// Whether it started.
    pub has_begun: bool,
    /// Its output; `None` for all steps of a job but the last.
    pub output: Option<String>,
    /// Where its job flow is, according to the record.
    pub place: Place,
}

/// Parses `input`, in order; empty input gives nothing. An error names the line.
pub fn read_outputs(input: impl BufRead) -> Result<Vec<NamedOutput>> {
    numbered(Source::new(input, LARGEST), place, |read: Read| read.0)
}

/// Parses the argument `text`: a place, which may contain blanks, or JSON as on stdin.
pub fn read_output_argument(text: &str) -> Result<Vec<NamedOutput>> {
    if text.trim_start().starts_with(['{', '[', '"']) {
        return all(&mut Source::new(text.as_bytes(), LARGEST), place, |read: Read| read.0);
    }
    place(text).map(|place| vec![place])
}

/// Parses the word `text` as a place.
fn place(text: &str) -> Result<NamedOutput> {
    if text.contains("://") {
        return Ok(NamedOutput::Place(text.to_owned()));
    }
    let error = Error::usage(format!("'{text}' is not a place on S3"));
    Err(if text.starts_with("s-") || text.starts_with("j-") {
        error.advise("pipe in its record, as wait-step prints it, which says where the output is")
    } else {
        error.advise("places look like s3://bucket/output/")
    })
}

/// The outputs in a JSON value.
struct Read(Vec<NamedOutput>);

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(Named)
    }
}

struct Named;

impl<'de> Visitor<'de> for Named {
    type Value = Read;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the record of a step, or a place on S3")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<Read, E> {
        place(text).map(|place| Read(vec![place])).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<Read, A::Error> {
        let mut read = Vec::new();
        while let Some(Read(more)) = list.next_element()? {
            read.extend(more);
            if read.len() > MOST {
                return Err(de::Error::custom(format!("more than {MOST} records")));
            }
        }
        Ok(Read(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> std::result::Result<Read, A::Error> {
        let record = Record::deserialize(MapAccessDeserializer::new(map))?;
        record.named().map(|named| Read(vec![named])).map_err(de::Error::custom)
    }
}

/// The keys of a step's record that matter here.
#[derive(Deserialize)]
struct Record {
    job_flow_id: Option<JobFlowId>,
    step_id: Option<StepId>,
    state: Option<StepState>,
    started_at: Option<String>,
    output: Option<String>,
    region: Option<String>,
    profile: Option<String>,
}

impl Record {
    fn named(self) -> std::result::Result<NamedOutput, &'static str> {
        let step = self.step_id.ok_or("it has no step_id; wait-step prints the records of steps")?;
        let state = self.state.ok_or("it has no state; wait-step prints it")?;
        let (job_flow, has_begun) = (self.job_flow_id, self.started_at.is_some());
        let place = Place { region: self.region, profile: self.profile };
        Ok(NamedOutput::Step(StepOutput { job_flow, step, state, has_begun, output: self.output, place }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::Outcome;

    fn read(input: &str) -> Vec<NamedOutput> {
        read_outputs(input.as_bytes()).unwrap()
    }

    fn refused(input: &str) -> String {
        let error = read_outputs(input.as_bytes()).unwrap_err();
        assert_eq!(error.outcome, Outcome::Usage, "{error}");
        error.to_string()
    }

    fn step(state: StepState, output: Option<&str>) -> NamedOutput {
        let (job_flow, step) = (Some("j-A".parse().unwrap()), "s-B".parse().unwrap());
        NamedOutput::Step(StepOutput {
            job_flow,
            step,
            state,
            has_begun: true,
            output: output.map(str::to_owned),
            place: Place::default(),
        })
    }

    #[test]
    fn records_have_the_state_and_the_output_of_a_step() {
        let record = r#"{"job_flow_id":"j-A","step_id":"s-B","name":"x","state":"COMPLETED","output":"s3://b/out/",
            "started_at":"2026-11-22T06:00:00Z","cause":{"kind":"x"}}"#;
        let failed = record.replace("COMPLETED", "FAILED").replace(r#""output":"s3://b/out/","#, "");
        let both = format!("{record}\n[{failed}]");
        assert_eq!(read(&both), [step(StepState::Completed, Some("s3://b/out/")), step(StepState::Failed, None)]);
        assert_eq!(read_output_argument(record).unwrap().len(), 1);
        assert_eq!(read(" \n"), []);
    }

    #[test]
    fn words_are_places_and_an_argument_may_contain_blanks() {
        let place = |text: &str| NamedOutput::Place(text.to_owned());
        assert_eq!(read("s3://b/a\ts3n://b/c\n\"s3://b/d e\""), ["s3://b/a", "s3n://b/c", "s3://b/d e"].map(place));
        assert_eq!(read_output_argument("s3://b/my out/").unwrap(), [place("s3://b/my out/")]);
    }

    #[test]
    fn input_without_an_output_is_refused_with_advice() {
        assert!(
            refused("s3://b/a\ns-B").starts_with("line 2 of stdin: 's-B' is not a place on S3; pipe in its record")
        );
        assert!(refused("out/").contains("places look like s3://bucket/output/"));
        assert!(refused(r#"{"job_flow_id":"j-A","state":"WAITING"}"#).contains("it has no step_id"));
        assert!(refused(r#"{"step_id":"s-B","output":"s3://b/out/"}"#).contains("it has no state"));
        assert!(refused("[7]").contains("not a record: invalid type: integer `7`, expected the record of a step"));
        assert!(read_output_argument("").is_err());
    }

    proptest! {
        #[test]
        fn any_input_is_parsed_or_refused(input in "\\PC*|[\\[\\]{}\":,a-z/ ]*") {
            let _ = (read_outputs(input.as_bytes()), read_output_argument(&input));
        }
    }
}
