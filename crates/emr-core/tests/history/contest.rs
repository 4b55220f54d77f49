//! Long histories: many processes run the lock's own protocol against a simulated store, and some die or lose answers.

use std::time::Duration;

use chrono::DateTime;
use emr_core::claim::lease::{
    Answer, Circumstances, Goal, Lease, LockAttempt, LockRequest, Next, Sighting, Verdict, valid,
};
use emr_core::history::{FindingKind, HistoryRecord, Reply, Request, digest};
use emr_core::model::lock::{Holder, Lock, Token};

use crate::{kinds, verify};

/// What the store does wrong, once in a thousand requests of the kind.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Flaw {
    None,
    IgnoresCondition,
    LosesWrite,
    ReadsStale,
    MixesNonces,
}

/// A small generator of random numbers, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

type Object = (Lock, String, Duration);

struct Client {
    process: String,
    call: u64,
    at: At,
}

enum At {
    Idle,
    Asking(LockAttempt, LockRequest, Duration, Vec<HistoryRecord>),
    Holding(Lease),
}

struct Contest {
    random: Random,
    flaw: Flaw,
    now: Duration,
    object: Option<Object>,
    before: Option<Object>,
    written: u64,
    /// How often the store has done wrong.
    flaws: u32,
    processes: u64,
    nonces: u64,
    lines: Vec<String>,
}

const TTL: Duration = Duration::from_secs(2);
const NO_ETAG: &str = "none";

impl Contest {
    fn new(flaw: Flaw, seed: u64) -> Self {
        let (now, random) = (Duration::from_secs(1000), Random(seed));
        let (object, before, lines) = (None, None, vec![]);
        Self { random, flaw, now, object, before, written: 0, flaws: 0, processes: 0, nonces: 0, lines }
    }

    /// The history of so many steps, or until the store has done wrong and was used for a while after it.
    fn run(mut self, steps: u32) -> Vec<String> {
        let mut clients: Vec<_> = (0..6).map(|_| self.client()).collect();
        let mut left = steps;
        while left > 0 {
            left = if self.flaws > 0 { left.min(1000) } else { left } - 1;
            self.now += Duration::from_micros(self.random.below(40_000));
            let number = usize::try_from(self.random.below(6)).unwrap();
            if self.random.below(100) == 0 {
                // It is killed, perhaps after the store has got its request.
                if let At::Asking(_, request, ..) = &clients[number].at
                    && self.random.below(2) == 0
                {
                    let request = request.clone();
                    self.handle(&request);
                }
                clients[number] = self.client();
            }
            self.step(&mut clients[number]);
        }
        self.lines
    }

    fn client(&mut self) -> Client {
        self.processes += 1;
        Client { process: format!("p{}", self.processes), call: 0, at: At::Idle }
    }

    fn nonce(&mut self) -> String {
        self.nonces += 1;
        format!("{:016x}", self.nonces)
    }

    fn step(&mut self, client: &mut Client) {
        match std::mem::replace(&mut client.at, At::Idle) {
            At::Idle => {
                let token = Token(self.nonce());
                let begun = LockAttempt::new(Goal::Hold, Holder { token, owner: String::new(), ttl: TTL });
                self.ask(client, begun);
            }
            At::Asking(attempt, request, sent_at, records) => {
                self.answer(client, attempt, &request, sent_at, records);
            }
            At::Holding(lease) if lease.until <= self.now => {}
            At::Holding(lease) => {
                let nonce = self.nonce();
                match self.random.below(6) {
                    0 => {
                        self.act(client, &lease);
                        client.at = At::Holding(lease);
                    }
                    1 => self.ask(client, LockAttempt::keep(&lease, nonce)),
                    _ => self.ask(client, LockAttempt::give_back(&lease, nonce)),
                }
            }
        }
    }

    fn record(&self, client: &mut Client, request: Request) -> HistoryRecord {
        client.call += 1;
        HistoryRecord {
            time: DateTime::UNIX_EPOCH + self.now,
            process: client.process.clone(),
            call: client.call,
            boot: Some("boot".to_owned()),
            uptime_s: self.now.as_secs_f64(),
            lock_uri: "s3://bucket/lock".parse().unwrap(),
            request,
            act: None,
            of: None,
            if_match: None,
            nonce: None,
            state: None,
            generation: None,
            token: None,
            ttl_s: None,
            answer: None,
            etag: None,
            age_s: None,
            held_until: None,
            held_until_s: None,
        }
    }

    fn act(&mut self, client: &mut Client, lease: &Lease) {
        let mut record = self.record(client, Request::Act);
        record.token = Some(digest(&lease.holder.token));
        record.held_until_s = Some(lease.until.as_secs_f64());
        self.lines.push(record.line().unwrap());
        record.answer = Some(Reply::Done);
        self.lines.push(record.line().unwrap());
    }

    fn ask(&mut self, client: &mut Client, (attempt, request): (LockAttempt, LockRequest)) {
        let parts = match &request {
            LockRequest::Read => vec![(Request::Read, None, None)],
            LockRequest::Create(lock) => vec![(Request::Create, None, Some(lock))],
            LockRequest::Replace(etag, lock) => vec![(Request::Replace, Some(etag.as_str()), Some(lock))],
            LockRequest::Prove(lock) => {
                vec![(Request::Create, None, Some(lock)), (Request::Replace, Some(NO_ETAG), Some(lock))]
            }
        };
        let mut records = Vec::new();
        for (kind, if_match, lock) in parts {
            let mut record = self.record(client, kind);
            record.if_match = if_match.map(str::to_owned);
            if let Some(lock) = lock {
                record.set_lock(lock);
            }
            self.lines.push(record.line().unwrap());
            records.push(record);
        }
        client.at = At::Asking(attempt, request, self.now, records);
    }

    fn answer(
        &mut self,
        client: &mut Client,
        mut attempt: LockAttempt,
        request: &LockRequest,
        sent_at: Duration,
        records: Vec<HistoryRecord>,
    ) {
        let mut answers = self.handle(request);
        if self.random.below(50) == 0 {
            answers.fill(Answer::Unclear);
        }
        for (mut record, answer) in records.into_iter().zip(&answers) {
            (record.uptime_s, record.time) = (self.now.as_secs_f64(), DateTime::UNIX_EPOCH + self.now);
            self.set_answer(&mut record, answer, sent_at);
            self.lines.push(record.line().unwrap());
        }
        let answer = match &answers[..] {
            [Answer::Refused, Answer::Refused] => Answer::Refused,
            [written @ Answer::Written(_), _] | [_, written @ Answer::Written(_)] => written.clone(),
            [one] => one.clone(),
            _ => Answer::Unclear,
        };
        let at = Circumstances { sent_at, now: self.now, nonce: self.nonce() };
        match attempt.next(answer, &at) {
            Next::Request(request) => self.ask(client, (attempt, request)),
            Next::Done(Ok(Verdict::Held(lease))) => client.at = At::Holding(lease),
            Next::Done(_) => client.at = At::Idle,
        }
    }

    fn set_answer(&self, record: &mut HistoryRecord, answer: &Answer, sent_at: Duration) {
        record.answer = Some(match answer {
            Answer::Absent(_) => Reply::Absent,
            Answer::Found(sighting) => {
                record.set_lock(&sighting.lock);
                record.etag = Some(sighting.etag.clone());
                record.age_s = Some(sighting.age.as_secs());
                Reply::Found
            }
            Answer::Written(etag) => {
                record.etag = Some(etag.clone());
                record.held_until_s = record.token.as_ref().map(|_| (sent_at + valid(TTL)).as_secs_f64());
                Reply::Written
            }
            Answer::Refused => Reply::Refused,
            Answer::Conflict => Reply::Conflict,
            Answer::Unclear => Reply::Unclear,
        });
        assert!(self.now >= sent_at);
    }

    fn handle(&mut self, request: &LockRequest) -> Vec<Answer> {
        match request {
            LockRequest::Read => vec![self.read()],
            LockRequest::Create(lock) => vec![self.put(None, lock)],
            LockRequest::Replace(etag, lock) => vec![self.put(Some(etag), lock)],
            LockRequest::Prove(lock) => vec![self.put(None, lock), self.put(Some(NO_ETAG), lock)],
        }
    }

    fn errs(&mut self, flaw: Flaw) -> bool {
        let errs = self.flaw == flaw && self.random.below(1000) == 0;
        self.flaws += u32::from(errs);
        errs
    }

    fn read(&mut self) -> Answer {
        let object = if self.errs(Flaw::ReadsStale) { &self.before } else { &self.object }.clone();
        let Some((mut lock, etag, modified)) = object else { return Answer::Absent(self.now.as_secs()) };
        if self.errs(Flaw::MixesNonces) {
            lock.generation += 1;
        }
        let age = Duration::from_secs(self.now.as_secs() - modified.as_secs());
        Answer::Found(Sighting { lock, etag, age })
    }

    fn put(&mut self, if_match: Option<&str>, lock: &Lock) -> Answer {
        let etag = self.object.as_ref().map(|(_, etag, _)| etag.as_str());
        if etag != if_match && !self.errs(Flaw::IgnoresCondition) {
            return Answer::Refused;
        }
        self.written += 1;
        let etag = format!("\"{:032x}\"", self.written);
        if !self.errs(Flaw::LosesWrite) {
            let before = self.object.replace((lock.clone(), etag.clone(), self.now));
            if self.written.is_multiple_of(20) {
                self.before = before;
            }
        }
        Answer::Written(etag)
    }
}

#[test]
fn the_history_of_a_sound_store_holds_whoever_dies_and_whatever_is_lost() {
    for seed in 0..3 {
        let lines = Contest::new(Flaw::None, seed).run(20_000);
        let (verdict, found) = verify(&lines);
        assert_eq!(found, [], "seed {seed}");
        assert!(verdict.holds && verdict.takeovers > 10 && verdict.acts > 100 && verdict.unclear > 20, "{verdict:?}");
    }
}

#[test]
fn a_store_that_errs_once_in_a_thousand_requests_is_caught() {
    for (flaw, kind) in [
        (Flaw::IgnoresCondition, FindingKind::Fork),
        (Flaw::LosesWrite, FindingKind::StaleRead),
        (Flaw::ReadsStale, FindingKind::StaleRead),
        (Flaw::MixesNonces, FindingKind::Misattributed),
    ] {
        for seed in 0..2 {
            let found = kinds(&Contest::new(flaw, seed).run(400_000));
            assert!(found.contains(&kind), "{flaw:?}, seed {seed}: {found:?}");
        }
    }
}
