//! Violations of each kind, planted at the end of a correct history of several machines: each is found, and nothing else.

use std::collections::BTreeSet;
use std::time::Duration;

use emr_core::history::{FindingKind, HistoryRecord, Reply, Request, digest};
use emr_core::model::lock::{Holder, Lock, Token};
use proptest::prelude::*;

use crate::contest::{Client, Contest, Flaw, TTL};
use crate::machines::machines;
use crate::verify_files;

/// A contest of which `owner` has acquired the lock at last, an hour after the others.
struct Tail {
    contest: Contest,
    owner: Client,
    /// A process of another machine.
    other: Client,
    before: String,
    etag: String,
    lock: Lock,
}

impl Tail {
    fn of(mut contest: Contest) -> Self {
        contest.now += Duration::from_hours(1);
        let (owner, other) = (contest.client_of(0), contest.client_of(1));
        let (before, etag, _) = contest.objects[0].clone().unwrap();
        let mut tail = Self { contest, owner, other, before: etag.clone(), etag, lock: before };
        tail.read(false, 3600);
        let lock = tail.taken(tail.lock.generation + 1);
        tail.write(false, &lock, "last");
        tail
    }

    /// A lock as somebody who acquires it writes it.
    fn taken(&mut self, generation: u64) -> Lock {
        let (nonce, token) = (self.contest.nonce(), Token(self.contest.nonce()));
        Lock { generation, nonce, holder: Some(Holder { token, owner: String::new(), ttl: TTL }) }
    }

    fn renewed(&mut self) -> Lock {
        Lock { nonce: self.contest.nonce(), ..self.lock.clone() }
    }

    fn record(&mut self, is_by_other: bool, request: Request) -> HistoryRecord {
        let client = if is_by_other { &mut self.other } else { &mut self.owner };
        self.contest.record(client, 0, request)
    }

    fn push(&mut self, is_by_other: bool, record: &mut HistoryRecord) {
        self.contest.now += Duration::from_millis(1);
        self.contest.push(if is_by_other { &self.other } else { &self.owner }, record);
    }

    /// Reads the newest object.
    fn read(&mut self, is_by_other: bool, age_s: u64) {
        let (lock, etag) = (self.lock.clone(), self.etag.clone());
        self.read_as(is_by_other, &lock, &etag, age_s);
    }

    fn read_as(&mut self, is_by_other: bool, lock: &Lock, etag: &str, age_s: u64) {
        let mut record = self.record(is_by_other, Request::Read);
        self.push(is_by_other, &mut record);
        record.set_lock(lock);
        (record.answer, record.etag, record.age_s) = (Some(Reply::Found), Some(etag.to_owned()), Some(age_s));
        self.push(is_by_other, &mut record);
    }

    /// Asks for a replacement of the newest object.
    fn ask(&mut self, is_by_other: bool, lock: &Lock) -> HistoryRecord {
        let mut record = self.record(is_by_other, Request::Replace);
        record.if_match = Some(self.etag.clone());
        record.set_lock(lock);
        self.push(is_by_other, &mut record);
        record
    }

    /// Replaces the newest object.
    fn write(&mut self, is_by_other: bool, lock: &Lock, etag: &str) {
        let record = self.ask(is_by_other, lock);
        self.acknowledge(is_by_other, record, etag);
        (self.before, self.etag) = (std::mem::replace(&mut self.etag, etag.to_owned()), etag.to_owned());
        self.lock = lock.clone();
    }

    fn acknowledge(&mut self, is_by_other: bool, mut record: HistoryRecord, etag: &str) {
        (record.answer, record.etag) = (Some(Reply::Written), Some(etag.to_owned()));
        record.held_until_s = record.token.as_ref().map(|_| record.uptime_s + 1.5);
        self.push(is_by_other, &mut record);
    }

    fn refuse(&mut self, lock: &Lock) {
        let mut record = self.ask(false, lock);
        record.answer = Some(Reply::Refused);
        self.push(false, &mut record);
    }

    fn act(&mut self, token: &Token, held_for_s: f64) {
        let mut record = self.record(false, Request::Act);
        record.token = Some(digest(token));
        record.held_until_s = Some(record.uptime_s + held_for_s);
        self.push(false, &mut record);
        record.answer = Some(Reply::Failed);
        self.push(false, &mut record);
    }

    /// Replaces one object twice.
    fn fork(&mut self) {
        let renewed = self.renewed();
        self.write(false, &renewed, "next");
        self.etag.clone_from(&self.before);
        let again = self.renewed();
        let record = self.ask(true, &again);
        self.acknowledge(true, record, "fork");
    }

    /// Releases the lock by another token than its holder's.
    fn release_as_another(&mut self) {
        let lock = Lock { holder: None, ..self.renewed() };
        let mut record = self.record(true, Request::Replace);
        record.if_match = Some(self.etag.clone());
        record.set_lock(&lock);
        record.releaser = Some(digest(&Token("another".to_owned())));
        self.push(true, &mut record);
        self.acknowledge(true, record, "next");
    }

    /// To one who knows no other object, this might be the first, and deleted before.
    fn read_a_foreign_object(&mut self) {
        let renewed = self.renewed();
        self.read(true, 0);
        self.read_as(true, &renewed, "foreign", 0);
    }

    fn read_what_is_replaced(&mut self) {
        let (lock, etag, renewed) = (self.lock.clone(), self.etag.clone(), self.renewed());
        self.write(false, &renewed, "next");
        self.read_as(false, &lock, &etag, 0);
    }

    /// Plants a violation. `is_by_other`: a machine that has not read the lock before.
    fn plant(&mut self, kind: FindingKind, is_by_other: bool) {
        let renewed = self.renewed();
        match kind {
            FindingKind::Fork => self.fork(),
            FindingKind::StaleRead => self.read_what_is_replaced(),
            FindingKind::OutOfOrder => {
                let record = self.ask(false, &renewed);
                self.contest.now -= Duration::from_secs(1);
                self.acknowledge(false, record, "next");
            }
            FindingKind::SpuriousRefusal => {
                self.refuse(&renewed);
                self.read(false, 0);
            }
            FindingKind::RefusedButWritten => {
                self.refuse(&renewed);
                self.read_as(true, &renewed, "next", 0);
            }
            FindingKind::Misattributed => {
                let lock = Lock { generation: self.lock.generation + 1, ..self.lock.clone() };
                let etag = self.etag.clone();
                self.read_as(true, &lock, &etag, 0);
            }
            FindingKind::EtagRepeated => {
                let etag = self.etag.clone();
                self.write(false, &renewed, &etag);
            }
            FindingKind::Unrecorded => self.read_a_foreign_object(),
            FindingKind::Generation => {
                let lock = Lock { generation: self.lock.generation - 1, ..renewed };
                self.write(is_by_other, &lock, "next");
            }
            FindingKind::EarlyTakeover => {
                self.read(true, 0);
                let lock = self.taken(self.lock.generation + 1);
                self.write(true, &lock, "next");
            }
            FindingKind::TwoHolders => {
                let lock = self.taken(self.lock.generation + 1);
                self.write(false, &lock, "next");
            }
            FindingKind::ForeignRelease => self.release_as_another(),
            FindingKind::ActAfterLease => {
                let token = self.lock.holder.as_ref().unwrap().token.clone();
                self.act(&token, -1.0);
            }
            FindingKind::ActWithoutLease => self.act(&Token("another".to_owned()), 1.0),
            FindingKind::LateAct | FindingKind::UnprovedTakeover | FindingKind::Undecided => {}
        }
    }
}

const KINDS: [FindingKind; 14] = [
    FindingKind::Fork,
    FindingKind::StaleRead,
    FindingKind::OutOfOrder,
    FindingKind::SpuriousRefusal,
    FindingKind::RefusedButWritten,
    FindingKind::Misattributed,
    FindingKind::EtagRepeated,
    FindingKind::Unrecorded,
    FindingKind::Generation,
    FindingKind::EarlyTakeover,
    FindingKind::TwoHolders,
    FindingKind::ForeignRelease,
    FindingKind::ActAfterLease,
    FindingKind::ActWithoutLease,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn each_violation_is_found_whatever_the_clocks_say_and_no_other(
        machines in machines(),
        seed in any::<u64>(),
        kind in prop::sample::select(&KINDS[..]),
        begins_late in any::<bool>(),
        is_by_other in any::<bool>(),
    ) {
        let mut contest = Contest::new(Flaw::None, seed, machines, 2).run(600);
        prop_assume!(contest.objects[0].is_some());
        if begins_late {
            contest.lines.iter_mut().for_each(Vec::clear);
        }
        let mut tail = Tail::of(contest);
        tail.plant(kind, is_by_other);
        let mut files = tail.contest.lines;
        let by = usize::try_from(seed % 4).unwrap() % files.len();
        files.rotate_left(by);
        let kinds = verify_files(&files).1.into_iter().map(|finding| finding.kind);
        let found: BTreeSet<_> = kinds.filter(|kind| kind.is_violation()).collect();
        prop_assert_eq!(found, BTreeSet::from([kind]));
    }
}
