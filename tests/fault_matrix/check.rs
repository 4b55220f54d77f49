//! Whether what a tool says is what really happened. An error says what is wrong with it.

use crate::after::After;

pub(crate) fn prints(after: &After, count: usize) -> Result<(), String> {
    let records = after.records().len();
    if records == count { Ok(()) } else { Err(format!("{records} records")) }
}

pub(crate) fn prints_nothing(after: &After) -> Result<(), String> {
    prints(after, 0)
}

pub(crate) fn of_state(after: &After, state: &str) -> Result<(), String> {
    if after.record()?["state"] == state { Ok(()) } else { Err(format!("the state is not {state}")) }
}

pub(crate) fn is_started(after: &After) -> Result<(), String> {
    let id = after.record()?["job_flow_id"].as_str().map(str::to_owned);
    let started = after.started();
    if started.len() == 1 && id.as_ref() == started.first() { Ok(()) } else { Err(format!("there are {started:?}")) }
}

/// At most one is started; and one that is, is named or said to be possible.
pub(crate) fn is_start_told(after: &After) -> Result<(), String> {
    prints_nothing(after)?;
    is_told(after, &after.started())
}

pub(crate) fn is_added(after: &After) -> Result<(), String> {
    let id = after.record()?["step_id"].as_str().map(str::to_owned);
    let added = after.added();
    if added.len() == 1 && id.as_ref() == added.first() { Ok(()) } else { Err(format!("there are {added:?}")) }
}

pub(crate) fn is_addition_told(after: &After) -> Result<(), String> {
    prints_nothing(after)?;
    is_told(after, &after.added())
}

pub(crate) fn is_told(after: &After, made: &[String]) -> Result<(), String> {
    match made {
        [] => Ok(()),
        [id] if after.is_uncertain() || after.ran.stderr.contains(id) => Ok(()),
        made => Err(format!("{made:?} is not told")),
    }
}

pub(crate) fn is_ended(after: &After) -> Result<(), String> {
    let is_told = after.record()?["job_flow_id"] == "j-A";
    if is_told && after.is_ended() { Ok(()) } else { Err("it is not ended".to_owned()) }
}

pub(crate) fn is_end_told(after: &After) -> Result<(), String> {
    let is_told = after.records().iter().any(|record| record["job_flow_id"] == "j-A");
    match (is_told, after.is_ended()) {
        (true, false) => Err("it is not ended".to_owned()),
        (false, true) if !after.is_uncertain() && !after.ran.stderr.contains("j-A") => Err("it is ended".to_owned()),
        _ => Ok(()),
    }
}

/// How often the command under the lock ran.
pub(crate) fn runs(after: &After) -> usize {
    std::fs::read_to_string(after.sandbox.folder().join("ran")).map_or(0, |text| text.lines().count())
}
