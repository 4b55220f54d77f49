//! Runs numbered work on several threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Calls `work` for every number below `count`, `workers` at once. After a failure no more work starts; the failure
/// with the lowest number is returned.
pub(super) fn each<E: Send>(
    count: usize,
    workers: usize,
    work: impl Fn(usize) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let next = AtomicUsize::new(0);
    let work_on = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return Ok(());
            }
            if let Err(error) = work(number) {
                next.store(count, Ordering::Relaxed);
                return Err((number, error));
            }
        }
    };
    let results: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..workers.clamp(1, count.max(1))).map(|_| scope.spawn(work_on)).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    let failures = results.into_iter().filter_map(Result::err);
    failures.min_by_key(|(number, _)| *number).map_or(Ok(()), |(_, error)| Err(error))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn every_number_is_worked_on_once() {
        let done = Mutex::new(Vec::new());
        each(100, 4, |number| {
            done.lock().unwrap().push(number);
            Ok::<_, ()>(())
        })
        .unwrap();
        let mut done = done.into_inner().unwrap();
        done.sort_unstable();
        assert_eq!(done, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_starts_after_a_failure() {
        let begun = AtomicUsize::new(0);
        let result = each(100, 1, |number| {
            begun.fetch_add(1, Ordering::Relaxed);
            if number == 2 { Err(number) } else { Ok(()) }
        });
        assert_eq!((result, begun.into_inner()), (Err(2), 3));
    }
}
