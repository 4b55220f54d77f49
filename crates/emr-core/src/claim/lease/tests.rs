//! Each answer that S3 gives, and what is made of it.

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

/// An answer to a request that was sent this many seconds after the start, a second later.
fn at(sent_s: u64) -> Circumstances {
    let sent_at = Duration::from_secs(sent_s);
    Circumstances { sent_at, now: sent_at + Duration::from_secs(1), nonce: format!("nonce {sent_s}") }
}

/// What comes of `answers`, one a second, to an attempt at `goal`.
fn after(goal: Goal, answers: impl IntoIterator<Item = Answer>) -> Next {
    tell(LockAttempt::new(goal, holder("me")), answers)
}

fn tell((mut attempt, first): (LockAttempt, LockRequest), answers: impl IntoIterator<Item = Answer>) -> Next {
    (0..).zip(answers).fold(Next::Request(first), |_, (second, answer)| attempt.next(answer, &at(second)))
}

/// What the next write would be.
fn to_write(next: &Next) -> (Option<&str>, u64, Option<&str>) {
    let (etag, lock) = match next {
        Next::Request(LockRequest::Create(lock)) => (None, lock),
        Next::Request(LockRequest::Replace(etag, lock)) => (Some(etag.as_str()), lock),
        other => panic!("it is no write: {other:?}"),
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
fn one_s_own_lock_is_written_again_with_its_generation_even_when_it_has_run_out() {
    for goal in [Goal::Hold, Goal::Keep] {
        let next = after(goal, [Answer::Found(seen(7, Some("me"), 1000))]);
        assert_eq!(to_write(&next), (Some("seen"), 7, Some("me")));
    }
}

#[test]
fn who_holds_a_lock_counts_from_before_the_write_was_sent() {
    let Next::Done(Ok(Verdict::Held(lease))) = after(Goal::Hold, [Answer::Found(seen(7, None, 3)), written()]) else {
        panic!("it is held")
    };
    assert_eq!(lease.until, Duration::from_secs(1 + 55));
    assert_eq!((lease.generation, lease.etag.as_str()), (8, "written"));
}

#[test]
fn an_answer_that_came_after_the_lease_had_ended_counts_for_nothing() {
    let (mut attempt, _) = LockAttempt::new(Goal::Hold, holder("me"));
    let _replace = attempt.next(Answer::Found(seen(7, None, 3)), &at(0));
    let late = Circumstances { now: valid(TTL), ..at(0) };
    assert_eq!(attempt.next(written(), &late), Next::Request(LockRequest::Read));
}

#[test]
fn a_lock_that_nobody_gave_back_is_held_only_when_the_store_has_proved_itself() {
    for first in [Answer::Absent(1), Answer::Found(seen(7, Some("other"), 61)), Answer::Found(seen(7, Some("me"), 1))] {
        let Next::Request(LockRequest::Prove(proof)) = after(Goal::Hold, [first.clone(), written()]) else {
            panic!("a proof is asked for after {first:?}")
        };
        assert_ne!(proof.holder, Some(holder("me")), "nobody could give it back");
        let Next::Done(Ok(Verdict::Held(lease))) = after(Goal::Hold, [first.clone(), written(), Answer::Refused])
        else {
            panic!("it is held after {first:?}")
        };
        assert_eq!(lease.until, Duration::from_secs(1 + 55), "the proof makes it no longer");
        assert_eq!(after(Goal::Hold, [first, written(), written()]), Next::Done(Err(LockError::Unsafe)));
    }
}

#[test]
fn a_proof_that_settled_nothing_is_asked_for_again() {
    for answer in [Answer::Unclear, Answer::Conflict] {
        let next = after(Goal::Hold, [Answer::Absent(1), written(), answer]);
        assert!(matches!(next, Next::Request(LockRequest::Prove(_))), "{next:?}");
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
fn a_write_of_one_s_own_that_is_found_after_a_refusal_is_written_once_more() {
    let echo = [Answer::Found(seen(7, None, 3)), Answer::Refused, Answer::Found(seen(8, Some("me"), 1))];
    assert_eq!(to_write(&after(Goal::Hold, echo)), (Some("seen"), 8, Some("me")));
}

#[test]
fn a_lock_that_another_got_first_is_busy() {
    let theirs = seen(8, Some("other"), 0);
    let answers = [Answer::Found(seen(7, None, 3)), Answer::Refused, Answer::Found(theirs.clone())];
    assert_eq!(after(Goal::Hold, answers), Next::Done(Ok(Verdict::Busy(theirs))));
}

#[test]
fn a_lease_is_kept_with_one_write() {
    let (attempt, ask) = LockAttempt::keep(&lease(), "new".to_owned());
    assert_eq!(to_write(&Next::Request(ask.clone())), (Some("mine"), 7, Some("me")));
    let Next::Done(Ok(Verdict::Held(kept))) = tell((attempt, ask), [written()]) else { panic!("it is held") };
    assert_eq!((kept.generation, kept.etag.as_str()), (7, "written"));
}

#[test]
fn a_lease_is_given_back_with_one_write_that_keeps_the_generation() {
    let (attempt, ask) = LockAttempt::give_back(&lease(), "new".to_owned());
    assert_eq!(to_write(&Next::Request(ask.clone())), (Some("mine"), 7, None));
    assert_eq!(tell((attempt, ask), [written()]), Next::Done(Ok(Verdict::GivenBack)));
}

#[test]
fn what_was_given_back_and_never_answered_was_given_back() {
    let unanswered = [Answer::Unclear, Answer::Found(seen(7, None, 1))];
    let next = tell(LockAttempt::give_back(&lease(), "new".to_owned()), unanswered);
    assert_eq!(next, Next::Done(Ok(Verdict::GivenBack)));
}

#[test]
fn what_another_has_or_nobody_is_lost_and_stays_as_it_is() {
    for goal in [Goal::Keep, Goal::GiveBack] {
        assert_eq!(after(goal, [Answer::Absent(1)]), Next::Done(Err(LockError::Lost(None))));
        for other in [seen(8, Some("other"), 1), seen(8, Some("other"), 1000), seen(8, None, 1)] {
            let lost = Next::Done(Err(LockError::Lost(Some(other.clone()))));
            assert_eq!(after(goal, [Answer::Found(other)]), lost, "{goal:?}");
        }
    }
}

#[test]
fn a_store_that_never_answers_clearly_is_given_up() {
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
    /// What the store would answer to a read and to a write, and the seconds before it is asked and until it answers.
    fn moment()(read in to_read(), write in to_a_write(), before in 0_u64..70, until in 0_u64..70)
        -> (Answer, Answer, Duration, Duration)
    {
        (read, write, Duration::from_secs(before), Duration::from_secs(until))
    }
}

/// Each answer that settles nothing is preceded by a read and a write at most.
const MOST_ASKS: usize = 3 * (PATIENCE as usize + 1);

proptest! {
    #[test]
    fn only_a_fresh_write_of_one_s_own_is_held_and_every_attempt_ends(
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
        prop_assert!(false, "it asked more than {} times", MOST_ASKS);
    }

    /// Also where the store's machines differ by as much as `valid` leaves for that.
    #[test]
    fn a_lease_ends_for_its_holder_before_anybody_may_take_it(
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
