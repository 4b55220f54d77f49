//! Hadoop's globs. The first line is the glob, the rest a path.

mod naive;

use emr_core::hadoop_glob::{HadoopGlob, is_glob, literal_prefix, paths};

use self::naive::{Found, Unlike};
use crate::input::{head, text};

/// Runs the target.
pub fn run(input: &[u8]) {
    let (glob, path) = head(input);
    let path = &*text(path);
    assert_eq!(paths(&glob).map(str::len).sum::<usize>() + paths(&glob).count() - 1, glob.len());
    let compiled = HadoopGlob::new(&glob);
    match naive::found(&glob, path) {
        Ok(found) => {
            let compiled = compiled.as_ref().unwrap();
            let (covers, meets) = (compiled.covers(path), compiled.meets(path));
            assert_eq!(Found { covers, meets }, found, "{glob:?} {path:?}");
        }
        Err(Unlike::Malformed) => assert!(compiled.is_err(), "{glob:?} is malformed"),
        Err(Unlike::Unspecified) => {}
    }
    let Ok(compiled) = compiled else { return };
    assert!(!compiled.covers(path) || compiled.meets(path), "{glob:?} {path:?}");
    let found: Vec<_> = compiled.patterns().iter().filter_map(|pattern| pattern.find(path)).collect();
    assert!(found.iter().all(|found| path.starts_with(found)), "{glob:?} {path:?}");
    assert!(
        compiled.patterns().iter().all(|pattern| pattern.literal_prefix().starts_with(pattern.literal_directory()))
    );
    assert!(glob.starts_with(literal_prefix(&glob)));
    if !is_glob(&glob)
        && !glob.is_empty()
        && !glob.contains(['/', '}', ','])
        && !path.contains(['/', '\n'])
        && !path.is_empty()
    {
        assert_eq!(compiled.covers(path), glob == path, "a plain name matches itself: {glob:?} {path:?}");
    }
}
