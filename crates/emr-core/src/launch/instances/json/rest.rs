//! Members that pools do not compare, on their way to EMR.
//!
//! They reach EMR as they are written, so that what AWS adds tomorrow works without a new version of these tools.

use serde_json::{Map, Value};

use crate::launch::request_types;

/// The `rest` of a group, a fleet or a type: numbers and truth values as EMR takes them, nulls left out, and
/// `unknown_ebs` among it.
pub(super) fn rest(rest: Map<String, Value>, unknown_ebs: Option<Value>) -> Map<String, Value> {
    let unknown_ebs = unknown_ebs.map(|ebs| ("EbsConfiguration".to_owned(), ebs));
    let written = rest.into_iter().filter(|(_, value)| !value.is_null()).chain(unknown_ebs);
    let typed = |(name, mut value): (String, Value)| {
        request_types::set(&name, &mut value);
        (name, value)
    };
    written.map(typed).collect()
}
