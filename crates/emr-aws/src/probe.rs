//! Tests whether a store honours conditional writes, which locks are made of, for `s3-lock probe`.

use std::time::Duration;

use emr_core::claim::lease::Answer;
use emr_core::error::{Error, Result};
use emr_core::model::lock::{Holder, Lock, Token};
use emr_core::model::record::ProbeRecord;
use emr_core::model::s3_uri::S3Uri;
use futures_util::future::join_all;

use super::lock::NO_ETAG;
use super::s3::{Condition, S3, asked, unclear};

/// The time limit of one request, and the greatest age of an object that the test has just written.
const LIMIT: Duration = Duration::from_secs(10);

/// Concurrent writers, of which exactly one may succeed.
const RACERS: usize = 8;

/// A test of one store, with two objects of its own.
struct Probe<'a> {
    s3: &'a S3,
    one: S3Uri,
    other: S3Uri,
    findings: Vec<ProbeRecord>,
    /// Whether anything was written and has to be removed.
    wrote: bool,
}

impl S3 {
    /// Tests the store at `place`, with two objects that are removed at the end. Returns a record for each check.
    pub async fn probe(&self, place: &S3Uri) -> Result<Vec<ProbeRecord>> {
        let name = format!("probe-{:016x}", fastrand::u64(..));
        let (one, other) = (place.join(&name), place.join(&format!("{name}-race")));
        let mut probe = Probe { s3: self, one, other, findings: Vec::new(), wrote: false };
        let probed = probe.run().await;
        for object in [&probe.one, &probe.other].into_iter().filter(|_| probe.wrote) {
            if let Err(error) = self.delete(object).await {
                log::warn!("could not remove the test object: {error}");
            }
        }
        probed.map(|()| probe.findings)
    }

    async fn delete(&self, object: &S3Uri) -> Result<()> {
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
        let answer = self.s3.write_lock(&self.one, Condition::Is(&first), &lock, LIMIT).await.or_else(unclear)?;
        self.note("replace it under its ETag", "written", &answer);
        self.write("replace it under the ETag that it had", Condition::Is(&first), "refused").await?;
        self.read("read what was written last", &lock).await?;
        self.race("create at once, eight of them", None).await?;
        let etag = match self.s3.read_lock(&self.other, LIMIT).await.or_else(unclear)? {
            Answer::Found(sighting) => sighting.etag,
            _ => NO_ETAG.to_owned(),
        };
        self.race("replace at once, eight of them", Some(&etag)).await?;
        self.s3.delete(&self.one).await?;
        self.write("replace what is not there", Condition::Is(&first), "refused").await.map(|_| ())
    }

    /// Writes, notes the answer, and returns the `ETag` if the write succeeded.
    async fn write(
        &mut self,
        check: &'static str,
        condition: Condition<'_>,
        wanted: &'static str,
    ) -> Result<Option<String>> {
        let answer = self.s3.write_lock(&self.one, condition, &new_lock(), LIMIT).await.or_else(unclear)?;
        self.note(check, wanted, &answer);
        Ok(if let Answer::Written(etag) = answer { Some(etag) } else { None })
    }

    async fn read(&mut self, check: &'static str, written: &Lock) -> Result<()> {
        let answer = self.s3.read_lock(&self.one, LIMIT).await.or_else(unclear)?;
        let as_written =
            matches!(&answer, Answer::Found(sighting) if sighting.lock == *written && sighting.age < LIMIT);
        let found = if as_written { "as written".to_owned() } else { name(&answer).to_owned() };
        self.findings.push(ProbeRecord { check, honoured: as_written, wanted: "as written", found });
        Ok(())
    }

    async fn race(&mut self, check: &'static str, etag: Option<&str>) -> Result<()> {
        let condition = etag.map_or(Condition::Absent, Condition::Is);
        let locks: Vec<_> = std::iter::repeat_with(new_lock).take(RACERS).collect();
        let answers = join_all(locks.iter().map(|lock| self.s3.write_lock(&self.other, condition, lock, LIMIT))).await;
        let mut written = 0;
        for answer in answers {
            written += usize::from(matches!(answer.or_else(unclear)?, Answer::Written(_)));
        }
        let found = format!("{written} written");
        self.findings.push(ProbeRecord { check, honoured: written == 1, wanted: "1 written", found });
        Ok(())
    }

    fn note(&mut self, check: &'static str, wanted: &'static str, answer: &Answer) {
        self.wrote |= matches!(answer, Answer::Written(_));
        let found = name(answer).to_owned();
        self.findings.push(ProbeRecord { check, honoured: found == wanted, wanted, found });
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
