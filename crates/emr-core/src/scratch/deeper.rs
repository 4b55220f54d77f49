//! The kind of a key where the scratch URI may lie below the folder that is swept.

use super::kind::{Kind, Place, place};
use crate::model::scratch_uri::LOCKS;

/// What `key` is, which begins with `folder`, where a scratch URI may lie at any depth below it. What would be
/// [`Kind::Other`] by [`place`] is a lock if any folder in its key is `locks`, and has the kind that the end of its key
/// tells, if that is as specific as the tools make it. The deepest such end counts, as for [`super::sweep_lock`].
#[must_use]
pub fn deep_place<'a>(folder: &str, key: &'a str) -> Place<'a> {
    let found = place(folder, key);
    if found.kind != Kind::Other {
        return found;
    }
    let ends =
        || key[folder.len()..].rmatch_indices('/').map(|(slash, _)| folder.len() + slash + 1).chain([folder.len()]);
    if let Some(end) = ends().find(|end| key[*end..].starts_with(LOCKS)) {
        return Place { kind: Kind::Lock, scratch: &key[..end] };
    }
    let mut deeper = ends().map(|end| Place { kind: Kind::of(&key[end..]), scratch: &key[..end] });
    deeper.find(|place| place.kind != Kind::Other).unwrap_or(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sweep_lock;
    use super::*;
    use crate::model::s3_uri::S3Uri;

    const HASH: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_scratch_uri_below_the_folder_keeps_its_kinds_and_its_lock() {
        for (rest, kind) in [
            ("locks/pools/etl", Kind::Lock),
            ("locks/s3-tmpwatch", Kind::Lock),
            ("logs/j-2AXXXXXXGAPLF/x", Kind::Log),
            ("output/3fdq8w0k5n7a/part-0", Kind::Output),
            (&format!("inputs/{HASH}/x"), Kind::Input),
            (&format!("files/{HASH}/x"), Kind::File),
            ("mr_job.ann.20130515.180000.123456/x", Kind::Mrjob),
            ("logs/app.log", Kind::Other),
            ("clocks/x", Kind::Other),
            ("locks", Kind::Other),
        ] {
            for folder in ["", "team/", "team/tmp/"] {
                let key = format!("team/tmp/{rest}");
                let place = deep_place(folder, &key);
                assert_eq!(place.kind, kind, "{folder} {key}");
                if kind.is_shared() {
                    let uri = S3Uri { bucket: "b".to_owned(), key: key.clone() };
                    assert_eq!(Some(place.sweep_lock("b")), sweep_lock(&uri), "{folder} {key}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn no_key_with_a_folder_of_locks_in_it_is_ever_anything_else(before in "([a-z]{1,5}/){0,3}", rest in "\\PC{0,40}") {
            let key = format!("{before}locks/{rest}");
            let kind = deep_place("", &key).kind;
            prop_assert!(kind != Kind::Other, "{}", key);
        }
    }
}
