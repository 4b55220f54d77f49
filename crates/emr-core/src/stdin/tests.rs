//! The grammar of stdin, by examples and properties.

use std::io::{BufReader, Read};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::cluster::{ClusterState, example};
use crate::model::lock::Token;
use crate::model::record::JobFlowRecord;

/// Each target as `job flow/step`, with absent parts empty.
fn names(targets: &[Target]) -> Vec<String> {
    let text = |id: Option<String>| id.unwrap_or_default();
    let name = |target: &Target| {
        let (flow, step) = (target.job_flow.clone().map(String::from), target.step.clone().map(String::from));
        format!("{}/{}", text(flow), text(step))
    };
    targets.iter().map(name).collect()
}

fn named(input: &str) -> Vec<String> {
    names(&read(input.as_bytes()).unwrap())
}

fn refused(input: &str) -> String {
    let error = read(input.as_bytes()).unwrap_err();
    assert_eq!(error.outcome, Outcome::Usage, "{error}");
    error.to_string()
}

#[test]
fn every_word_is_an_id_in_any_white_space() {
    assert_eq!(named("j-A\tj-B  s-C\r\n\n \x0bj-D"), ["j-A/", "j-B/", "/s-C", "j-D/"]);
    assert_eq!(named("\u{feff}j-A"), ["j-A/"]);
    assert_eq!(named(" \n\t\r\n"), Vec::<String>::new());
}

#[test]
fn a_byte_order_mark_may_arrive_in_pieces() {
    for size in 1..5 {
        let in_pieces = |input: &'static [u8]| read(BufReader::with_capacity(size, input));
        assert_eq!(names(&in_pieces("\u{feff}j-A".as_bytes()).unwrap()), ["j-A/"]);
        let error = in_pieces(b"\xef\xbbj-A").unwrap_err().to_string();
        assert!(error.starts_with("line 1 of stdin: '\u{fffd}j-A' is not the id"), "{error}");
    }
}

#[test]
fn another_word_is_refused_with_its_line() {
    let text = refused("j-A\nj-B  WAITING nightly\n");
    assert!(text.starts_with("line 2 of stdin: 'WAITING' is not the id of a job flow or of a step"), "{text}");
    for other in
        ["None", "j-A,j-B", "j-A\0", "ig-ABC", "\u{a0}j-A", "j-A{\"Id\":\"j-B\"}", "true", "7", "null", "'j-A'"]
    {
        assert!(refused(other).starts_with("line 1 of stdin: '"), "{other}");
    }
    assert!(refused("j-A/../x").contains("'j-A/../x' is not the id of a job flow"));
}

#[test]
fn the_record_of_a_step_has_an_output_or_none() {
    let output = |input: &str| read(input.as_bytes()).unwrap()[0].output.clone();
    let record = |key: &str| output(&format!(r#"{{"output":{key},"job_flow_id":"j-A","step_id":"s-B"}}"#));
    assert_eq!(record("\"s3://b/out/\""), Output::At("s3://b/out/".to_owned()));
    assert_eq!(record("null"), Output::Absent);
    assert_eq!(output(r#"{"job_flow_id":"j-A","step_id":"s-B"}"#), Output::Absent);
    for other in [r#"{"ClusterId":"j-A","StepId":"s-B"}"#, "s-B", r#"{"job_flow_id":"j-A"}"#] {
        assert_eq!(output(other), Output::Unsaid, "{other}");
    }
}

#[test]
fn our_records_and_aws_s_name_a_job_flow_a_step_or_both() {
    for (record, name) in [
        (r#"{"job_flow_id":"j-A","name":"x","new_key":[1,{"Id":"ig-1"}]}"#, "j-A/"),
        (r#"{"job_flow_id":"j-A","step_id":"s-B"}"#, "j-A/s-B"),
        (r#"{"JobFlowId":"j-A","ClusterArn":"arn"}"#, "j-A/"),
        (r#"{"ClusterId":"j-A","StepId":"s-B"}"#, "j-A/s-B"),
        (r#"{"Id":"j-A","Name":"x","Status":{"State":"WAITING"}}"#, "j-A/"),
        (r#"{"Id":"s-B","ClusterId":"j-A"}"#, "j-A/s-B"),
        (r#"{"Id":"s-B","step_id":null}"#, "/s-B"),
        (r#""j-A""#, "j-A/"),
        (r#"{"Cluster":{"Id":"j-A","Name":"x","InstanceGroups":[{"Id":"ig-1"}]}}"#, "j-A/"),
        (r#"{"Step":{"Id":"s-B"}}"#, "/s-B"),
        (r#"{"job_flow_id":"j-A","Cluster":"nightly","Steps":3}"#, "j-A/"),
    ] {
        assert_eq!(named(record), [name], "{record}");
    }
}

#[test]
fn lists_in_answers_of_aws_name_every_entry() {
    let clusters = json!({"Clusters": [{"Id": "j-A", "Name": "x"}, {"Id": "j-B"}], "Marker": "m"});
    assert_eq!(named(&format!("{clusters:#}")), ["j-A/", "j-B/"]);
    assert_eq!(named(r#"{"StepIds":["s-A","s-B"]}"#), ["/s-A", "/s-B"]);
    assert_eq!(named(r#"{"Steps":[{"Id":"s-A","Config":{"Args":["s-x y"]}},{"Id":"s-B"}]}"#), ["/s-A", "/s-B"]);
    assert_eq!(named(r#"{"CancelStepsInfoList":[{"StepId":"s-A","Status":"SUBMITTED"}]}"#), ["/s-A"]);
    assert_eq!(named(r#"[["j-A","j-B"],{"Id":"s-C"}]"#), ["j-A/", "j-B/", "/s-C"]);
    for nothing in ["[]", r#"{"Clusters":[]}"#, r#"{"StepIds":[]}"#, r#"{"Steps":[],"Marker":null}"#] {
        assert_eq!(named(nothing), Vec::<String>::new(), "{nothing}");
    }
}

#[test]
fn steps_in_a_record_get_its_job_flow_which_replaces_steps_without_ids() {
    assert_eq!(named(r#"{"StepIds":["s-A","s-B"],"JobFlowId":"j-A"}"#), ["j-A/s-A", "j-A/s-B"]);
    let legacy = r#"{"JobFlows":[{"Steps":[{"StepConfig":{"Name":"x"}}],"JobFlowId":"j-A"}]}"#;
    assert_eq!(named(legacy), ["j-A/"]);
    assert!(refused(r#"{"Steps":[{"Name":"x"}]}"#).contains("its steps have no Id"));
}

#[test]
fn writing_and_parsing_a_claim_return_the_same() {
    let claim = Claim {
        lock_uri: "s3://b/tmp/locks/j-A".parse().unwrap(),
        token: Token("t".to_owned()),
        generation: 3,
        ttl_s: 60,
    };
    let cluster = example::cluster("j-A", ClusterState::Waiting);
    let record = JobFlowRecord { claim: Some(claim.clone()), ..cluster.into() };
    let line = serde_json::to_string(&record).unwrap();
    let text = r#""claim":{"lock_uri":"s3://b/tmp/locks/j-A","token":"t","generation":3,"ttl_s":60}"#;
    assert!(line.contains(text), "{line}");
    assert_eq!(read(line.as_bytes()).unwrap()[0].claim, Some(claim));
}

#[test]
fn a_claim_that_is_null_is_none_and_a_broken_one_is_refused() {
    assert_eq!(read(&br#"{"job_flow_id":"j-A","claim":null}"#[..]).unwrap()[0].claim, None);
    let bad = refused(r#"{"job_flow_id":"j-A","claim":{"lock_uri":"x"}}"#);
    assert!(bad.starts_with("line 1 of stdin: not a record: claim: 'x' is not a place on S3"), "{bad}");
}

#[test]
fn a_value_that_names_nothing_or_contradicts_itself_is_refused_with_its_line() {
    for (bad, line) in [
        ("{\"job_flow_id\":", 1),
        ("{\n\"job_flow_id\": j\n", 2),
        ("{}", 1),
        ("[1]", 1),
        ("[null]", 1),
        (r#"{"job_flow_id":7}"#, 1),
        (r#"{"job_flow_id":"x"}"#, 1),
        ("j-A\n[\n \"j-B\",\n \"etl\"\n]", 4),
        ("{\"Clusters\":[\n{\"Id\":\"j-A\"},\n{\"Name\":\"x\"}]}", 3),
        (r#"{"Id":"j-A","JobFlowId":"j-B"}"#, 1),
        (r#"{"Id":"ig-1","ClusterId":"j-A"}"#, 1),
        (r#"{"ClusterId":"j-A","StepIds":["etl"]}"#, 1),
        (r#"{"Clusters":"etl"}"#, 1),
        (&"[".repeat(1000), 1),
    ] {
        let text = refused(bad);
        assert!(text.starts_with(&format!("line {line} of stdin: not a record: ")), "{bad}: {text}");
        assert!(!text.contains(" column "), "{text}");
    }
}

#[test]
fn an_endless_value_or_word_is_refused() {
    let endless = BufReader::new(std::io::repeat(b'\0'));
    assert!(read(endless).unwrap_err().to_string().starts_with("line 1 of stdin: '"));
    let endless = BufReader::new((&b"{\""[..]).chain(std::io::repeat(b' ')).take(100 << 20));
    let error = read_bounded(endless, 1 << 20).unwrap_err();
    assert_eq!(error.to_string(), "line 1 of stdin: not a record: a value of more than 1 MiB");
    assert_eq!(error.outcome, Outcome::Usage);
}

#[test]
fn unreadable_input_is_an_io_failure() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("gone"))
        }
    }
    for beginning in ["", "j-A ", "j-A", "{\"Id\":"] {
        let error = read(BufReader::new(beginning.as_bytes().chain(Broken))).unwrap_err();
        assert_eq!(
            (error.outcome, error.to_string().as_str()),
            (Outcome::Io, "cannot read stdin: gone"),
            "{beginning}"
        );
    }
}

#[test]
fn an_argument_is_an_id_or_anything_that_stdin_may_have() {
    let named = |text: &str| names(&read_argument(text).unwrap());
    assert_eq!(named("j-A"), ["j-A/"]);
    assert_eq!(named("j-A\nj-B"), ["j-A/", "j-B/"]);
    assert_eq!(named("{\"job_flow_id\":\"j-A\",\n\"step_id\":\"s-B\"}"), ["j-A/s-B"]);
    for bad in ["", " ", "x"] {
        assert!(read_argument(bad).unwrap_err().to_string().starts_with('\''), "{bad}");
    }
}

/// Ids in one of the possible forms of input.
#[derive(Debug, Clone)]
enum Shape {
    Words(Vec<String>),
    Json(Value),
}

fn id() -> impl Strategy<Value = String> {
    "[js]-[A-Z0-9]{1,13}"
}

fn ids() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(id(), 0..6)
}

fn record(id: &str) -> Value {
    let key = if id.starts_with('j') { "job_flow_id" } else { "step_id" };
    json!({"name": "j-X s-Y {\"", "more": [{"Id": 1}, null], key: id})
}

/// Ids, and a form that names exactly them.
fn shape() -> impl Strategy<Value = (Vec<String>, Shape)> {
    (ids(), 0..8).prop_map(|(ids, kind)| {
        let summaries: Vec<_> = ids.iter().map(|id| json!({"Id": id, "Status": {"State": "RUNNING"}})).collect();
        let shape = match kind {
            0 => Shape::Words(ids.clone()),
            1 => Shape::Json(json!(ids)),
            2 => Shape::Json(json!(ids.iter().map(|id| record(id)).collect::<Vec<_>>())),
            3 => Shape::Json(json!({"Clusters": summaries, "Marker": "j-M"})),
            4 => Shape::Json(json!({"Steps": summaries})),
            5 => Shape::Json(json!({"StepIds": ids})),
            6 => Shape::Json(json!({"JobFlows": summaries})),
            _ => Shape::Json(json!(summaries)),
        };
        (ids, shape)
    })
}

/// The text of `json` with white space between its tokens, as `gaps` chooses.
fn spaced(json: &Value, gaps: &[usize]) -> String {
    let mut choices = gaps.iter().cycle();
    let (mut text, mut quoted, mut escaped) = (String::new(), false, false);
    for c in json.to_string().chars() {
        text.push(c);
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        if !quoted && "[]{},:\"".contains(c) {
            text.push_str(["", "\n", " ", "\r\n", "\t", "\n\n  "][choices.next().unwrap() % 6]);
        }
    }
    text
}

proptest! {
    #[test]
    fn line_breaks_do_not_matter_and_no_id_is_dropped(
        shapes in prop::collection::vec(shape(), 0..6),
        gaps in prop::collection::vec(0..6_usize, 1..20),
    ) {
        let text: Vec<_> = shapes.iter().map(|(_, shape)| match shape {
            Shape::Words(words) => words.join(["\n", " ", "\t"][gaps[0] % 3]),
            Shape::Json(json) => spaced(json, &gaps),
        }).collect();
        let expected: Vec<_> = shapes.iter().flat_map(|(ids, _)| ids).map(|id| {
            if id.starts_with('j') { format!("{id}/") } else { format!("/{id}") }
        }).collect();
        prop_assert_eq!(named(&text.join("\n")), expected);
    }

    #[test]
    fn any_bytes_are_parsed_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes[..]);
    }

    #[test]
    fn text_that_resembles_input_is_parsed_or_refused(text in r#"([\[\]{},:"\n ]|"Id"|"Steps"|"StepIds"|"claim"|j-A|s-B|null|1e9){0,40}"#) {
        let _ = read(text.as_bytes());
        let _ = read_argument(&text);
    }
}
