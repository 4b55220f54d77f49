//! Small random histories of a store that errs now and then, judged by the chain and by stateright's tester.

use emr_core::history::Request;
use proptest::prelude::*;
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};

use crate::lines::{Lines, Put};
use crate::verify;

/// The object of a lock: the number of the write that made it, if there is any.
#[derive(Debug, Clone, Default, PartialEq)]
struct Object(Option<usize>);

#[derive(Debug, Clone, PartialEq)]
enum Op {
    Read,
    /// Replaces this object, or none, by the object of this number.
    Put(Option<usize>, usize),
}

#[derive(Debug, Clone, PartialEq)]
enum Ret {
    Found(Option<usize>),
    Written,
    Refused,
}

impl SequentialSpec for Object {
    type Op = Op;
    type Ret = Ret;

    fn invoke(&mut self, op: &Op) -> Ret {
        match *op {
            Op::Read => Ret::Found(self.0),
            Op::Put(before, now) if self.0 == before => {
                self.0 = Some(now);
                Ret::Written
            }
            Op::Put(..) => Ret::Refused,
        }
    }
}

/// What the store does with a request, wrong or right.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Store {
    Heeds,
    IgnoresCondition,
    LosesWrite,
    ReadsStale,
    RefusesForNothing,
    WritesAndRefuses,
    /// Does right, and the answer is lost.
    Unclear,
    /// Does nothing, and the answer is lost.
    Nothing,
    /// Does right, and the process is killed.
    Killed,
}

/// One move of a client: sends a request, or lets the store act and takes the answer.
type Move = (usize, Store, usize, bool);

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let store = prop_oneof![
        20 => Just(Store::Heeds),
        1 => Just(Store::IgnoresCondition),
        1 => Just(Store::LosesWrite),
        1 => Just(Store::ReadsStale),
        1 => Just(Store::RefusesForNothing),
        1 => Just(Store::WritesAndRefuses),
        2 => Just(Store::Unclear),
        1 => Just(Store::Nothing),
        1 => Just(Store::Killed),
    ];
    prop::collection::vec((0..3_usize, store, any::<prop::sample::Index>(), any::<bool>()), 4..24).prop_map(|moves| {
        moves
            .into_iter()
            .map(|(client, store, choice, is_read)| (client, store, choice.index(1 << 16), is_read))
            .collect()
    })
}

/// Where a client stands with its request.
#[derive(Debug, Clone, Copy)]
enum At {
    Idle,
    Sent(Op2),
    Done(Op2, Option<Answer>),
}

#[derive(Debug, Clone, Copy)]
struct Op2 {
    request: Request,
    before: Option<usize>,
    now: usize,
    call: u64,
}

#[derive(Debug, Clone, Copy)]
enum Answer {
    Found(Option<usize>),
    Written,
    Refused,
    Unclear,
}

struct Client {
    at: At,
    /// The objects that it knows, of which it may replace one.
    knows: Vec<Option<usize>>,
    thread: usize,
    store: Store,
}

struct World {
    lines: Lines,
    tester: LinearizabilityTester<usize, Object>,
    object: Object,
    past: Vec<Option<usize>>,
    puts: Vec<Option<usize>>,
    now_ms: u64,
    threads: usize,
    calls: u64,
}

impl World {
    fn new() -> Self {
        let mut lines = Lines::default();
        lines.look(1, "setup", 1);
        lines.absent(2, "setup", 1);
        let mut tester = LinearizabilityTester::new(Object::default());
        tester.on_invret(99, Op::Read, Ret::Found(None)).unwrap();
        Self { lines, tester, object: Object(None), past: vec![None], puts: vec![], now_ms: 2, threads: 3, calls: 1 }
    }

    fn put(op: Op2, names: &[String; 2]) -> Put<'_> {
        let if_match = op.before.map(|_| names[0].as_str());
        Put { by: "p", call: op.call, if_match, nonce: &names[1], generation: 1, token: Some("t") }
    }

    fn op(op: Op2) -> Op {
        if op.request == Request::Read { Op::Read } else { Op::Put(op.before, op.now) }
    }

    fn advance(&mut self, client: &mut Client, store: Store, choice: usize, is_read: bool) {
        self.now_ms += 1;
        match client.at {
            At::Idle => self.send(client, store, choice, is_read),
            At::Sent(op) => {
                let answer = self.take_effect(op, client.store, choice);
                client.at = At::Done(op, answer);
            }
            At::Done(op, answer) => self.answer(client, op, answer),
        }
    }

    fn send(&mut self, client: &mut Client, store: Store, choice: usize, is_read: bool) {
        self.calls += 1;
        let before = client.knows[choice % client.knows.len()];
        let request = if is_read { Request::Read } else { Request::Replace };
        let op = Op2 { request, before, now: self.puts.len(), call: self.calls };
        if is_read {
            self.lines.look(self.now_ms, "p", op.call);
        } else {
            self.puts.push(before);
            let names = names(op);
            let put = Self::put(op, &names);
            self.lines.sent(self.now_ms, put);
        }
        self.tester.on_invoke(client.thread, Self::op(op)).unwrap();
        (client.at, client.store) = (At::Sent(op), store);
    }

    /// Lets the store take in a request. Returns its answer, if the client lives to see it.
    fn take_effect(&mut self, op: Op2, store: Store, choice: usize) -> Option<Answer> {
        if op.request == Request::Read {
            let stale = self.past[choice % self.past.len()];
            return match store {
                Store::ReadsStale => Some(Answer::Found(stale)),
                Store::Unclear | Store::Nothing => Some(Answer::Unclear),
                Store::Killed => None,
                _ => Some(Answer::Found(self.object.0)),
            };
        }
        let holds = self.object.0 == op.before;
        let writes = match store {
            Store::IgnoresCondition => true,
            Store::LosesWrite | Store::RefusesForNothing | Store::Nothing => false,
            _ => holds,
        };
        if writes {
            self.object = Object(Some(op.now));
            self.past.push(Some(op.now));
        }
        match store {
            Store::Unclear | Store::Nothing => Some(Answer::Unclear),
            Store::Killed => None,
            Store::RefusesForNothing | Store::WritesAndRefuses => Some(Answer::Refused),
            Store::LosesWrite if holds => Some(Answer::Written),
            _ if writes => Some(Answer::Written),
            _ => Some(Answer::Refused),
        }
    }

    fn answer(&mut self, client: &mut Client, op: Op2, answer: Option<Answer>) {
        let names = names(op);
        let put = Self::put(op, &names);
        let at = self.now_ms;
        client.at = At::Idle;
        let ret = match answer {
            None => None,
            Some(Answer::Found(found)) => {
                client.knows.push(found);
                match found {
                    None => self.lines.absent(at, "p", op.call),
                    Some(number) => {
                        let names = names_of(self.puts[number], number);
                        let found = Put { nonce: &names[1], ..put };
                        self.lines.found(at, "p", op.call, found, None);
                    }
                }
                Some(Ret::Found(found))
            }
            Some(Answer::Written) => {
                client.knows.push(Some(op.now));
                self.lines.written(at, put, 0);
                Some(Ret::Written)
            }
            Some(Answer::Refused) => {
                self.lines.answered(at, put, "refused");
                Some(Ret::Refused)
            }
            Some(Answer::Unclear) => {
                if op.request != Request::Read {
                    self.lines.answered(at, put, "unclear");
                }
                None
            }
        };
        if let Some(ret) = ret {
            self.tester.on_return(client.thread, ret).unwrap();
        } else {
            // Its request stays in flight, and what follows is another thread's.
            client.thread = self.threads;
            self.threads += 1;
        }
    }
}

fn names(op: Op2) -> [String; 2] {
    names_of(op.before, op.now)
}

fn names_of(before: Option<usize>, now: usize) -> [String; 2] {
    [format!("n{}", before.unwrap_or_default()), format!("n{now}")]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn the_chain_and_the_linearizability_tester_agree(moves in moves()) {
        let mut world = World::new();
        let mut clients: Vec<_> = (0..3)
            .map(|thread| Client { at: At::Idle, knows: vec![None], thread, store: Store::Heeds })
            .collect();
        for (client, store, choice, is_read) in moves {
            world.advance(&mut clients[client], store, choice, is_read);
        }
        let (verdict, found) = verify(&world.lines.0);
        // Here nothing is ever deleted, and nothing forgotten.
        let holds = verdict.holds && verdict.deleted == 0 && verdict.undecided == 0;
        prop_assert_eq!(holds, world.tester.is_consistent(), "{:?}\n{}", found, world.lines.0.join("\n"));
    }
}
