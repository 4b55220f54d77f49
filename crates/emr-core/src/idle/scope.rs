//! Which clusters a sweep looks at, by pool and by tag.

use crate::pool::Membership;

/// Which clusters a sweep looks at, by pool.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Pools {
    /// All clusters, pooled or not.
    #[default]
    Whatever,
    /// Only those in a pool.
    Any,
    /// Only those in no pool.
    None,
    /// Only those in the pool with this name.
    Named(String),
}

/// A test for a tag: a key, with a certain value or any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagTest {
    /// The key.
    pub key: String,
    /// The value; `None` for any.
    pub value: Option<String>,
}

/// Which clusters a sweep looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Which pools.
    pub pools: Pools,
    /// Only those with all of these tags.
    pub tags: Vec<TagTest>,
    /// None with any of these tags.
    pub excluded: Vec<TagTest>,
}

impl Scope {
    /// Why a cluster with this membership is spared. `None` if it is not.
    #[must_use]
    pub fn spare_member(&self, member: Option<&Membership>) -> Option<String> {
        match (&self.pools, member) {
            (Pools::Any | Pools::Named(_), None) => Some("it is in no pool".to_owned()),
            (Pools::None, Some(member)) => Some(format!("it is in the pool '{}'", member.pool_name)),
            (Pools::Named(name), Some(member)) if member.pool_name != *name => {
                Some(format!("it is in the pool '{}'", member.pool_name))
            }
            _ => None,
        }
    }

    /// Why a cluster with these `tags` is spared. `None` if it is not.
    #[must_use]
    pub fn spare_tagged(&self, tags: &[(String, String)]) -> Option<String> {
        if let Some(missing) = self.tags.iter().find(|test| !test.holds(tags)) {
            return Some(format!("it lacks the tag {missing}"));
        }
        let excluded = self.excluded.iter().find(|test| test.holds(tags));
        excluded.map(|test| format!("it has the tag {test}"))
    }
}

impl TagTest {
    fn holds(&self, tags: &[(String, String)]) -> bool {
        let wanted = self.value.as_ref();
        tags.iter().any(|(key, value)| *key == self.key && wanted.is_none_or(|wanted| wanted == value))
    }
}

impl std::fmt::Display for TagTest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}={value}", self.key),
            None => f.write_str(&self.key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::PooledBy;

    fn member(name: &str) -> Membership {
        Membership { pool_name: name.to_owned(), by: PooledBy::EmrTools }
    }

    fn test(key: &str, value: Option<&str>) -> TagTest {
        TagTest { key: key.to_owned(), value: value.map(str::to_owned) }
    }

    #[test]
    fn pools_are_distinguished_by_their_full_names() {
        let (etl, other) = (member("etl"), member("etl2"));
        let swept = |pools: Pools, member: Option<&Membership>| {
            Scope { pools, ..Scope::default() }.spare_member(member).is_none()
        };
        for (pools, expected) in [
            (Pools::Whatever, [true, true, true]),
            (Pools::Any, [false, true, true]),
            (Pools::None, [true, false, false]),
            (Pools::Named("etl".to_owned()), [false, true, false]),
        ] {
            let found = [None, Some(&etl), Some(&other)].map(|member| swept(pools.clone(), member));
            assert_eq!(found, expected, "{pools:?}");
        }
    }

    #[test]
    fn all_tags_and_none_of_the_excluded_ones_must_be_set() {
        let tags = [("team", "data"), ("keep", "")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        let swept = |tests: &[TagTest], excluded: &[TagTest]| {
            let scope = Scope { tags: tests.to_vec(), excluded: excluded.to_vec(), ..Scope::default() };
            scope.spare_tagged(&tags).is_none()
        };
        assert!(swept(&[], &[]));
        assert!(swept(&[test("team", Some("data")), test("keep", None)], &[test("team", Some("web"))]));
        assert!(!swept(&[test("team", Some("data")), test("owner", None)], &[]));
        assert!(!swept(&[], &[test("owner", None), test("keep", None)]), "a value may be empty");
        assert!(!swept(&[], &[test("keep", None)]), "a key is enough");
        assert!(!swept(&[test("Team", None)], &[]), "keys are case-sensitive");
    }
}
