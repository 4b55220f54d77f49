//! Labels of Prometheus: of each line, what stands before a tab is a label that the user gives (`NAME=VALUE`), and the rest
//! the name of a pool. Also the file of an earlier run.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use emr_core::error::Outcome;
use emr_core::metrics::{Gauge, Label, Metrics, Run, last_success};
use emr_core::text::is_unfit;

use crate::input::text;

const GAUGE: Gauge = Gauge { name: "emr_free", help: "Free ones." };

/// The most labels that are given.
const MOST: usize = 20;

/// The time of the run.
const AT: u64 = 1_800_000_000;

type Labels = BTreeMap<String, String>;

/// Runs the target.
pub fn run(input: &[u8]) {
    let text = &*text(input);
    let _ = last_success(text, "a-tool");
    let (mut common, mut wanted, mut pools) = (Vec::new(), Labels::new(), BTreeSet::new());
    for line in text.split('\n').take(MOST) {
        let (label, pool) = line.split_once('\t').unwrap_or((line, ""));
        pools.insert(pool.replace('\r', "\n"));
        if let Ok(label) = label.parse::<Label>() {
            assert_name(label.name());
            wanted.insert(label.name().to_owned(), label.value().to_owned());
            common.push(label);
        }
    }
    let mut metrics = Metrics::new(&common);
    for pool in &pools {
        *metrics.at(GAUGE, &[("pool", pool)]) += 1.0;
    }
    let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    Run { tool: "a-tool", outcome: Outcome::Done, at, last_success: None }.measure(&mut metrics);
    let printed = metrics.to_string();
    assert!(!printed.replace('\n', "").contains(is_unfit), "{printed:?}");
    assert_eq!(last_success(&printed, "a-tool"), Some(AT), "{printed}");
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    for value in common.iter().map(Label::value).filter(|value| is_word(value)) {
        assert_eq!(last_success(&printed, value), None, "a user's label is no tool: {printed}");
    }
    let samples = printed.lines().filter_map(|line| line.strip_prefix(GAUGE.name));
    let found: BTreeSet<Labels> = samples.map(labels).collect();
    assert!(found.len() <= pools.len(), "{printed}");
    for pool in pools.iter().filter(|pool| is_plain(pool)) {
        let is_it = |labels: &&Labels| labels.get("pool").map_or("", String::as_str) == pool;
        let labels = found.iter().find(is_it).unwrap();
        let is_kept = |(name, value): (&String, &String)| !is_plain(value) || labels.get(name) == Some(value);
        assert!(wanted.iter().all(is_kept), "{printed}");
    }
}

/// Whether `value` is shown as it is. The format has an escape for line breaks.
fn is_plain(value: &str) -> bool {
    !value.replace('\n', "").contains(is_unfit) && !value.contains('\\')
}

fn assert_name(name: &str) {
    let is_of_prometheus = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_taken = ["pool", "tool", "region", "instance", "le"].contains(&name) || name.starts_with("__");
    assert!(is_of_prometheus && !is_taken && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{name}");
}

/// The labels of a sample, which stand before its value.
fn labels(sample: &str) -> Labels {
    let mut labels = Labels::new();
    let Some(mut rest) = sample.strip_prefix('{') else { return labels };
    loop {
        let (name, quoted) = rest.split_once("=\"").unwrap();
        let (mut value, mut chars) = (String::new(), quoted.chars());
        loop {
            match chars.next().unwrap() {
                '"' => break,
                '\\' => value.push(match chars.next().unwrap() {
                    'n' => '\n',
                    quoted @ ('\\' | '"') => quoted,
                    other => panic!("\\{other} is no escape"),
                }),
                char => value.push(char),
            }
        }
        assert!(labels.insert(name.to_owned(), value).is_none(), "{name} stands twice");
        rest = chars.as_str();
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => break,
        }
    }
    assert!(rest.strip_prefix("} ").unwrap().parse::<f64>().is_ok(), "{rest}");
    labels
}
