//! Long histories: many processes of several machines run the lock's own protocol against a simulated store, and some die
//! or lose answers.

use std::time::Duration;

use chrono::{DateTime, Utc};
use emr_core::claim::lease::{
    Answer, Circumstances, Goal, Lease, LockAttempt, LockRequest, Next, Sighting, Verdict, valid,
};
use emr_core::history::{FindingKind, HistoryRecord, Reply, Request, digest};
use emr_core::model::lock::{Holder, Lock, Token};

use crate::{kinds, verify};

/// What the store does wrong, once in a thousand requests of the kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Flaw {
    None,
    IgnoresCondition,
    LosesWrite,
    ReadsStale,
    MixesNonces,
}

/// A small generator of random numbers, so that a failure can be repeated.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

type Object = (Lock, String, Duration);

/// A machine, and how its clocks are wrong.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub(crate) boot: String,
    /// When it was booted, in seconds before the contest.
    pub(crate) up_s: u64,
    /// By how much its wall clock is wrong when the contest begins, in seconds.
    pub(crate) wrong_s: i64,
    /// By how much more it is wrong after each second, in milliseconds.
    pub(crate) drift_ms: i64,
}

impl Machine {
    pub(crate) fn new(number: u64) -> Self {
        Self { boot: format!("boot{number}"), up_s: 1000, wrong_s: 0, drift_ms: 0 }
    }

    fn uptime(&self, now: Duration) -> Duration {
        Duration::from_secs(self.up_s) + now
    }

    fn wall(&self, now: Duration) -> DateTime<Utc> {
        let wrong = chrono::Duration::seconds(self.wrong_s);
        let drift = chrono::Duration::milliseconds(self.drift_ms * i64::try_from(now.as_secs()).unwrap());
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + now + wrong + drift
    }
}

pub(crate) struct Client {
    pub(crate) machine: usize,
    process: String,
    call: u64,
    at: At,
}

#[expect(clippy::large_enum_variant, reason = "there are a handful")]
enum At {
    Idle,
    /// Which lock is asked for what, since when, and the records of that.
    Asking(usize, LockAttempt, LockRequest, Duration, Vec<HistoryRecord>),
    Holding(usize, Lease),
}

pub(crate) struct Contest {
    pub(crate) random: Random,
    flaw: Flaw,
    pub(crate) now: Duration,
    pub(crate) machines: Vec<Machine>,
    /// Whether objects are deleted and machines boot again.
    pub(crate) is_unsteady: bool,
    /// How often an object was deleted.
    pub(crate) deletions: u64,
    /// The object of each lock.
    pub(crate) objects: Vec<Option<Object>>,
    before: Option<Object>,
    written: u64,
    /// How often the store has done wrong.
    flaws: u32,
    processes: u64,
    nonces: u64,
    /// The history of each machine.
    pub(crate) lines: Vec<Vec<String>>,
    /// The same of all machines, in the order in which it happened.
    pub(crate) journal: Vec<String>,
}

pub(crate) const TTL: Duration = Duration::from_secs(2);
const NO_ETAG: &str = "none";

/// Processes at once.
const CLIENTS: usize = 6;

impl Contest {
    pub(crate) fn new(flaw: Flaw, seed: u64, machines: Vec<Machine>, locks: usize) -> Self {
        Self {
            random: Random(seed),
            flaw,
            now: Duration::from_secs(1000),
            objects: vec![None; locks],
            before: None,
            written: 0,
            flaws: 0,
            processes: 0,
            nonces: 0,
            lines: vec![vec![]; machines.len()],
            journal: vec![],
            is_unsteady: false,
            deletions: 0,
            machines,
        }
    }

    /// The contest of so many steps, or until the store has done wrong and was used for a while after it.
    pub(crate) fn run(mut self, steps: u32) -> Self {
        let mut clients: Vec<_> = (0..CLIENTS).map(|_| self.client()).collect();
        let mut left = steps;
        while left > 0 {
            left = if self.flaws > 0 { left.min(1000) } else { left } - 1;
            self.now += Duration::from_micros(self.random.below(40_000));
            let number = usize::try_from(self.random.below(CLIENTS as u64)).unwrap();
            if self.is_unsteady {
                self.upset(&mut clients);
            }
            if self.random.below(100) == 0 {
                self.kill(&mut clients[number]);
            }
            self.step(&mut clients[number]);
        }
        self
    }

    /// Kills a process, perhaps after the store has got its request. Another begins.
    pub(crate) fn kill(&mut self, client: &mut Client) {
        if let At::Asking(lock, _, request, ..) = &client.at
            && self.random.below(2) == 0
        {
            let (lock, request) = (*lock, request.clone());
            self.handle(lock, &request);
        }
        *client = self.client();
    }

    fn client(&mut self) -> Client {
        let machine = usize::try_from(self.random.below(self.machines.len() as u64)).unwrap();
        self.client_of(machine)
    }

    /// A process of this machine.
    pub(crate) fn client_of(&mut self, machine: usize) -> Client {
        self.processes += 1;
        Client { machine, process: format!("p{}", self.processes), call: 0, at: At::Idle }
    }

    pub(crate) fn nonce(&mut self) -> String {
        self.nonces += 1;
        format!("{:016x}", self.nonces)
    }

    fn step(&mut self, client: &mut Client) {
        match std::mem::replace(&mut client.at, At::Idle) {
            At::Idle => {
                let lock = usize::try_from(self.random.below(self.objects.len() as u64)).unwrap();
                let token = Token(self.nonce());
                let begun = LockAttempt::new(Goal::Hold, Holder { token, owner: String::new(), ttl: TTL });
                self.ask(client, lock, begun);
            }
            At::Asking(lock, attempt, request, sent_at, records) => {
                self.answer(client, lock, attempt, &request, sent_at, records);
            }
            At::Holding(_, lease) if lease.until <= self.uptime(client) => {}
            At::Holding(lock, lease) => {
                let nonce = self.nonce();
                match self.random.below(8) {
                    0 => {
                        self.act(client, lock, &lease);
                        client.at = At::Holding(lock, lease);
                    }
                    1 => self.ask(client, lock, LockAttempt::keep(&lease, nonce)),
                    2 => self.hand_over(client, lock, lease, Goal::Keep),
                    3 => self.hand_over(client, lock, lease, Goal::GiveBack),
                    _ => self.ask(client, lock, LockAttempt::give_back(&lease, nonce)),
                }
            }
        }
    }

    /// Ends a process that holds a lock. One of any machine goes on under the same token.
    fn hand_over(&mut self, client: &mut Client, lock: usize, lease: Lease, goal: Goal) {
        *client = self.client();
        self.ask(client, lock, LockAttempt::new(goal, lease.holder));
    }

    fn uptime(&self, client: &Client) -> Duration {
        self.machines[client.machine].uptime(self.now)
    }

    pub(crate) fn record(&self, client: &mut Client, lock: usize, request: Request) -> HistoryRecord {
        client.call += 1;
        let machine = &self.machines[client.machine];
        let uri = format!("s3://bucket/lock{lock}").parse().unwrap();
        HistoryRecord {
            boot: Some(machine.boot.clone()),
            uptime_s: machine.uptime(self.now).as_secs_f64(),
            ..HistoryRecord::new(client.process.clone(), client.call, request, uri, machine.wall(self.now))
        }
    }

    /// Adds `record` to the history of the machine of `client`, at this time.
    pub(crate) fn push(&mut self, client: &Client, record: &mut HistoryRecord) {
        let machine = &self.machines[client.machine];
        (record.uptime_s, record.time) = (machine.uptime(self.now).as_secs_f64(), machine.wall(self.now));
        let line = record.line().unwrap();
        self.journal.push(line.clone());
        self.lines[client.machine].push(line);
    }

    fn act(&mut self, client: &mut Client, lock: usize, lease: &Lease) {
        let mut record = self.record(client, lock, Request::Act);
        record.token = Some(digest(&lease.holder.token));
        record.held_until_s = Some(lease.until.as_secs_f64());
        self.push(client, &mut record);
        record.answer = Some(Reply::Done);
        self.push(client, &mut record);
    }

    fn ask(&mut self, client: &mut Client, lock_number: usize, (attempt, request): (LockAttempt, LockRequest)) {
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
            let mut record = self.record(client, lock_number, kind);
            record.if_match = if_match.map(str::to_owned);
            if let Some(lock) = lock {
                record.set_lock(lock);
                record.releaser = lock.holder.is_none().then(|| digest(&attempt.holder().token));
            }
            self.push(client, &mut record);
            records.push(record);
        }
        client.at = At::Asking(lock_number, attempt, request, self.uptime(client), records);
    }

    fn answer(
        &mut self,
        client: &mut Client,
        lock: usize,
        mut attempt: LockAttempt,
        request: &LockRequest,
        sent_at: Duration,
        records: Vec<HistoryRecord>,
    ) {
        let mut answers = self.handle(lock, request);
        if self.random.below(50) == 0 {
            answers.fill(Answer::Unclear);
        }
        for (mut record, answer) in records.into_iter().zip(&answers) {
            set_answer(&mut record, answer, sent_at);
            self.push(client, &mut record);
        }
        let answer = match &answers[..] {
            [Answer::Refused, Answer::Refused] => Answer::Refused,
            [written @ Answer::Written(_), _] | [_, written @ Answer::Written(_)] => written.clone(),
            [one] => one.clone(),
            _ => Answer::Unclear,
        };
        let at = Circumstances { sent_at, now: self.uptime(client), nonce: self.nonce() };
        match attempt.next(answer, &at) {
            Next::Request(request) => self.ask(client, lock, (attempt, request)),
            Next::Done(Ok(Verdict::Held(lease))) => client.at = At::Holding(lock, lease),
            Next::Done(_) => client.at = At::Idle,
        }
    }

    fn handle(&mut self, number: usize, request: &LockRequest) -> Vec<Answer> {
        match request {
            LockRequest::Read => vec![self.read(number)],
            LockRequest::Create(lock) => vec![self.put(number, None, lock)],
            LockRequest::Replace(etag, lock) => vec![self.put(number, Some(etag), lock)],
            LockRequest::Prove(lock) => vec![self.put(number, None, lock), self.put(number, Some(NO_ETAG), lock)],
        }
    }

    fn errs(&mut self, flaw: Flaw) -> bool {
        let errs = self.flaw == flaw && self.random.below(1000) == 0;
        self.flaws += u32::from(errs);
        errs
    }

    fn read(&mut self, number: usize) -> Answer {
        let object = if self.errs(Flaw::ReadsStale) { &self.before } else { &self.objects[number] }.clone();
        let Some((mut lock, etag, modified)) = object else { return Answer::Absent(self.now.as_secs()) };
        if self.errs(Flaw::MixesNonces) {
            lock.generation += 1;
        }
        let age = Duration::from_secs(self.now.as_secs() - modified.as_secs());
        Answer::Found(Sighting { lock, etag, age })
    }

    fn put(&mut self, number: usize, if_match: Option<&str>, lock: &Lock) -> Answer {
        let etag = self.objects[number].as_ref().map(|(_, etag, _)| etag.as_str());
        if etag != if_match && !self.errs(Flaw::IgnoresCondition) {
            return Answer::Refused;
        }
        self.written += 1;
        let etag = format!("\"{:032x}\"", self.written);
        if !self.errs(Flaw::LosesWrite) {
            let before = self.objects[number].replace((lock.clone(), etag.clone(), self.now));
            if self.written.is_multiple_of(20) {
                self.before = before;
            }
        }
        Answer::Written(etag)
    }
}

fn set_answer(record: &mut HistoryRecord, answer: &Answer, sent_at: Duration) {
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
}

/// A contest for one lock on one machine.
fn one_machine(flaw: Flaw, seed: u64) -> Contest {
    Contest::new(flaw, seed, vec![Machine::new(0)], 1)
}

#[test]
fn the_history_of_a_sound_store_holds_whoever_dies_and_whatever_is_lost() {
    for seed in 0..3 {
        let lines = one_machine(Flaw::None, seed).run(20_000).lines.remove(0);
        let (verdict, found) = verify(&lines);
        assert_eq!(found, [], "seed {seed}");
        assert!(verdict.holds && verdict.takeovers > 10 && verdict.acts > 100 && verdict.unclear > 20, "{verdict:?}");
    }
}

#[test]
fn a_store_that_errs_once_in_a_thousand_requests_is_caught() {
    for (flaw, expected) in [
        (Flaw::IgnoresCondition, &[FindingKind::Fork][..]),
        (Flaw::LosesWrite, &[FindingKind::StaleRead, FindingKind::Fork]),
        (Flaw::ReadsStale, &[FindingKind::StaleRead]),
        (Flaw::MixesNonces, &[FindingKind::Misattributed]),
    ] {
        for seed in 0..2 {
            let found = kinds(&one_machine(flaw, seed).run(400_000).lines[0]);
            assert!(found.iter().any(|kind| expected.contains(kind)), "{flaw:?}, seed {seed}: {found:?}");
        }
    }
}
