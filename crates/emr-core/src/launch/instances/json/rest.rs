//! The members that pools do not compare, which reach EMR as written.

use serde_json::{Map, Value};

use crate::launch::request_types;

/// Prepares the `rest` of a group, a fleet or a type: converts text to numbers and booleans, drops nulls, and adds
/// `unknown_ebs`.
pub(super) fn rest(rest: Map<String, Value>, unknown_ebs: Option<Value>) -> Map<String, Value> {
    let unknown_ebs = unknown_ebs.map(|ebs| ("EbsConfiguration".to_owned(), ebs));
    let written = rest.into_iter().filter(|(_, value)| !value.is_null()).chain(unknown_ebs);
    let typed = |(name, mut value): (String, Value)| {
        request_types::set(&name, &mut value);
        (name, value)
    };
    written.map(typed).collect()
}
