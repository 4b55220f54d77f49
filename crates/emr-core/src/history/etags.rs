//! The `ETags` of a chain. Most that are looked for are the newest, or not there at all.

use std::collections::VecDeque;

use super::digest::Id;

/// `ETags` in the order of their objects.
#[derive(Debug)]
pub(super) struct Etags {
    all: VecDeque<Id>,
    /// Some bits of each: in these, one that is not there is missed several times faster.
    tags: VecDeque<u16>,
}

impl Etags {
    pub(super) fn of(first: Id) -> Self {
        Self { all: [first].into(), tags: [tag(first)].into() }
    }

    /// The newest number of this one.
    pub(super) fn find(&self, etag: Id) -> Option<usize> {
        if self.last() == Some(etag) {
            return Some(self.all.len() - 1);
        }
        let (first, second) = self.tags.as_slices();
        let may_be = first.contains(&tag(etag)) || second.contains(&tag(etag));
        if may_be { self.all.iter().rposition(|known| *known == etag) } else { None }
    }

    pub(super) fn last(&self) -> Option<Id> {
        self.all.back().copied()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Id> {
        self.all.iter().copied()
    }

    pub(super) fn push(&mut self, etag: Id) {
        self.all.push_back(etag);
        self.tags.push_back(tag(etag));
    }

    pub(super) fn push_first(&mut self, etag: Id) {
        self.all.push_front(etag);
        self.tags.push_front(tag(etag));
    }

    pub(super) fn pop_first(&mut self) -> Option<Id> {
        self.tags.pop_front();
        self.all.pop_front()
    }
}

fn tag(etag: Id) -> u16 {
    let [first, second, ..] = etag.to_le_bytes();
    u16::from_le_bytes([first, second])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_there_is_found_where_it_was_put_last(
            steps in prop::collection::vec((0..3_u8, 0..8_u64, 0..2_u64), 0..60),
            wanted in (0..8_u64, 0..2_u64),
        ) {
            // Some share the bits that are looked at first.
            let etag = |(low, high): (u64, u64)| low | high << 40;
            let (mut etags, mut all) = (Etags::of(1), vec![1]);
            for (step, low, high) in steps {
                let new = etag((low, high));
                match step {
                    0 => { etags.push(new); all.push(new); }
                    1 => { etags.push_first(new); all.insert(0, new); }
                    _ => prop_assert_eq!(etags.pop_first(), (!all.is_empty()).then(|| all.remove(0))),
                }
            }
            prop_assert_eq!(etags.find(etag(wanted)), all.iter().rposition(|known| *known == etag(wanted)));
            prop_assert_eq!(etags.last(), all.last().copied());
            prop_assert_eq!(etags.iter().collect::<Vec<_>>(), all);
        }
    }
}
