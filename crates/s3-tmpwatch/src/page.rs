//! Deletes what is old on a page of a list.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use emr_aws::s3::{AgedObject, AgedObjects, NotDeleted};
use emr_aws::{Hold, S3};
use emr_cli::{owner, random};
use emr_core::claim::backoff;
use emr_core::claim::lease::Lease;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::lock::Holder;
use emr_core::model::s3_uri::S3Uri;
use emr_core::scratch::{self, FLOOR, Kind, Limits, Live, Place, SWEEP_TTL, Verdict};
use tokio::sync::{Mutex, watch};

use crate::live::{Living, Look};

/// The time for one delete under the lock.
const DELETE: Duration = Duration::from_secs(20);

/// How long the lock is relied on: less than it lasts.
const RELIED_ON: Duration = Duration::from_secs(55);

/// How often the lock is tried, once a second: longer than a sweep that died blocks it.
const LOCK_TRIES: u32 = 90;

/// How often the delete of an object is tried that nobody else relies on.
const TRIES: u32 = 4;

/// The pause after the lock is released, in which uploads get their turn: they look for it every half second.
const TURN: Duration = Duration::from_secs(1);

/// What was deleted, and what was kept and why.
#[derive(Default)]
pub(crate) struct Swept {
    /// What is deleted, or would be in a dry run.
    pub(crate) deleted: Vec<Deleted>,
    /// What was to be deleted and is not.
    pub(crate) failed: Vec<Error>,
    /// How many of `failed` may be deleted nevertheless.
    pub(crate) unclear: u64,
    /// How many were kept, by the reason.
    pub(crate) kept: BTreeMap<Verdict, u64>,
    /// The first one that the tools did not write.
    pub(crate) other: Option<String>,
}

/// An object that is deleted.
pub(crate) struct Deleted {
    pub(crate) key: String,
    pub(crate) kind: Kind,
    pub(crate) bytes: u64,
    pub(crate) age_s: u64,
}

/// Deletes what is old below one folder.
pub(crate) struct Sweeper<'a> {
    pub(crate) s3: &'a S3,
    pub(crate) living: &'a Living<'a>,
    pub(crate) folder: &'a S3Uri,
    /// The scratch URI of the configuration.
    pub(crate) scratch: Option<&'a S3Uri>,
    pub(crate) limits: Limits,
    pub(crate) dry_run: bool,
    /// Whether a signal has come: nothing more is begun.
    pub(crate) stop: &'a watch::Sender<bool>,
    /// Held while uploads are deleted: pages that wait for each other need not ask S3 for the lock.
    pub(crate) alone: Mutex<()>,
}

impl Sweeper<'_> {
    /// Deletes what is old on `page`, which begins after the key `after`.
    pub(crate) async fn sweep(&self, after: Option<&str>, page: &AgedObjects) -> Swept {
        let mut swept = Swept::default();
        let old = self.old(page, &mut swept).await;
        if *self.stop.borrow() {
            return swept;
        }
        let (shared, own): (Vec<_>, Vec<_>) = old.into_iter().partition(|(_, kind)| kind.is_shared());
        if self.dry_run {
            swept.deleted.extend(own.iter().chain(&shared).map(|(object, kind)| deleted(object, *kind, page.now)));
            return swept;
        }
        self.delete(&own, page.now, &mut swept).await;
        let mut locks: Vec<_> = shared.iter().map(|(object, _)| self.lock_of(object)).collect();
        locks.sort();
        locks.dedup();
        for lock in locks {
            let _alone = self.alone.lock().await;
            if *self.stop.borrow() {
                break;
            }
            if let Err(error) = self.delete_under(&lock, after, &mut swept).await {
                swept.failed.push(error);
            }
            if !page.is_last && !*self.stop.borrow() {
                tokio::time::sleep(TURN).await;
            }
        }
        swept
    }

    /// What is old on `page`: nothing once a signal has come. Counts in `swept` what is kept.
    async fn old<'p>(&self, page: &'p AgedObjects, swept: &mut Swept) -> Vec<(&'p AgedObject, Kind)> {
        let kind = |object: &AgedObject| self.place(object).kind;
        let verdict =
            |object: &AgedObject, live: &Live| self.limits.verdict(kind(object), object.modified, page.now, live);
        let nothing = Live::default();
        let depends = |object: &AgedObject| {
            !matches!(kind(object), Kind::Log | Kind::Other) && verdict(object, &nothing) == Verdict::Old
        };
        let mut is_untold = false;
        let live = if page.objects.iter().any(depends) {
            match self.living.look(page.now - self.limits.age() + FLOOR, self.stop).await {
                Look::Live(live) => live,
                Look::Untold(error) => {
                    swept.failed.extend(error);
                    is_untold = true;
                    nothing
                }
                Look::Stopped => return Vec::new(),
            }
        } else {
            nothing
        };
        let mut old = Vec::new();
        for object in &page.objects {
            match verdict(object, &live) {
                Verdict::Old if is_untold && depends(object) => *swept.kept.entry(Verdict::Unknown).or_default() += 1,
                Verdict::Old => old.push((object, kind(object))),
                kept => *swept.kept.entry(kept).or_default() += 1,
            }
        }
        let is_other = |object: &&AgedObject| verdict(object, &live) == Verdict::Other;
        swept.other = page.objects.iter().find(is_other).map(|object| object.key.clone());
        old
    }

    /// Deletes `old`, which nobody writes again, and tries again where that may help.
    async fn delete(&self, old: &[(&AgedObject, Kind)], now: DateTime<Utc>, swept: &mut Swept) {
        let mut left = old.to_vec();
        let mut was_unclear = false;
        for attempt in 1..=TRIES {
            let objects: Vec<_> = left.iter().map(|(object, _)| (*object).clone()).collect();
            let results = self.s3.delete_objects(&self.folder.bucket, &objects, None).await;
            let mut again = Vec::new();
            for ((object, kind), result) in left.into_iter().zip(results) {
                match result {
                    Err(NotDeleted::Failed(error)) if error.may_pass() && attempt < TRIES => {
                        was_unclear |= error.may_have_happened();
                        again.push((object, kind));
                    }
                    result => self.note((object, kind), now, result, was_unclear, swept),
                }
            }
            if again.is_empty() {
                return;
            }
            left = again;
            tokio::time::sleep(backoff::quick_delay(attempt, random::share())).await;
        }
    }

    /// Lists the page after the key `after` again under the lock at `lock`, and deletes the uploads on it that are still
    /// old. Sends each delete once.
    async fn delete_under(&self, lock: &S3Uri, after: Option<&str>, swept: &mut Swept) -> Result<()> {
        let (lease, until) = self.acquire(lock).await?;
        let is_known = self.delete_held(lock, until, after, swept).await;
        // A delete that may still be on its way to S3 is over when the lock runs out.
        if *is_known.as_ref().unwrap_or(&true) {
            self.s3.lock(lock).release(&lease).await?;
        }
        is_known.map(drop)
    }

    /// Returns whether S3 answered.
    async fn delete_held(&self, lock: &S3Uri, until: Instant, after: Option<&str>, swept: &mut Swept) -> Result<bool> {
        let page = self.s3.aged_objects(self.folder, after).await?;
        let mut unused = Swept::default();
        let mut old = self.old(&page, &mut unused).await;
        swept.failed.append(&mut unused.failed);
        old.retain(|(object, kind)| kind.is_shared() && self.lock_of(object) == *lock);
        if Instant::now() + DELETE > until {
            let late = Error::new(Outcome::TryAgain, "S3 was too slow to delete uploads while the lock lasts");
            return Err(late.on(lock));
        }
        let objects: Vec<_> = old.iter().map(|(object, _)| (*object).clone()).collect();
        let results = self.s3.delete_objects(&self.folder.bucket, &objects, Some(DELETE)).await;
        let mut is_known = true;
        for ((object, kind), result) in old.into_iter().zip(results) {
            if let Err(NotDeleted::Failed(error)) = &result {
                is_known &= !error.may_have_happened();
            }
            self.note((object, kind), page.now, result, false, swept);
        }
        Ok(is_known)
    }

    /// Acquires the lock. Returns until when it may be relied on.
    async fn acquire(&self, lock: &S3Uri) -> Result<(Lease, Instant)> {
        let holder = Holder { token: random::token(), owner: owner::owner(), ttl: SWEEP_TTL };
        for _ in 0..LOCK_TRIES {
            let until = Instant::now() + RELIED_ON;
            match Box::pin(self.s3.lock(lock).hold(holder.clone())).await? {
                Hold::Held(lease) => return Ok((lease, until)),
                Hold::Busy(_) if *self.stop.borrow() => break,
                Hold::Busy(_) => tokio::time::sleep(Duration::from_secs(1)).await,
            }
        }
        let busy = Error::new(Outcome::TryAgain, "another s3-tmpwatch is deleting uploads");
        Err(busy.on(lock).advise("try again when it has ended"))
    }

    fn lock_of(&self, object: &AgedObject) -> S3Uri {
        self.place(object).sweep_lock(&self.folder.bucket)
    }

    /// What `object` is. The scratch URI of the configuration is one wherever it lies. With all kinds, what looks like
    /// ours at any depth keeps its rule.
    fn place<'k>(&self, object: &'k AgedObject) -> Place<'k> {
        let is_in = |scratch: &&S3Uri| scratch.bucket == self.folder.bucket && object.key.starts_with(&scratch.key);
        let is_below = |scratch: &&S3Uri| scratch.key.starts_with(&self.folder.key);
        let root = self.scratch.filter(is_in).filter(is_below).unwrap_or(self.folder);
        if self.limits.all_kinds {
            scratch::deep_place(&root.key, &object.key)
        } else {
            scratch::place(&root.key, &object.key)
        }
    }

    /// Notes the `result` of a delete, of which an earlier try may have had an effect.
    fn note(
        &self,
        (object, kind): (&AgedObject, Kind),
        now: DateTime<Utc>,
        result: std::result::Result<(), NotDeleted>,
        was_unclear: bool,
        swept: &mut Swept,
    ) {
        match result {
            Ok(()) => swept.deleted.push(deleted(object, kind, now)),
            Err(NotDeleted::Replaced) => *swept.kept.entry(Verdict::Young).or_default() += 1,
            Err(NotDeleted::Failed(error)) => {
                let uri = S3Uri { bucket: self.folder.bucket.clone(), key: object.key.clone() };
                let is_unclear = was_unclear || error.may_have_happened();
                swept.unclear += u64::from(is_unclear);
                let error = error.on(uri);
                swept.failed.push(if is_unclear { error.on("may be deleted, or not") } else { error });
            }
        }
    }
}

fn deleted(object: &AgedObject, kind: Kind, now: DateTime<Utc>) -> Deleted {
    let age_s = u64::try_from((now - object.modified).num_seconds()).unwrap_or_default();
    Deleted { key: object.key.clone(), kind, bytes: object.bytes, age_s }
}
