//! The lock that stdin names: the record of `s3-lock acquire`, or of a job flow with a claim.

use std::io::Read;

use emr_cli::pipe;
use emr_core::error::{Error, Outcome, Result, reason};
use emr_core::model::lock::Token;
use emr_core::model::s3_uri::S3Uri;
use serde_json::{Deserializer, Value};

use crate::uri;

/// The largest input, in bytes. Longer input cannot be the record of one lock.
const LARGEST: u64 = 1 << 20;

/// The lock that stdin names, and the token of its holder if it is there.
pub(crate) fn lock() -> Result<(S3Uri, Option<Token>)> {
    let mut input = String::new();
    let read = std::io::stdin().lock().take(LARGEST).read_to_string(&mut input);
    read.map_err(|cause| Error::new(Outcome::Io, format!("cannot read stdin: {}", reason(&cause))))?;
    named(&input)
}

/// The lock that `input` names. A second one is refused, because it would silently stay held.
fn named(input: &str) -> Result<(S3Uri, Option<Token>)> {
    let mut locks = Vec::new();
    for record in Deserializer::from_str(input).into_iter::<Value>() {
        let lock = of_record(&record.map_err(|cause| wrong(&format!("not a record: {cause}")))?)?;
        if !locks.contains(&lock) {
            locks.push(lock);
        }
    }
    match locks.len() {
        0 | 1 => locks.pop().ok_or_else(|| pipe::nothing_came("lock").advise("name the lock")),
        several => Err(wrong(&format!("it names {several} locks"))),
    }
}

fn of_record(record: &Value) -> Result<(S3Uri, Option<Token>)> {
    let record = record.get("claim").unwrap_or(record);
    let text = |key: &str| record.get(key).and_then(Value::as_str);
    let uri = uri::of_object(text("lock_uri").ok_or_else(|| wrong("the record has no lock_uri"))?)?;
    Ok((uri, text("token").map(|token| Token(token.to_owned()))))
}

fn wrong(what: &str) -> Error {
    Error::usage(format!("stdin: {what}")).advise("name the lock, or pipe in the record that s3-lock acquire printed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_may_span_lines_and_be_repeated() {
        let record = "{\n  \"lock_uri\": \"s3://b/l\",\n  \"token\": \"t\"\n}\n";
        let lock = Some(("s3://b/l".parse().unwrap(), Some(Token("t".to_owned()))));
        assert_eq!(named(record).ok(), lock);
        assert_eq!(named(&record.repeat(2)).ok(), lock);
        assert_eq!(named(&format!("{{\"job_flow_id\":\"j-A\",\"claim\":{record}}}")).ok(), lock);
    }

    #[test]
    fn two_locks_are_refused_and_empty_input_is_no_input() {
        let two = "{\"lock_uri\":\"s3://b/l\"}\n{\"lock_uri\":\"s3://b/m\"}";
        assert!(named(two).unwrap_err().to_string().starts_with("stdin: it names 2 locks"));
        assert_eq!(named(" \n").unwrap_err().outcome, Outcome::NoInput);
        assert_eq!(named("{}").unwrap_err().outcome, Outcome::Usage);
    }
}
