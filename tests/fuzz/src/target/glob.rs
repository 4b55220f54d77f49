//! Hadoop's globs. The first line is the glob, the rest a path.

use emr_core::hadoop_glob::{HadoopGlob, is_glob, literal_prefix, paths};

use crate::input::{head, text};

/// Runs the target.
pub fn run(input: &[u8]) {
    let (glob, path) = head(input);
    let path = &*text(path);
    assert_eq!(paths(&glob).map(str::len).sum::<usize>() + paths(&glob).count() - 1, glob.len());
    let Ok(compiled) = HadoopGlob::new(&glob) else { return };
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
    if let Some(naive) = naive(&glob, path) {
        assert_eq!(compiled.covers(path), naive, "{glob:?} {path:?}");
    }
}

/// Whether a glob of stars, question marks and plain characters matches a name, by trying all.
fn naive(glob: &str, name: &str) -> Option<bool> {
    let is_simple =
        |text: &str| text.len() <= 12 && text.chars().all(|c| c.is_ascii_alphanumeric() || "*?.-".contains(c));
    let has_few = glob.matches('*').count() <= 3 && !glob.is_empty() && !name.is_empty() && !name.contains(['*', '?']);
    (is_simple(glob) && is_simple(name) && has_few).then(|| matches(glob.as_bytes(), name.as_bytes()))
}

fn matches(glob: &[u8], name: &[u8]) -> bool {
    match (glob, name) {
        ([], []) => true,
        ([b'*', glob @ ..], _) => (0..=name.len()).any(|skipped| matches(glob, &name[skipped..])),
        ([b'?', glob @ ..], [_, name @ ..]) => matches(glob, name),
        ([one, glob @ ..], [other, name @ ..]) => one == other && matches(glob, name),
        _ => false,
    }
}
