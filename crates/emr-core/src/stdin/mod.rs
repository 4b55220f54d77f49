//! Parses what tools read from stdin and as arguments: ids, records and AWS's answers that name job flows and steps.
//!
//! The input consists of JSON values, on one line or many, and of words. Every word must be an id, so that a table that
//! is piped in by mistake is an error. Unknown keys are ignored, because records may gain keys. An id is never dropped.
//!
//! | input | names |
//! |---|---|
//! | `j-2AXXXXXXGAPLF` tab or blank `j-3…` | the job flows, as `--output text` prints them |
//! | `s-2AXXXXXXGAPLF` | the step, whose job flow is named elsewhere |
//! | `"j-…"`, `["j-…", "s-…"]` | the same |
//! | `{"job_flow_id":"j-…","step_id":"s-…"}` | the step and its job flow |
//! | `{"job_flow_id":"j-…","step_id":"s-…","output":"s3://…"}` | the same, and where the step writes |
//! | `{"job_flow_id":"j-…","claim":{…}}` | the job flow and the claim on it, as find-pool prints them |
//! | `{"ClusterId":"j-…"}`, `{"JobFlowId":"j-…"}`, `{"Id":"j-…"}` | the job flow, as the AWS CLI prints it |
//! | `{"Clusters":[…]}`, `{"Cluster":{…}}`, `{"JobFlows":[…]}` | each job flow in it |
//! | `{"job_flow_id":"j-…","region":"eu-west-1"}`, `{"Id":"j-…","ClusterArn":"arn:…"}` | the job flow, and its region |
//! | `{"StepIds":["s-…"]}`, `{"Steps":[…]}`, `{"Step":{…}}` | each step in it |

mod named;
mod outputs;
mod places;
mod source;
#[cfg(test)]
mod tests;

use std::io::BufRead;

use serde::de::DeserializeOwned;

use self::named::Named;
pub use self::outputs::{NamedOutput, StepOutput, read_output_argument, read_outputs};
pub use self::places::Places;
use self::source::{Found, Source};
use crate::error::{Error, Outcome, Result, reason};
use crate::model::claim::Claim;
use crate::model::id::{JobFlowId, StepId};
use crate::model::place::Place;

/// The most job flows and steps in one input, ten times as many clusters as the largest accounts have in the two months
/// that EMR lists.
const MOST: usize = 500_000;

/// The largest JSON value: 64 MiB, which the AWS CLI prints for 100,000 clusters.
const LARGEST: usize = 64 << 20;

/// What an id or a record names: a job flow, a step, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// The job flow, if named.
    pub job_flow: Option<JobFlowId>,
    /// The step, if named.
    pub step: Option<StepId>,
    /// The claim on the job flow, if the record has one.
    pub claim: Option<Claim>,
    /// The output of the step, according to the record.
    pub output: Output,
    /// Where the job flow is, according to the record.
    pub place: Place,
}

/// The output of a step, according to the input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Output {
    /// Unknown: the input is an id alone, or an answer of AWS.
    #[default]
    Unsaid,
    /// None: a record without output. Only the last step of a job has one.
    Absent,
    /// At this place.
    At(String),
}

impl Output {
    /// Turns unknown into absent.
    fn or_absent(self) -> Self {
        if self == Self::Unsaid { Self::Absent } else { self }
    }
}

impl Target {
    /// Parses an id of a step (`s-`) or of a job flow (`j-`).
    fn from_id(id: &str) -> Result<Self> {
        let (mut job_flow, mut step) = (None, None);
        if id.starts_with("s-") {
            step = Some(id.parse()?);
        } else if id.starts_with("j-") {
            job_flow = Some(id.parse()?);
        } else {
            return Err(Error::usage(format!("'{id}' is not the id of a job flow or of a step"))
                .advise("such ids look like j-2AXXXXXXGAPLF and s-2AXXXXXXGAPLF"));
        }
        Ok(Self { job_flow, step, ..Self::default() })
    }
}

/// Parses `input`, in order; empty input gives nothing. An error names the line.
pub fn read(input: impl BufRead) -> Result<Vec<Target>> {
    read_bounded(input, LARGEST)
}

fn read_bounded(input: impl BufRead, largest: usize) -> Result<Vec<Target>> {
    numbered(Source::new(input, largest), Target::from_id, |named: Named| named.targets)
}

/// Parses the argument `text`: an id, or anything that stdin may have.
pub fn read_argument(text: &str) -> Result<Vec<Target>> {
    if text.trim().is_empty() {
        return Target::from_id(text).map(|target| vec![target]);
    }
    all(&mut Source::new(text.as_bytes(), LARGEST), Target::from_id, |named: Named| named.targets)
}

/// Parses `source`, which is stdin. An error names the line.
fn numbered<R: BufRead, T, V: DeserializeOwned>(
    mut source: Source<R>,
    of_word: impl Fn(&str) -> Result<T>,
    of_value: impl Fn(V) -> Vec<T>,
) -> Result<Vec<T>> {
    all(&mut source, of_word, of_value).map_err(|error| match error.outcome {
        Outcome::Usage => error.on(format!("line {} of stdin", source.line())),
        _ => error,
    })
}

/// Parses `source`: each word by `of_word`, each JSON value by `of_value`.
fn all<R: BufRead, T, V: DeserializeOwned>(
    source: &mut Source<R>,
    of_word: impl Fn(&str) -> Result<T>,
    of_value: impl Fn(V) -> Vec<T>,
) -> Result<Vec<T>> {
    source.skip_mark().map_err(|cause| unreadable(&cause))?;
    let mut named = Vec::new();
    while let Some(found) = source.next().map_err(|cause| unreadable(&cause))? {
        match found {
            Found::Word(word) => named.push(of_word(&word)?),
            Found::Value => named.extend(of_value(value(source)?)),
        }
        if named.len() > MOST {
            return Err(Error::usage(format!("more than {MOST} ids")));
        }
    }
    Ok(named)
}

/// Parses the JSON value that begins here.
fn value<R: BufRead, V: DeserializeOwned>(source: &mut Source<R>) -> Result<V> {
    let begin = source.line();
    let value = V::deserialize(&mut serde_json::Deserializer::from_reader(&mut *source));
    value.map_err(|cause| {
        let what = match source.failure() {
            Some(failure) => failure.to_owned(),
            None if cause.is_io() => return unreadable(&cause.into()),
            None => without_place(&cause),
        };
        // The parser may have read past the wrong line.
        source.go_back_to(begin + cause.line().saturating_sub(1));
        Error::usage(format!("not a record: {what}"))
    })
}

/// The message of `cause` without its line, which counts from the beginning of the value.
fn without_place(cause: &serde_json::Error) -> String {
    let text = cause.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what).to_owned()
}

fn unreadable(cause: &std::io::Error) -> Error {
    Error::new(Outcome::Io, format!("cannot read stdin: {}", reason(cause)))
}
