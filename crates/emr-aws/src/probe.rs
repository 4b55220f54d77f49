//! Tests whether a store honours conditional writes, which locks are made of, for `s3-lock probe`.

use std::time::Duration;

use emr_core::claim::lease::Answer;
use emr_core::error::{CallError, CallErrorKind, Error, Outcome, Result};
use emr_core::model::lock::{Holder, Lock, Token};
use emr_core::model::record::ProbeRecord;
use emr_core::model::s3_uri::S3Uri;
use futures_util::future::join_all;

use super::lock::NO_ETAG;
use super::s3::{Condition, S3, asked};

/// The time limit of one request, and the greatest age of an object that the test has just written.
const LIMIT: Duration = Duration::from_secs(10);

/// Concurrent writers, of which exactly one may succeed.
const RACERS: usize = 8;

/// What a test of a store came to.
#[derive(Debug)]
pub struct Probed {
    /// What it must do, and what it did.
    pub findings: Vec<ProbeRecord>,
    /// Why objects of the test could not be removed, an error for each.
    pub left: Vec<Error>,
}

/// A test of one store, with two objects of its own.
struct Probe<'a> {
    s3: &'a S3,
    one: S3Uri,
    other: S3Uri,
    findings: Vec<ProbeRecord>,
    /// Whether anything may have been written and has to be removed.
    wrote: bool,
    /// Whether the test is to end early.
    is_stopped: &'a dyn Fn() -> bool,
}

impl S3 {
    /// Tests the store at `place`, with two objects that are removed at the end, also where `is_stopped` ends the test
    /// early. A call without a clear answer proves nothing: it is an error, unless the store has failed already.
    pub async fn probe(&self, place: &S3Uri, is_stopped: &dyn Fn() -> bool) -> Result<Probed> {
        let name = format!("probe-{:016x}", fastrand::u64(..));
        let (one, other) = (place.join(&name), place.join(&format!("{name}-race")));
        let mut probe = Probe { s3: self, one, other, findings: Vec::new(), wrote: false, is_stopped };
        let probed = probe.run().await;
        let mut left = Vec::new();
        for object in [&probe.one, &probe.other].into_iter().filter(|_| probe.wrote) {
            left.extend(self.delete_test_object(object).await.err());
        }
        let has_failed = probe.findings.iter().any(|finding| !finding.honoured);
        match probed {
            Err(error) if !(has_failed && error.may_pass()) => {
                for stays in &left {
                    log::warn!("could not remove the test object: {stays}");
                }
                Err(error)
            }
            _ => Ok(Probed { findings: probe.findings, left }),
        }
    }

    /// Deletes `object`, which a test has made.
    pub async fn delete_test_object(&self, object: &S3Uri) -> Result<()> {
        let deleted = self.follow(&object.bucket, async |located| {
            let delete = self.sdk().delete_object().bucket(&object.bucket).key(&object.key);
            asked("DeleteObject", delete.customize().config_override(located).send().await)
        });
        deleted.await.map(|_| ()).map_err(|failure| Error::from(failure).on(object))
    }
}

impl Probe<'_> {
    async fn run(&mut self) -> Result<()> {
        let first = self.write("create an object", Condition::Absent, "written").await?;
        self.write("create it again", Condition::Absent, "refused").await?;
        self.write("replace it under another ETag", Condition::Is(NO_ETAG), "refused").await?;
        let (first, lock) = (first.unwrap_or_else(|| NO_ETAG.to_owned()), new_lock());
        let answer = self.put(&self.one, Condition::Is(&first), &lock).await;
        self.note("replace it under its ETag", "written", &answer?);
        self.write("replace it under the ETag that it had", Condition::Is(&first), "refused").await?;
        self.read("read what was written last", &lock).await?;
        self.race("create at once, eight of them", None).await?;
        let etag = match self.look(&self.other).await? {
            Answer::Found(sighting) => sighting.etag,
            _ => NO_ETAG.to_owned(),
        };
        self.race("replace at once, eight of them", Some(&etag)).await?;
        if self.s3.delete_test_object(&self.one).await.is_err() {
            // Whoever may not delete learns so when the objects are removed at the end.
            return Ok(());
        }
        self.write("replace what is not there", Condition::Is(&first), "refused").await.map(|_| ())
    }

    /// Writes, notes the answer, and returns the `ETag` if the write succeeded.
    async fn write(
        &mut self,
        check: &'static str,
        condition: Condition<'_>,
        wanted: &'static str,
    ) -> Result<Option<String>> {
        let answer = self.put(&self.one, condition, &new_lock()).await;
        self.wrote |= may_have_written(&answer);
        let answer = answer?;
        self.note(check, wanted, &answer);
        Ok(if let Answer::Written(etag) = answer { Some(etag) } else { None })
    }

    async fn put(&self, at: &S3Uri, condition: Condition<'_>, lock: &Lock) -> Result<Answer> {
        self.go_on()?;
        self.s3.write_lock(at, condition, lock, LIMIT).await
    }

    async fn look(&self, at: &S3Uri) -> Result<Answer> {
        match self.s3.read_lock(at, LIMIT).await? {
            Answer::Unclear => {
                let broken = CallError::unanswered(CallErrorKind::Unclear, "GetObject", "the answer breaks off");
                Err(Error::from(broken).on(at))
            }
            answer => Ok(answer),
        }
    }

    /// An error where the test is to end early.
    fn go_on(&self) -> Result<()> {
        if (self.is_stopped)() { Err(Error::new(Outcome::No, "the test of the store was stopped")) } else { Ok(()) }
    }

    async fn read(&mut self, check: &'static str, written: &Lock) -> Result<()> {
        let answer = self.look(&self.one).await?;
        let as_written =
            matches!(&answer, Answer::Found(sighting) if sighting.lock == *written && sighting.age < LIMIT);
        let found = if as_written { "as written".to_owned() } else { name(&answer).to_owned() };
        self.findings.push(ProbeRecord { check, honoured: as_written, wanted: "as written", found });
        Ok(())
    }

    async fn race(&mut self, check: &'static str, etag: Option<&str>) -> Result<()> {
        let condition = etag.map_or(Condition::Absent, Condition::Is);
        let locks: Vec<_> = std::iter::repeat_with(new_lock).take(RACERS).collect();
        let answers = join_all(locks.iter().map(|lock| self.put(&self.other, condition, lock))).await;
        self.wrote |= answers.iter().any(may_have_written);
        let written = answers.iter().filter(|answer| matches!(answer, Ok(Answer::Written(_)))).count();
        // Two are too many, whatever the others would have been.
        if let Some(error) = answers.into_iter().find_map(Result::err).filter(|_| written < 2) {
            return Err(error);
        }
        let found = format!("{written} written");
        self.findings.push(ProbeRecord { check, honoured: written == 1, wanted: "1 written", found });
        Ok(())
    }

    fn note(&mut self, check: &'static str, wanted: &'static str, answer: &Answer) {
        let found = name(answer).to_owned();
        self.findings.push(ProbeRecord { check, honoured: found == wanted, wanted, found });
    }
}

/// Whether an object may be there after `answer`: only a refusal proves that there is none.
fn may_have_written(answer: &Result<Answer>) -> bool {
    match answer {
        Ok(answer) => matches!(answer, Answer::Written(_)),
        Err(error) => error.call().is_none_or(CallError::may_have_happened),
    }
}

fn name(answer: &Answer) -> &'static str {
    match answer {
        Answer::Absent(_) => "absent",
        Answer::Found(_) => "another object",
        Answer::Written(_) => "written",
        Answer::Refused => "refused",
        Answer::Conflict => "in conflict with another write",
        Answer::Unclear => "no clear answer",
    }
}

fn new_lock() -> Lock {
    let holder = Holder { token: Token("probe".to_owned()), owner: "s3-lock probe".to_owned(), ttl: LIMIT };
    Lock { generation: 1, nonce: super::lock::nonce(), holder: Some(holder) }
}
