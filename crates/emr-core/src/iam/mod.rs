//! What the tools ask of IAM: the permissions that each tool's requests need, and the least policy that has them.
//!
//! [`TOOLS`] is the one table. The end-to-end tests compare it with the sandbox's request logs, so that a request
//! without a line here fails, and so does a line without a request. What no log shows, such as `iam:PassRole`, is
//! marked as [unseen](Grant::is_unseen).

mod action;
mod grant;
mod policy;
mod scope;
mod table;
mod trust;

pub use action::{action, is_allowed};
pub use grant::{Grant, On};
pub use policy::{Policy, policy};
pub use scope::Scope;
pub use table::TOOLS;
pub use trust::trusted_services;

/// The names of the tools in the table.
pub fn tools() -> impl Iterator<Item = &'static str> {
    TOOLS.iter().map(|(tool, _)| *tool)
}

/// What `tool` needs; nothing of one that is not in the table.
pub fn grants(tool: &str) -> impl Iterator<Item = &'static Grant> {
    let sets = TOOLS.iter().find(|(name, _)| *name == tool).map_or(&[][..], |(_, sets)| *sets);
    sets.iter().flat_map(|set| set.iter())
}
