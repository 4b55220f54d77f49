//! Which objects were in a chain and are forgotten: two filters of a fixed size, of which the older one is emptied when
//! the newer one is full. So what was forgotten half a million writes ago, or more, is unknown again.

use super::digest::Id;

/// The bits of a filter: 4 MiB.
const WORDS: usize = 1 << 19;

/// How many objects a filter takes. Then one in some 10^6 others seems to be in it.
const FULL: u32 = 1 << 19;

/// Bits for each object, all in one line of the processor's cache.
const BITS: u32 = 7;

/// Objects that were in a chain once.
#[derive(Debug, Default)]
pub(super) struct Seen {
    newer: Vec<u64>,
    older: Vec<u64>,
    taken: u32,
}

impl Seen {
    /// Notes that the object of `etag` of a lock is forgotten.
    pub(super) fn add(&mut self, lock: Id, etag: Id) {
        if self.taken == FULL {
            std::mem::swap(&mut self.newer, &mut self.older);
            self.newer.clear();
            self.taken = 0;
        }
        if self.newer.is_empty() {
            self.newer.resize(WORDS, 0);
        }
        self.taken += 1;
        for (word, bit) in places(lock, etag) {
            self.newer[word] |= bit;
        }
    }

    /// Whether the object of `etag` was forgotten, with a small chance to err if it was not.
    pub(super) fn has(&self, lock: Id, etag: Id) -> bool {
        let is_in =
            |filter: &[u64]| !filter.is_empty() && places(lock, etag).all(|(word, bit)| filter[word] & bit != 0);
        is_in(&self.newer) || is_in(&self.older)
    }
}

fn places(lock: Id, etag: Id) -> impl Iterator<Item = (usize, u64)> {
    let line = (lock.rotate_left(17) ^ etag).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let spread = (lock ^ etag.rotate_left(29)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    let first = usize::try_from(line >> 40).unwrap_or_default() % (WORDS / 8) * 8;
    (0..BITS).map(move |number| {
        let nine = spread >> (9 * number + 1) & 511;
        (first + usize::try_from(nine >> 6).unwrap_or_default(), 1 << (nine & 63))
    })
}

#[cfg(test)]
mod tests {
    use super::super::digest::digest;
    use super::*;

    #[test]
    fn what_was_added_is_there_and_hardly_anything_else() {
        let mut seen = Seen::default();
        let (lock, other) = (digest("s3://b/l"), digest("s3://b/m"));
        let etags: Vec<_> = (0..100_000).map(|number| digest(&format!("\"{number:032x}\""))).collect();
        let (in_it, not_in_it) = etags.split_at(50_000);
        for etag in in_it {
            seen.add(lock, *etag);
        }
        assert!(in_it.iter().all(|etag| seen.has(lock, *etag)));
        let strays = not_in_it.iter().filter(|etag| seen.has(lock, **etag)).count();
        let of_other = in_it.iter().filter(|etag| seen.has(other, **etag)).count();
        assert!(strays + of_other <= 2, "{strays} {of_other}");
    }
}
