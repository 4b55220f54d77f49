//! Gauges in the text format of Prometheus, version 0.0.4, as the textfile collector of `node_exporter` reads them.
//!
//! The collector rejects a file in which a set of labels stands twice, or a family in two places. So samples are kept by
//! family and by labels, and [`Metrics::at`] returns the same sample for the same labels.
//!
//! No crate fits: `prometheus` needs a registry and protobuf for what is a map here, and `prometheus-client` writes
//! `OpenMetrics`, which the collector does not read.

mod label;
mod run;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

pub use label::Label;
pub use run::{Run, last_success};

use crate::text::is_unfit;

/// A family of samples. Names end in the unit, as Prometheus wants it: seconds, never hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gauge {
    /// Its name.
    pub name: &'static str,
    /// What it measures, in a line.
    pub help: &'static str,
}

/// The labels of a sample: values by name.
type Labels = BTreeMap<String, String>;

/// The samples of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metrics {
    common: Labels,
    families: BTreeMap<&'static str, Family>,
}

#[derive(Debug, Clone, PartialEq)]
struct Family {
    help: &'static str,
    samples: BTreeMap<Labels, f64>,
}

impl Metrics {
    /// No samples. Those to come have the labels in `common`.
    #[must_use]
    pub fn new(common: &[Label]) -> Self {
        let mut metrics = Self::default();
        for label in common {
            metrics.label(label.name(), label.value());
        }
        metrics
    }

    /// Gives the samples to come this label, unless they have one of that name themselves.
    pub fn label(&mut self, name: &str, value: &str) {
        insert(&mut self.common, name, value);
    }

    /// The sample of `gauge` with these labels, to be set; zero at first. A label without a value is none, as for
    /// Prometheus.
    pub fn at(&mut self, gauge: Gauge, labels: &[(&str, &str)]) -> &mut f64 {
        let mut all = self.common.clone();
        for (name, value) in labels {
            insert(&mut all, name, value);
        }
        let family = Family { help: gauge.help, samples: BTreeMap::new() };
        self.families.entry(gauge.name).or_insert(family).samples.entry(all).or_default()
    }

    /// The labels of the samples to come, and no samples.
    #[must_use]
    pub fn without_samples(&self) -> Self {
        Self { common: self.common.clone(), families: BTreeMap::new() }
    }

    /// Adds the samples of `other`, whose labels tell them from those that are here.
    pub fn append(&mut self, other: Self) {
        for (name, family) in other.families {
            let known = self.families.entry(name).or_insert(Family { help: family.help, samples: BTreeMap::new() });
            known.samples.extend(family.samples);
        }
    }

    /// Drops all samples: what is not known any more must not look as if it were.
    pub fn clear(&mut self) {
        self.families.clear();
    }
}

/// Adds a label.
fn insert(labels: &mut Labels, name: &str, value: &str) {
    if value.is_empty() {
        labels.remove(name);
    } else {
        labels.insert(name.to_owned(), shown(value));
    }
}

/// `value` with an escape such as `\u{1b}` for what a terminal could take for a command. The format itself has one for
/// line breaks. No two values are shown alike: where an escape stands or seems to stand, a backslash is one, too.
fn shown(value: &str) -> String {
    let is_unfit = |c: char| c != '\n' && is_unfit(c);
    if !value.contains(is_unfit) && !value.contains(r"\u{") {
        return value.to_owned();
    }
    let show = |c: char| if is_unfit(c) || c == '\\' { c.escape_unicode().to_string() } else { c.to_string() };
    value.chars().map(show).collect()
}

/// `amount` as the value of a sample.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a double has fifteen digits")]
pub fn amount(amount: impl Into<u128>) -> f64 {
    amount.into() as f64
}

impl fmt::Display for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, Family { help, samples }) in &self.families {
            writeln!(f, "# HELP {name} {}", help.replace('\\', r"\\").replace('\n', r"\n"))?;
            writeln!(f, "# TYPE {name} gauge")?;
            for (labels, value) in samples {
                writeln!(f, "{name}{} {value}", Braced(labels))?;
            }
        }
        Ok(())
    }
}

/// Labels as they stand behind the name of a family.
struct Braced<'a>(&'a Labels);

impl fmt::Display for Braced<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (name, value)) in self.0.iter().enumerate() {
            let before = if place == 0 { '{' } else { ',' };
            let value = value.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n");
            write!(f, "{before}{name}=\"{value}\"")?;
        }
        if self.0.is_empty() { Ok(()) } else { f.write_str("}") }
    }
}
