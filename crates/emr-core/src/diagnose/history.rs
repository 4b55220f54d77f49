//! Parses the history of a job: its attempts, why they failed, and their containers. Only the history maps attempts to
//! containers, and YARN names the logs of tasks by container.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Evidence;
use super::text::Text;
use crate::logs::Identity;
use crate::model::log::Place;

/// The longest record of a history before YARN: 64 KiB.
const LONGEST: usize = 64 << 10;

/// A history while its lines are read: JSON since YARN, `Type KEY="value" … .` before.
#[derive(Debug)]
pub(super) struct History {
    place: Place,
    number: u64,
    /// The incomplete record (before YARN).
    begun: String,
    containers: BTreeMap<String, String>,
    evidence: Evidence,
}

impl History {
    pub(super) fn of(place: &Place) -> Self {
        let (begun, containers, evidence) = (String::new(), BTreeMap::new(), Evidence::default());
        Self { place: place.clone(), number: 0, begun, containers, evidence }
    }

    pub(super) fn line(&mut self, line: &str) {
        self.number += 1;
        if line.starts_with('{') {
            return self.event(line);
        }
        if self.begun.len() + line.len() > LONGEST {
            self.begun.clear();
        }
        self.begun.push_str(line);
        self.begun.push('\n');
        if line.ends_with(" .") {
            let record = std::mem::take(&mut self.begun);
            self.record(&record);
        }
    }

    pub(super) fn evidence(mut self) -> Evidence {
        let containers = self.evidence.failed.iter().filter_map(|attempt| self.containers.get(attempt).cloned());
        let containers: Vec<_> = containers.collect();
        self.evidence.failed.extend(containers);
        self.evidence
    }

    /// Parses an event of YARN: one object, under a name that depends on its type.
    fn event(&mut self, line: &str) {
        let Ok(record) = serde_json::from_str::<Value>(line) else { return };
        let kind = record["type"].as_str().unwrap_or_default();
        let events = record["event"].as_object().into_iter().flat_map(|event| event.values());
        for event in events {
            let Some(attempt) = event["attemptId"].as_str() else { continue };
            if let Some(container) = event["containerId"].as_str() {
                self.containers.insert(attempt.to_owned(), container.to_owned());
            }
            if kind.ends_with("_ATTEMPT_FAILED") {
                self.failed(attempt, event["error"].as_str().unwrap_or_default());
            }
        }
    }

    fn record(&mut self, record: &str) {
        let is_attempt = record.starts_with("MapAttempt ") || record.starts_with("ReduceAttempt ");
        let fields = fields(record);
        let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        if is_attempt
            && field("TASK_STATUS") == Some("FAILED")
            && let Some(attempt) = field("TASK_ATTEMPT_ID")
        {
            self.failed(attempt, field("ERROR").unwrap_or_default());
        }
    }

    /// Parses the error of a failed attempt as if it were in the log of a step.
    fn failed(&mut self, attempt: &str, error: &str) {
        let mut text = Text::of(&self.place, &Identity::of("steps/s-A/syslog"), None);
        text.line(&format!("Task Id : {attempt}, Status : FAILED"));
        error.lines().for_each(|line| text.line(line));
        let mut evidence = text.evidence();
        if let Some(quote) = evidence.finding.as_mut().and_then(|finding| finding.cause.quote.as_mut()) {
            quote.line = Some(self.number);
        }
        let latest = evidence.finding.take();
        self.evidence.add(evidence);
        let at_least = |weight| self.evidence.finding.as_ref().is_none_or(|finding| finding.weight <= weight);
        if latest.as_ref().is_some_and(|latest| at_least(latest.weight)) {
            self.evidence.finding = latest;
        }
    }
}

/// The fields of a record (before YARN). A backslash escapes the next character.
fn fields(record: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    let mut rest = record;
    while let Some((before, after)) = rest.split_once("=\"") {
        let key = before.rsplit(' ').next().unwrap_or_default().to_owned();
        let mut value = String::new();
        let mut characters = after.char_indices();
        let end = loop {
            match characters.next() {
                Some((_, '\\')) => value.extend(characters.next().map(|(_, escaped)| escaped)),
                Some((end, '"')) => break end + 1,
                Some((_, character)) => value.push(character),
                None => break after.len(),
            }
        };
        fields.push((key, value));
        rest = &after[end..];
    }
    fields
}
