//! The text, read back by a parser that knows the format alone.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use proptest::prelude::*;

use super::*;
use crate::error::Outcome;

const FREE: Gauge = Gauge { name: "emr_free", help: "Free ones.\nAnd a \\." };
const BUSY: Gauge = Gauge { name: "emr_busy", help: "Busy ones." };

/// A sample: its family, its labels, its value.
type Sample = (String, BTreeMap<String, String>, f64);

/// Reads the labels behind `{`, and returns what stands behind them.
fn labels(mut text: &str) -> (BTreeMap<String, String>, &str) {
    let mut labels = BTreeMap::new();
    loop {
        let (name, rest) = text.split_once("=\"").unwrap();
        let (mut value, mut chars) = (String::new(), rest.char_indices());
        let end = loop {
            match chars.next().unwrap() {
                (at, '"') => break at + 1,
                (_, '\\') => value.push(match chars.next().unwrap().1 {
                    'n' => '\n',
                    quoted @ ('\\' | '"') => quoted,
                    other => panic!("\\{other} is no escape"),
                }),
                (_, c) => value.push(c),
            }
        };
        assert!(labels.insert(name.to_owned(), value).is_none(), "{name} stands twice");
        text = &rest[end..];
        match text.split_at_checked(1).unwrap() {
            (",", more) => text = more,
            ("}", more) => return (labels, more),
            _ => panic!("{text}"),
        }
    }
}

/// Reads `text`, and fails where `node_exporter` would reject it.
fn parse(text: &str) -> Vec<Sample> {
    let mut families = BTreeSet::new();
    let mut samples: Vec<Sample> = Vec::new();
    let mut family = "";
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        let line = line.strip_suffix('\n').expect("every line ends");
        if let Some(help) = line.strip_prefix("# HELP ") {
            family = help.split_once(' ').unwrap().0;
            assert!(families.insert(family), "{family} stands in two places");
            assert_eq!(lines.next().unwrap(), format!("# TYPE {family} gauge\n"));
            continue;
        }
        let rest = line.strip_prefix(family).expect("a sample stands with its family");
        let (labels, value) = rest.strip_prefix('{').map_or((BTreeMap::new(), rest), labels);
        let value = value.strip_prefix(' ').unwrap().parse().unwrap();
        let is_new = samples.iter().all(|(known, others, _)| known != family || *others != labels);
        assert!(is_new, "{line} stands twice");
        samples.push((family.to_owned(), labels, value));
    }
    samples
}

fn owned(labels: &[(&str, &str)]) -> BTreeMap<String, String> {
    labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn families_stand_together_in_their_order_and_values_are_escaped() {
    let mut metrics = Metrics::new(&["team=a\"b".parse().unwrap()]);
    *metrics.at(FREE, &[("pool", "say \"etl\"\\\nx")]) += 2.0;
    *metrics.at(BUSY, &[]) = 0.5;
    *metrics.at(FREE, &[("pool", "a")]) += 1e21;
    metrics.at(FREE, &[]);
    let text = r#"# HELP emr_busy Busy ones.
# TYPE emr_busy gauge
emr_busy{team="a\"b"} 0.5
# HELP emr_free Free ones.\nAnd a \\.
# TYPE emr_free gauge
emr_free{pool="a",team="a\"b"} 1000000000000000000000
emr_free{pool="say \"etl\"\\\nx",team="a\"b"} 2
emr_free{team="a\"b"} 0
"#;
    assert_eq!(metrics.to_string(), text);
    assert_eq!(Metrics::default().to_string(), "");
}

#[test]
fn one_set_of_labels_is_one_sample_however_it_is_written() {
    let mut metrics = Metrics::default();
    metrics.label("region", "us-east-1");
    for labels in [&[("pool", "a"), ("region", "us-east-1")][..], &[("pool", "a")], &[("state", ""), ("pool", "a")]] {
        *metrics.at(FREE, labels) += 1.0;
    }
    *metrics.at(FREE, &[("region", "eu-west-1")]) += 1.0;
    *metrics.at(FREE, &[("region", "")]) += 1.0;
    let none = owned(&[]);
    let samples = [
        ("emr_free".to_owned(), none, 1.0),
        ("emr_free".to_owned(), owned(&[("pool", "a"), ("region", "us-east-1")]), 3.0),
        ("emr_free".to_owned(), owned(&[("region", "eu-west-1")]), 1.0),
    ];
    assert_eq!(parse(&metrics.to_string()), samples);
    metrics.clear();
    assert_eq!(metrics.to_string(), "");
}

#[test]
fn a_run_that_fails_keeps_the_time_of_the_last_success() {
    let measured = |outcome, at, last_success| {
        let mut metrics = Metrics::default();
        let at = DateTime::from_timestamp(at, 999_000_000).unwrap();
        Run { tool: "a-tool", outcome, at, last_success }.measure(&mut metrics);
        metrics.to_string()
    };
    let values = |text: &str| parse(text).into_iter().map(|(_, _, value)| value).collect::<Vec<_>>();
    let first = measured(Outcome::Denied, 100, None);
    assert_eq!((values(&first), last_success(&first, "a-tool")), (vec![77.0, 0.0, 100.0, 0.0], Some(0)));
    let good = measured(Outcome::Done, 200, Some(100));
    assert_eq!((values(&good), last_success(&good, "a-tool")), (vec![0.0, 1.0, 200.0, 200.0], Some(200)));
    let bad = measured(Outcome::Unavailable, 300, last_success(&good, "a-tool"));
    assert_eq!(values(&bad), [69.0, 0.0, 300.0, 200.0]);
    assert_eq!(last_success(&good, "tool"), None, "another tool's");
    let with_label = good.replace("{tool=", "{my_tool=\"other\",tool=");
    assert_eq!(["a-tool", "other"].map(|tool| last_success(&with_label, tool)), [Some(200), None], "a user's label");
    assert_eq!(last_success("emr_tools_last_success_timestamp_seconds{tool=\"a-tool\"} soon\n", "a-tool"), None);
}

#[test]
fn labels_that_prometheus_or_the_tools_use_are_refused() {
    assert_eq!("team=a=b".parse::<Label>().unwrap().value(), "a=b");
    for bad in ["", "team", "team=", "=x", "1a=x", "a-b=x", "é=x", "__name__=x", "pool=x", "job=x", "tool=x"] {
        assert!(bad.parse::<Label>().is_err(), "{bad}");
    }
}

/// Names from which a reader of the format, a terminal or a shell could make something else.
fn name() -> impl Strategy<Value = String> {
    let sign = prop_oneof![
        Just('"'),
        Just('\\'),
        Just('\n'),
        Just('n'),
        Just('}'),
        Just(','),
        Just('\r'),
        Just('\u{1b}'),
        any::<char>()
    ];
    prop::collection::vec(sign, 0..8).prop_map(String::from_iter)
}

/// Texts that could be mistaken for one another once they are escaped.
fn twin() -> impl Strategy<Value = String> {
    let part =
        prop::sample::select(&["\u{1b}", r"\u{1b}", r"\", "u{5c}", r"\n", "\n", "n", "\"", "\t", r"\t", "\u{85}"][..]);
    prop::collection::vec(part, 0..4).prop_map(|parts| parts.concat())
}

#[test]
fn a_control_character_is_shown_and_a_backslash_where_it_could_be_taken_for_one() {
    for (value, expected) in [
        ("etl\u{1b}[2J", r"etl\u{1b}[2J"),
        (r"etl\u{1b}[2J", r"etl\u{5c}u{1b}[2J"),
        ("\u{202e}a\\b\nc", "\\u{202e}a\\u{5c}b\nc"),
        (r"CORP\ann", r"CORP\ann"),
        ("a\nb", "a\nb"),
    ] {
        assert_eq!(shown(value), expected);
    }
}

proptest! {
    #[test]
    fn two_names_are_two_samples(names in prop::collection::btree_set(prop_oneof![twin(), name()], 0..6)) {
        let mut metrics = Metrics::default();
        for name in &names {
            *metrics.at(FREE, &[("pool", name)]) += 1.0;
        }
        let parsed = parse(&metrics.to_string());
        let labels: BTreeSet<_> = parsed.iter().map(|(_, labels, _)| labels.get("pool")).collect();
        prop_assert_eq!((parsed.len(), labels.len()), (names.len(), names.len()));
    }

    #[test]
    fn any_text_is_a_label_and_no_sample_is_lost_or_stands_twice(
        samples in prop::collection::vec((any::<bool>(), name(), name(), 0_u32..5), 0..12)
    ) {
        let mut metrics = Metrics::default();
        for (is_free, pool, owner, value) in &samples {
            let gauge = if *is_free { FREE } else { BUSY };
            *metrics.at(gauge, &[("pool", pool), ("owner", owner)]) += f64::from(*value);
        }
        let text = metrics.to_string();
        prop_assert!(!text.contains(|c| c != '\n' && is_unfit(c)));
        let parsed = parse(&text);
        let sum = |samples: &mut dyn Iterator<Item = f64>| samples.sum::<f64>();
        let all = sum(&mut samples.iter().map(|(.., value)| f64::from(*value)));
        prop_assert!((sum(&mut parsed.iter().map(|(.., value)| *value)) - all).abs() < 1e-9);
        for (is_free, pool, owner, _) in &samples {
            let fits = |name: &str| shown(name) == name;
            if fits(pool) && fits(owner) {
                let given = [("pool", pool.as_str()), ("owner", owner)];
                let given = owned(&given.into_iter().filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>());
                let family = if *is_free { "emr_free" } else { "emr_busy" };
                prop_assert!(parsed.iter().any(|(known, labels, _)| known == family && *labels == given));
            }
        }
    }
}
