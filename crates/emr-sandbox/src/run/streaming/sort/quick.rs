//! Hadoop's quicksort, step by step: it is not stable, and the order of equal records is part of a job's result.
//! Source: `org.apache.hadoop.util.QuickSort` and `HeapSort`.

use std::cmp::Ordering;

/// Shorter ranges use insertion sort. The number is Hadoop's.
const SHORT: usize = 13;

/// Sorts `items` by `compare`.
pub(super) fn sort<T>(items: &mut [T], compare: &impl Fn(&T, &T) -> Ordering) {
    let bits = usize::BITS - items.len().saturating_sub(1).leading_zeros();
    sort_within(items, compare, bits << 2);
}

fn sort_within<T>(mut items: &mut [T], compare: &impl Fn(&T, &T) -> Ordering, mut depth: u32) {
    while items.len() >= SHORT {
        if depth == 0 {
            return heap_sort(items, compare);
        }
        depth -= 1;
        let (before, from) = partition(items, compare);
        let (left, rest) = std::mem::take(&mut items).split_at_mut(before);
        let right = &mut rest[from - before..];
        // Recursing into the shorter side keeps the recursion shallow.
        let (short, long) = if left.len() < right.len() { (left, right) } else { (right, left) };
        sort_within(short, compare, depth);
        items = long;
    }
    insertion_sort(items, compare);
}

fn insertion_sort<T>(items: &mut [T], compare: &impl Fn(&T, &T) -> Ordering) {
    for i in 1..items.len() {
        let mut j = i;
        while j > 0 && compare(&items[j - 1], &items[j]).is_gt() {
            items.swap(j, j - 1);
            j -= 1;
        }
    }
}

/// Moves smaller items before a pivot and larger ones after it. Returns where the equal ones begin and end.
fn partition<T>(items: &mut [T], compare: &impl Fn(&T, &T) -> Ordering) -> (usize, usize) {
    let end = items.len();
    // The median of three becomes the pivot, at the front.
    for (a, b) in [(end / 2, 0), (end / 2, end - 1), (0, end - 1)] {
        if compare(&items[a], &items[b]).is_gt() {
            items.swap(a, b);
        }
    }
    // Equal items gather at both ends, below `low` and from `high` on, until the rest is divided.
    let (mut i, mut j, mut low, mut high) = (0, end, 0, end);
    loop {
        i += 1;
        while i < j {
            let order = compare(&items[i], &items[0]);
            if order.is_gt() {
                break;
            }
            if order.is_eq() {
                low += 1;
                if low != i {
                    items.swap(low, i);
                }
            }
            i += 1;
        }
        j -= 1;
        while j > i {
            let order = compare(&items[0], &items[j]);
            if order.is_gt() {
                break;
            }
            if order.is_eq() {
                high -= 1;
                if high != j {
                    items.swap(high, j);
                }
            }
            j -= 1;
        }
        if i >= j {
            break;
        }
        items.swap(i, j);
    }
    gather(items, i, low, high)
}

/// Moves the equal items at both ends to where the two sides meet.
fn gather<T>(items: &mut [T], meet: usize, low: usize, high: usize) -> (usize, usize) {
    let (mut before, mut from) = (meet, meet);
    for equal in (0..=low).rev() {
        before -= 1;
        items.swap(equal, before);
    }
    for equal in high..items.len() {
        items.swap(equal, from);
        from += 1;
    }
    (before, from)
}

/// The fallback when quicksort recurses too deep.
fn heap_sort<T>(items: &mut [T], compare: &impl Fn(&T, &T) -> Ordering) {
    let end = items.len();
    let mut level = 1_usize << (usize::BITS - 1 - end.leading_zeros());
    while level > 1 {
        for root in level / 2..level {
            sift_down(items, root, end + 1, compare);
        }
        level /= 2;
    }
    for last in (1..end).rev() {
        items.swap(0, last);
        sift_down(items, 1, last + 1, compare);
    }
}

/// Moves the item `root` down. The heap counts from 1 to below `end`.
fn sift_down<T>(items: &mut [T], mut root: usize, end: usize, compare: &impl Fn(&T, &T) -> Ordering) {
    while root * 2 < end {
        let mut child = root * 2;
        if child + 1 < end && compare(&items[child - 1], &items[child]).is_lt() {
            child += 1;
        }
        if compare(&items[root - 1], &items[child - 1]).is_ge() {
            return;
        }
        items.swap(root - 1, child - 1);
        root = child;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_items_are_sorted() {
        let mut random = fastrand::Rng::with_seed(7);
        for length in (0..300).chain([5000]) {
            for kinds in [1, 3, 1000] {
                let items: Vec<_> = (0..length).map(|_| random.u32(0..kinds)).collect();
                let mut wanted = items.clone();
                wanted.sort_unstable();
                let (mut quick, mut heap) = (items.clone(), items);
                sort(&mut quick, &u32::cmp);
                // With depth 0 it falls back to heap sort at once.
                sort_within(&mut heap, &u32::cmp, 0);
                assert_eq!((&quick, &heap), (&wanted, &wanted));
            }
        }
    }
}
