//! Every option, declared once: its names, the kind of its values, its arguments and its documentation.
//!
//! The doc comment of a key is its text in mrjob.conf(5).

mod account;
mod bootstrapping;
mod encryption;
mod instances;
mod job_flow;
mod nodes;
mod pool;
mod software;
mod steps;
mod tasks;

pub use account::*;
pub use bootstrapping::*;
pub use encryption::*;
pub use instances::*;
pub use job_flow::*;
pub use nodes::*;
pub use pool::*;
pub use software::*;
pub use steps::*;
pub use tasks::*;

use super::declaration::Declaration;

/// Declares keys, each with its doc comment as its text, and a list of all.
macro_rules! keys {
    ($all:ident: $($(#[doc = $text:literal])+ $name:ident: $kind:ty = $key:expr;)+) => {
        $(
            $(#[doc = $text])+
            pub static $name: $crate::config::Key<$kind> = $key.text(concat!($($text),+));
        )+

        /// The options of this file.
        pub(super) const $all: &[&$crate::config::Declaration] = &[$(&$name.option),+];
    };
}

use keys;

/// All options.
pub fn all() -> impl Iterator<Item = &'static Declaration> {
    let subjects = [ACCOUNT, BOOTSTRAPPING, ENCRYPTION, INSTANCES, JOB_FLOW, NODES, POOL, SOFTWARE, STEPS, TASKS];
    subjects.into_iter().flatten().copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Options with another name on the command line: one argument sets both endpoints.
    const OTHERWISE: [&str; 2] = ["emr_endpoint", "s3_endpoint"];

    #[test]
    fn every_name_in_files_works_on_the_command_line_too() {
        for option in all().filter(|option| !option.arguments.is_empty() && !OTHERWISE.contains(&option.name)) {
            let typed = option.arguments.iter().flat_map(|argument| [&[argument.long], argument.aliases].concat());
            let typed: BTreeSet<_> = typed.collect();
            for name in option.other_names.iter().chain([&option.name]) {
                let dashed = name.replace('_', "-");
                // A list in a file is typed item by item, under the singular.
                let single = dashed.strip_suffix('s').unwrap_or(&dashed);
                assert!(typed.contains(dashed.as_str()) || typed.contains(single), "{name}: {typed:?}");
            }
        }
    }
}
