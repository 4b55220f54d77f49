//! `AddTags`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::limits;
use crate::emr::model::cluster::Tag;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AddTags {
    resource_id: String,
    tags: Vec<Tag>,
}

pub(super) fn answer(account: &mut Account, request: AddTags) -> Result<Value, Error> {
    let cluster = account.find_taggable(&request.resource_id)?;
    request.tags.iter().try_for_each(limits::tag)?;
    for tag in request.tags {
        put(&mut cluster.description.tags, tag);
    }
    Ok(json!({}))
}

/// Adds a tag, or replaces the one with its key.
fn put(tags: &mut Vec<Tag>, tag: Tag) {
    match tags.iter_mut().find(|old| old.key == tag.key) {
        Some(old) => old.value = tag.value,
        None => tags.push(tag),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag { key: key.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn a_tag_of_the_same_key_is_replaced_in_its_place() {
        let mut tags = vec![tag("a", "1"), tag("b", "2")];
        put(&mut tags, tag("a", "3"));
        assert_eq!(tags, [tag("a", "3"), tag("b", "2")]);
    }
}
