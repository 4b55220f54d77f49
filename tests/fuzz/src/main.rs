//! Fuzzes the target that `EMR_TOOLS_FUZZ_TARGET` names, with `libFuzzer`: its options and folders of inputs are the words
//! of the command line.

#![no_main]

use std::sync::LazyLock;

use fastrand::Rng;
use fuzz::{Target, grown, mutated};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

/// The largest input that is changed byte by byte. Larger ones only show what grows too fast.
const SMALL: usize = 4096;

/// One in so many inputs is a large one.
const RARELY: u32 = 1000;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("EMR_TOOLS_FUZZ_TARGET").unwrap_or_default();
    Target::named(&name).unwrap_or_else(|| panic!("EMR_TOOLS_FUZZ_TARGET is '{name}', which is no target"))
});

fuzz_target!(|input: &[u8]| (TARGET.run)(input));

fuzz_mutator!(|input: &mut [u8], size: usize, most: usize, seed: u32| {
    let mut random = Rng::with_seed(seed.into());
    let size = size.min(SMALL);
    let changed = match random.u32(..RARELY) {
        0 => grown(&input[..size], most, &mut random),
        number if number.is_multiple_of(2) => mutated(&input[..size], &input[..size], &mut random),
        _ => return fuzzer_mutate(input, size, most.min(2 * SMALL)),
    };
    let length = changed.len().min(most).min(input.len());
    input[..length].copy_from_slice(&changed[..length]);
    length
});
