//! Warnings about names that may be misspelt. They are no errors, because AWS may have added them since this version.

use std::collections::BTreeSet;

use crate::model::instance_type;
use crate::model::instances::{Instances, unknown_members};

/// A warning about unknown members.
pub(in crate::launch) fn unknown(instances: &Instances) -> Option<String> {
    let unknown = |rest| unknown_members(rest).map(|(name, _)| name);
    let names: BTreeSet<&str> = instances.rests().into_iter().flat_map(unknown).collect();
    let names =
        names.into_iter().map(|name| if name == "EbsConfiguration" { "part of EbsConfiguration" } else { name });
    let names = names.collect::<Vec<_>>().join(", ");
    (!names.is_empty()).then(|| format!("unknown, and sent to EMR as written: {names}"))
}

/// Advice about an unknown instance type, for the error after EMR has refused the job flow.
#[must_use]
pub fn doubtful_type(instances: &Instances) -> Option<String> {
    let name = instances.types().into_iter().find(|name| instance_type::find(name).is_none())?;
    let nearest = instance_type::known()
        .filter(|known| name.len() <= 2 * known.name.len())
        .map(|known| (strsim::damerau_levenshtein(name, known.name), known.name))
        .min()
        .filter(|(distance, _)| *distance <= 2);
    Some(match nearest {
        Some((_, near)) => format!("{name} is not known here, did you mean {near}?"),
        None => format!("{name} is not known here"),
    })
}
