//! `AddTags` and `RemoveTags`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Failure;
use crate::emr::model::cluster::{Cluster, Tag};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AddTags {
    resource_id: String,
    tags: Vec<Tag>,
}

pub(crate) fn add_tags(account: &mut Account, request: AddTags) -> Result<Value, Failure> {
    let cluster = taggable(account, &request.resource_id)?;
    for tag in &request.tags {
        validate(tag)?;
    }
    for tag in request.tags {
        put(&mut cluster.description.tags, tag);
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemoveTags {
    resource_id: String,
    tag_keys: Vec<String>,
}

pub(crate) fn remove_tags(account: &mut Account, request: &RemoveTags) -> Result<Value, Failure> {
    let cluster = taggable(account, &request.resource_id)?;
    cluster.description.tags.retain(|tag| !request.tag_keys.contains(&tag.key));
    Ok(json!({}))
}

fn taggable<'a>(account: &'a mut Account, id: &str) -> Result<&'a mut Cluster, Failure> {
    let cluster = account.find_mut(id)?;
    if cluster.state().is_over() {
        return Err(Failure::invalid_request("Tags cannot be modified on terminated clusters."));
    }
    Ok(cluster)
}

/// Sets a tag, in the place of one of the same key.
fn put(tags: &mut Vec<Tag>, tag: Tag) {
    match tags.iter_mut().find(|old| old.key == tag.key) {
        Some(old) => old.value = tag.value,
        None => tags.push(tag),
    }
}

/// Refuses what cannot be a tag.
pub(crate) fn validate(tag: &Tag) -> Result<(), Failure> {
    let is_allowed = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
    let refuse = |reason: &str| Err(Failure::invalid_request(format!("Invalid tag '{}': {reason}", tag.key)));
    if tag.key.is_empty() || tag.key.chars().count() > 128 {
        return refuse("a key has 1 to 128 characters");
    }
    if tag.value.chars().count() > 256 {
        return refuse("a value has at most 256 characters");
    }
    if tag.key.to_ascii_lowercase().starts_with("aws:") {
        return refuse("keys that begin with aws: are reserved");
    }
    if !tag.key.chars().chain(tag.value.chars()).all(is_allowed) {
        return refuse("only letters, digits, white space and _ . : / = + - @ are allowed");
    }
    Ok(())
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

    #[test]
    fn keys_and_values_have_limits() {
        assert!(validate(&tag("__mrjob_pool_lock", "job 1763791200.000000")).is_ok());
        for bad in [tag("", ""), tag("aws:x", ""), tag("a,b", ""), tag("a", &"x".repeat(257))] {
            assert!(validate(&bad).is_err(), "{bad:?}");
        }
    }
}
