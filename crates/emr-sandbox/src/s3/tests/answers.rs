//! Sends the requests of `answers.txt`, and compares the answers with S3's.

use std::collections::BTreeMap;

use super::{Answer, Server};

/// A request, and what is known about its answer.
#[derive(Default)]
struct Exchange {
    /// The request line without the version, then the headers.
    head: Vec<String>,
    body: String,
    expected: Vec<String>,
    /// Values to keep from the answer: a name, and the place of its value.
    kept: Vec<(String, String)>,
}

/// The scenarios of the file: each has a title and exchanges.
fn scenarios(text: &str) -> Vec<(String, Vec<Exchange>)> {
    let mut scenarios: Vec<(String, Vec<Exchange>)> = Vec::new();
    let mut is_new = true;
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("== ") {
            scenarios.push((title.to_owned(), Vec::new()));
            is_new = true;
        } else if line.is_empty() {
            is_new = true;
        } else if let (Some((_, exchanges)), false) = (scenarios.last_mut(), line.starts_with('#')) {
            if std::mem::take(&mut is_new) {
                exchanges.push(Exchange::default());
            }
            exchanges.last_mut().unwrap().read(line);
        }
    }
    scenarios
}

impl Exchange {
    fn read(&mut self, line: &str) {
        match line.split_at_checked(2) {
            Some(("> ", body)) => self.body.push_str(&repeated(body)),
            Some(("< ", expected)) => self.expected.push(expected.to_owned()),
            Some(("= ", kept)) => {
                let (name, place) = kept.split_once(' ').unwrap();
                self.kept.push((name.to_owned(), place.to_owned()));
            }
            Some(("~ ", _)) => {}
            _ => self.head.push(line.to_owned()),
        }
    }
}

/// `x * 3` as `xxx`.
fn repeated(body: &str) -> String {
    match body.split_once(" * ") {
        Some((text, count)) => text.repeat(count.parse().unwrap()),
        None => body.to_owned(),
    }
}

/// `text` with `{name}` replaced by the value of the name.
fn filled(text: &str, values: &BTreeMap<String, String>) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// The text of an answer at a place: `<Tag>` or `Header:`.
fn found(answer: &Answer, place: &str) -> Option<String> {
    if let Some(header) = place.strip_suffix(':') {
        return answer.header(header).map(str::to_owned);
    }
    let (_, rest) = answer.body.split_once(place)?;
    Some(rest.split_once(&place.replace('<', "</"))?.0.to_owned())
}

/// Whether an answer matches a line of the file.
fn is_as_expected(answer: &Answer, expected: &str) -> bool {
    if expected.starts_with(|first: char| first.is_ascii_digit()) {
        return answer.outcome() == expected || answer.status.to_string() == expected;
    }
    match expected.split_once(' ') {
        Some(("body", body)) => answer.body == body,
        Some(("has", text)) => answer.body.contains(text),
        Some(("!has", text)) => !answer.body.contains(text),
        Some((header, value)) => answer.header(header.trim_end_matches(':')) == Some(value),
        None => answer.header(expected.trim_start_matches('!')).is_none(),
    }
}

#[tokio::test]
async fn every_request_is_answered_as_s3_answers_it() {
    let mut differences = Vec::new();
    let mut count = 0;
    for (title, exchanges) in scenarios(include_str!("answers.txt")) {
        let server = Server::start().await;
        let mut values = BTreeMap::new();
        for exchange in exchanges {
            count += 1;
            let request = format!("{} HTTP/1.1", exchange.head[0]);
            let head = filled(&[&[request][..], &exchange.head[1..]].concat().join("\r\n"), &values);
            let answer = server.ask(&head, &filled(&exchange.body, &values)).await;
            for expected in exchange.expected.iter().map(|expected| filled(expected, &values)) {
                if !is_as_expected(&answer, &expected) {
                    differences
                        .push(format!("{title}: {head:?} expects {expected:?}, is {} {}", answer.head, answer.body));
                }
            }
            for (name, place) in exchange.kept {
                let value = found(&answer, &place);
                values.insert(name, value.unwrap_or_else(|| panic!("{title}: {head}: no {place} in {}", answer.body)));
            }
        }
    }
    assert!(count > 150, "{count} exchanges");
    assert!(differences.is_empty(), "{}\n{} differences", differences.join("\n\n"), differences.len());
}
