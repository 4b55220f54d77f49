//! What the rules made of options, where that is not what the sources say.
//!
//! A rule that gives a default, adds numbers up or lets one option win over another says so here, so that
//! `--print-config` can tell what counts.

use serde_json::Value as Json;

use super::declaration::{Declaration, Shown};
use super::key::Key;
use super::setting::{Origin, Source};
use super::{Config, Kind};
use crate::error::Result;

/// What was decided of an option.
#[derive(Debug, Clone, PartialEq)]
enum Verdict {
    /// This value, for which this source is the reason.
    Is(Json, Origin),
    /// This value, made of all that the sources say.
    Combined(Json),
    /// It was not asked for, because of another option.
    LeftOut,
}

/// What was decided of each option, in order; the last word counts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decisions(Vec<(&'static str, Verdict)>);

impl Decisions {
    /// The option is `value`, because of what `source` says of another; without one it is a default.
    pub fn note<K: Kind>(&mut self, key: &Key<K>, value: impl Into<Json>, source: Option<&Source>) {
        let origin = source.map_or(Origin::Default, |source| source.origin.clone());
        self.0.push((key.option.name, Verdict::Is(value.into(), origin)));
    }

    /// The option is `value`, which was made of all that the sources say of it.
    pub fn combine<K: Kind>(&mut self, key: &Key<K>, value: impl Into<Json>) {
        self.0.push((key.option.name, Verdict::Combined(value.into())));
    }

    /// The option does not count, because of another that excludes it.
    pub fn withdraw<K: Kind>(&mut self, key: &Key<K>) {
        self.note(key, Json::Null, None);
    }

    /// The option is not asked for, because of another.
    pub fn leave_out<K: Kind>(&mut self, key: &Key<K>) {
        self.0.push((key.option.name, Verdict::LeftOut));
    }

    /// Adds later decisions.
    pub fn extend(&mut self, later: Self) {
        self.0.extend(later.0);
    }

    /// What counts of `option`: what `config` says of it, unless it was decided otherwise. `None` where it was left out.
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
