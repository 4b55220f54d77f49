//! Effective values that differ from what the sources say.
//!
//! A rule that applies a default, adds numbers up or prefers one option over another notes it here, so that
//! `--print-config` shows the effective value.

use serde_json::Value as Json;

use super::declaration::{Declaration, Shown};
use super::key::Key;
use super::setting::{Origin, Source};
use super::{Config, Kind};
use crate::error::Result;

/// A decision about one option.
#[derive(Debug, Clone, PartialEq)]
enum Verdict {
    /// The option has this value because of this source.
    Is(Json, Origin),
    /// The option has this value, computed from all its sources.
    Combined(Json),
    /// The option does not apply, because of another.
    LeftOut,
}

/// The decisions in order; the last about an option counts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decisions(Vec<(&'static str, Verdict)>);

impl Decisions {
    /// The option is `value`, because of another option from `source`, or by default without one.
    pub fn note<K: Kind>(&mut self, key: &Key<K>, value: impl Into<Json>, source: Option<&Source>) {
        let origin = source.map_or(Origin::Default, |source| source.origin.clone());
        self.0.push((key.option.name, Verdict::Is(value.into(), origin)));
    }

    /// The option is `value`, computed from all its sources.
    pub fn combine<K: Kind>(&mut self, key: &Key<K>, value: impl Into<Json>) {
        self.0.push((key.option.name, Verdict::Combined(value.into())));
    }

    /// The option is ignored, because another excludes it.
    pub fn withdraw<K: Kind>(&mut self, key: &Key<K>) {
        self.note(key, Json::Null, None);
    }

    /// The option does not apply and is not shown, because of another.
    pub fn leave_out<K: Kind>(&mut self, key: &Key<K>) {
        self.0.push((key.option.name, Verdict::LeftOut));
    }

    /// Appends later decisions.
    pub fn extend(&mut self, later: Self) {
        self.0.extend(later.0);
    }

    /// The effective value of `option`: the decision, or else the value in `config`. `None` if the option does not
    /// apply.
    pub fn effective(&self, option: &Declaration, config: &Config) -> Result<Option<Shown>> {
        let said = option.show(config)?;
        let verdict = self.0.iter().rev().find(|(name, _)| *name == option.name).map(|(_, verdict)| verdict.clone());
        Ok(match verdict {
            Some(Verdict::LeftOut) => None,
            Some(Verdict::Is(value, origin)) if value != said.value => Some(Shown { value, origins: vec![origin] }),
            Some(Verdict::Combined(value)) => Some(Shown { value, ..said }),
            _ => Some(said),
        })
    }
}
