//! Each target holds on its corpus, on inputs made of it, and on large ones.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use fastrand::Rng;
use fuzz::{TARGETS, Target, grown, mutated};

/// How many inputs are made of the corpus of a target. `scripts/prove fuzz` makes millions, other ones each time.
const MADE: usize = 400;

/// How many large inputs are made.
const LARGE: usize = 8;

/// The length of a large input, in bytes: what grows with its square would take minutes.
const LENGTH: usize = 64 << 10;

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target)
}

fn inputs(folder: &Path) -> Vec<Vec<u8>> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Runs `target` on `input`, and keeps an input that fails.
fn run(target: Target, input: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| (target.run)(input))).is_err() {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-found", target.name));
        fs::write(&kept, input).unwrap();
        panic!("{} fails on {}: {}", target.name, kept.display(), input[..input.len().min(500)].escape_ascii());
    }
}

fn replay(name: &str) {
    let target = Target::named(name).unwrap();
    let corpus = inputs(&corpus(name));
    assert!(!corpus.is_empty(), "{name} has no corpus");
    run(target, b"");
    for input in &corpus {
        run(target, input);
    }
    let mut random = Rng::with_seed(1);
    for _ in 0..MADE {
        let [one, other] = [0, 1].map(|_| &corpus[random.usize(..corpus.len())]);
        run(target, &mutated(one, other, &mut random));
    }
    for _ in 0..LARGE {
        let one = &corpus[random.usize(..corpus.len())];
        run(target, &grown(one, LENGTH, &mut random));
    }
}

macro_rules! tests {
    ($($name:ident),+ $(,)?) => {
        $(
            #[test]
            fn $name() {
                replay(stringify!($name));
            }
        )+
    };
}

fuzz::targets!(tests);

#[test]
fn each_folder_of_the_corpus_is_of_a_target() {
    for folder in fs::read_dir(corpus("")).unwrap() {
        let name = folder.unwrap().file_name();
        assert!(TARGETS.iter().any(|target| *target.name == *name), "{name:?}");
    }
}
