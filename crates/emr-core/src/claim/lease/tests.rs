//! The lock protocol's reaction to each answer of the store.

use proptest::prelude::*;

use super::*;

const TTL: Duration = Duration::from_mins(1);

fn holder(token: &str) -> Holder {
    Holder { token: Token(token.to_owned()), owner: "somebody".to_owned(), ttl: TTL }
}

fn lock(generation: u64, token: Option<&str>) -> Lock {
    Lock { generation, nonce: "before".to_owned(), holder: token.map(holder) }
}

fn seen(generation: u64, token: Option<&str>, age_s: u64) -> Sighting {
    Sighting { lock: lock(generation, token), etag: "seen".to_owned(), age: Duration::from_secs(age_s) }
}

fn written() -> Answer {
    Answer::Written("written".to_owned())
}

fn lease() -> Lease {
    Lease { holder: holder("me"), generation: 7, etag: "mine".to_owned(), until: TTL }
}

/// A request that is sent at this second and answered one second later.
fn at(sent_s: u64) -> Circumstances {
    let sent_at = Duration::from_secs(sent_s);
    Circumstances { sent_at, now: sent_at + Duration::from_secs(1), nonce: format!("nonce {sent_s}") }
}

/// The step of an attempt at `goal` after `answers`, one a second.
fn after(goal: Goal, answers: impl IntoIterator<Item = Answer>) -> Next {
    feed(LockAttempt::new(goal, holder("me")), answers)
}

fn feed((mut attempt, first): (LockAttempt, LockRequest), answers: impl IntoIterator<Item = Answer>) -> Next {
    (0..).zip(answers).fold(Next::Request(first), |_, (second, answer)| attempt.next(answer, &at(second)))
}

/// The condition, generation and token of the next write.
fn to_write(next: &Next) -> (Option<&str>, u64, Option<&str>) {
    let (etag, lock) = match next {
        Next::Request(LockRequest::Create(lock)) => (None, lock),
        Next::Request(LockRequest::Replace(etag, lock)) => (Some(etag.as_str()), lock),
        other => panic!("not a write: {other:?}"),
    };
    (etag, lock.generation, lock.holder.as_ref().map(|holder| holder.token.0.as_str()))
}

#[test]
fn a_lock_that_is_absent_is_created_with_the_store_s_time_as_its_generation() {
    assert_eq!(to_write(&after(Goal::Hold, [Answer::Absent(1_800_000_000)])), (None, 1_800_000_000, Some("me")));
}

#[test]
fn a_free_lock_is_taken_with_the_next_generation() {
    let found = Answer::Found(seen(7, None, 3));
    assert_eq!(to_write(&after(Goal::Hold, [found])), (Some("seen"), 8, Some("me")));
}

#[test]
fn a_held_lock_is_busy_until_it_is_a_second_older_than_its_time_to_live() {
    let young = seen(7, Some("other"), 60);
    assert_eq!(after(Goal::Hold, [Answer::Found(young.clone())]), Next::Done(Ok(Verdict::Busy(young))));
    let old = Answer::Found(seen(7, Some("other"), 61));
    assert_eq!(to_write(&after(Goal::Hold, [old])), (Some("seen"), 8, Some("me")));
}

#[test]
fn an_own_lock_keeps_its_generation_even_when_it_has_expired() {
    for goal in [Goal::Hold, Goal::Keep] {
        let next = after(goal, [Answer::Found(seen(7, Some("me"), 1000))]);
        assert_eq!(to_write(&next), (Some("seen"), 7, Some("me")));
    }
}

#[test]
fn a_holder_counts_its_lease_from_before_the_write() {
    let Next::Done(Ok(Verdict::Held(lease))) = after(Goal::Hold, [Answer::Found(seen(7, None, 3)), written()]) else {
        panic!("it is held")
    };
    assert_eq!(lease.until, Duration::from_secs(1 + 55));
    assert_eq!((lease.generation, lease.etag.as_str()), (8, "written"));
}

#[test]
fn an_answer_after_the_end_of_the_lease_is_inconclusive() {
    let (mut attempt, _) = LockAttempt::new(Goal::Hold, holder("me"));
    let _replace = attempt.next(Answer::Found(seen(7, None, 3)), &at(0));
    let late = Circumstances { now: valid(TTL), ..at(0) };
    assert_eq!(attempt.next(written(), &late), Next::Request(LockRequest::Read));
}

#[test]
fn a_lock_that_was_not_released_needs_a_proof_of_the_store() {
    for first in [Answer::Absent(1), Answer::Found(seen(7, Some("other"), 61)), Answer::Found(seen(7, Some("me"), 1))] {
        let Next::Request(LockRequest::Prove(proof)) = after(Goal::Hold, [first.clone(), written()]) else {
            panic!("no proof after {first:?}")
        };
        assert_ne!(proof.holder, Some(holder("me")), "it must not carry our token");
        let Next::Done(Ok(Verdict::Held(lease))) = after(Goal::Hold, [first.clone(), written(), Answer::Refused])
        else {
            panic!("it is held after {first:?}")
        };
        assert_eq!(lease.until, Duration::from_secs(1 + 55), "the proof does not extend it");
        assert_eq!(after(Goal::Hold, [first, written(), written()]), Next::Done(Err(LockError::Unsafe)));
    }
}

#[test]
fn an_inconclusive_proof_is_repeated_with_a_fresh_nonce() {
    for answer in [Answer::Unclear, Answer::Conflict] {
        let next = after(Goal::Hold, [Answer::Absent(1), written(), answer]);
        let Next::Request(LockRequest::Prove(lock)) = &next else { panic!("{next:?}") };
        assert_eq!((lock.generation, lock.nonce.as_str()), (1, "nonce 2"));
    }
}

#[test]
fn after_a_refusal_a_conflict_or_no_answer_the_object_is_read() {
    for answer in [Answer::Refused, Answer::Conflict, Answer::Unclear] {
        for goal in [Goal::Hold, Goal::Keep, Goal::GiveBack] {
            let mine = Answer::Found(seen(7, Some("me"), 1));
            assert_eq!(after(goal, [mine, answer.clone()]), Next::Request(LockRequest::Read), "{goal:?}, {answer:?}");
        }
        assert_eq!(after(Goal::Hold, [Answer::Absent(1), answer]), Next::Request(LockRequest::Read));
    }
}

#[test]
fn an_own_write_that_is_found_after_a_refusal_is_written_again() {
    let echo = [Answer::Found(seen(7, None, 3)), Answer::Refused, Answer::Found(seen(8, Some("me"), 1))];
    assert_eq!(to_write(&after(Goal::Hold, echo)), (Some("seen"), 8, Some("me")));
}

#[test]
fn a_lock_that_another_holder_got_first_is_busy() {
    let theirs = seen(8, Some("other"), 0);
    let answers = [Answer::Found(seen(7, None, 3)), Answer::Refused, Answer::Found(theirs.clone())];
    assert_eq!(after(Goal::Hold, answers), Next::Done(Ok(Verdict::Busy(theirs))));
}

#[test]
fn a_lease_is_renewed_with_one_write() {
    let (attempt, ask) = LockAttempt::keep(&lease(), "new".to_owned());
    assert_eq!(to_write(&Next::Request(ask.clone())), (Some("mine"), 7, Some("me")));
    let Next::Done(Ok(Verdict::Held(kept))) = feed((attempt, ask), [written()]) else { panic!("it is held") };
    assert_eq!((kept.generation, kept.etag.as_str()), (7, "written"));
}

#[test]
fn a_lease_is_released_with_one_write_that_keeps_the_generation() {
    let (attempt, ask) = LockAttempt::give_back(&lease(), "new".to_owned());
    assert_eq!(to_write(&Next::Request(ask.clone())), (Some("mine"), 7, None));
    assert_eq!(feed((attempt, ask), [written()]), Next::Done(Ok(Verdict::GivenBack)));
}

#[test]
fn a_free_lock_after_an_unanswered_release_is_released() {
    let unanswered = [Answer::Unclear, Answer::Found(seen(7, None, 1))];
    let next = feed(LockAttempt::give_back(&lease(), "new".to_owned()), unanswered);
    assert_eq!(next, Next::Done(Ok(Verdict::GivenBack)));
}

#[test]
fn a_lock_of_another_holder_or_of_none_is_lost_and_left_alone() {
    for goal in [Goal::Keep, Goal::GiveBack] {
        assert_eq!(after(goal, [Answer::Absent(1)]), Next::Done(Err(LockError::Lost(None))));
        for other in [seen(8, Some("other"), 1), seen(8, Some("other"), 1000), seen(8, None, 1)] {
            let lost = Next::Done(Err(LockError::Lost(Some(other.clone()))));
            assert_eq!(after(goal, [Answer::Found(other)]), lost, "{goal:?}");
        }
    }
}

#[test]
fn an_attempt_gives_up_after_inconclusive_answers() {
    for answer in [Answer::Unclear, Answer::Conflict, Answer::Refused] {
        let answers = std::iter::repeat_n(answer, 1 + PATIENCE as usize);
        assert_eq!(after(Goal::Hold, answers), Next::Done(Err(LockError::Unsure)));
    }
}

fn goal() -> impl Strategy<Value = Goal> {
    prop_oneof![Just(Goal::Hold), Just(Goal::Keep), Just(Goal::GiveBack)]
}

/// An answer to a read.
fn to_read() -> impl Strategy<Value = Answer> {
    let token = prop_oneof![Just(None), Just(Some("me")), Just(Some("other"))];
    prop_oneof![
        Just(Answer::Absent(1)),
        (1_u64..9, token, 0_u64..130).prop_map(|(generation, token, age)| Answer::Found(seen(generation, token, age))),
        Just(Answer::Unclear),
    ]
}

/// An answer to a write.
fn to_a_write() -> impl Strategy<Value = Answer> {
    prop_oneof![Just(written()), Just(Answer::Refused), Just(Answer::Conflict), Just(Answer::Unclear)]
}

prop_compose! {
    /// The store's answers to a read and to a write, the seconds before the request, and those until the answer.
    fn moment()(read in to_read(), write in to_a_write(), before in 0_u64..70, until in 0_u64..70)
        -> (Answer, Answer, Duration, Duration)
    {
        (read, write, Duration::from_secs(before), Duration::from_secs(until))
    }
}

/// Before each inconclusive answer there are at most a read and a write.
const MOST_ASKS: usize = 3 * (PATIENCE as usize + 1);

proptest! {
    #[test]
    fn only_a_fresh_own_write_holds_the_lock_and_every_attempt_ends(
        goal in goal(), moments in prop::collection::vec(moment(), MOST_ASKS)
    ) {
        let (mut attempt, mut ask) = LockAttempt::new(goal, holder("me"));
        let (mut now, mut sent_last) = (Duration::ZERO, None);
        for (read, write, before, until) in moments {
            let sent_at = now + before;
            now = sent_at + until;
            let answer = if ask == LockRequest::Read { read } else { write };
            if !matches!(ask, LockRequest::Prove(_)) {
                sent_last = (answer == written()).then_some(sent_at);
            }
            match attempt.next(answer, &Circumstances { sent_at, now, nonce: String::new() }) {
                Next::Request(next) => ask = next,
                Next::Done(Ok(Verdict::Held(lease))) => {
                    prop_assert_ne!(goal, Goal::GiveBack);
                    prop_assert_eq!(Some(lease.until), sent_last.map(|sent_at: Duration| sent_at + valid(TTL)));
                    prop_assert!(now < lease.until);
                    return Ok(());
                }
                Next::Done(_) => return Ok(()),
            }
        }
        prop_assert!(false, "it sent more than {} requests", MOST_ASKS);
    }

    /// Even if the clocks of the store's machines differ by as much as `valid` allows.
    #[test]
    fn a_lease_ends_for_its_holder_before_others_can_take_it(
        ttl_ms in 0_u64..100_000_000, stored_ms in 0_u64..2000, differ in 0.0..1.0
    ) {
        let (ttl, stored) = (Duration::from_millis(ttl_ms), Duration::from_millis(stored_ms));
        let last = stored + valid(ttl);
        let seconds = Duration::from_secs(last.as_secs() - stored.as_secs());
        let age = seconds + ttl.saturating_sub(valid(ttl)).mul_f64(differ);
        let lock = Lock { holder: Some(Holder { ttl, ..holder("me") }), ..lock(1, None) };
        let sighting = Sighting { lock, etag: String::new(), age };
        prop_assert!(is_held(&sighting));
    }
}
