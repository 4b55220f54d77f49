//! What goes wrong: how often requests, answers, processes and clocks fail.

use std::time::Duration;

use fastrand::Rng;

/// How often each fault happens, in a thousand chances.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Faults {
    /// A request is lost.
    pub(crate) lost: u32,
    /// A request is carried out, and its answer is lost.
    pub(crate) unanswered: u32,
    /// A request arrives after its sender has given it up.
    pub(crate) late: u32,
    /// A request or answer takes long.
    pub(crate) slow: u32,
    /// A write is answered with 409 and does nothing.
    pub(crate) conflict: u32,
    /// A request is answered with 5xx; it did nothing, or all.
    pub(crate) error: u32,
    /// A process is stopped, for up to three times its time to live.
    pub(crate) stop: u32,
    /// A process is stopped between its decision and its request.
    pub(crate) stop_before_sending: u32,
    /// A process dies.
    pub(crate) crash: u32,
    /// A clock jumps ahead.
    pub(crate) jump: u32,
    /// EMR gives no answer, or refuses.
    pub(crate) emr: u32,
}

impl Faults {
    /// Draws how often each fault happens. Most are rare or absent, so that in each run others dominate.
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        let mut often = |levels: &[u32]| levels[rng.usize(..levels.len())];
        let mut of_requests = || often(&[0, 0, 0, 5, 30, 200]);
        let (lost, unanswered, late, slow) = (of_requests(), of_requests(), of_requests(), of_requests());
        // Sometimes the store answers nothing else for a long time.
        let mut of_answers = || often(&[0, 0, 0, 5, 30, 200, 950]);
        let (conflict, error) = (of_answers(), of_answers());
        let mut of_processes = || often(&[0, 0, 0, 2, 10, 60]);
        let (stop, stop_before_sending, crash) = (of_processes(), of_processes(), of_processes());
        let (jump, emr) = (of_processes(), often(&[0, 0, 0, 10, 50, 300]));
        Self { lost, unanswered, late, slow, conflict, error, stop, stop_before_sending, crash, jump, emr }
    }
}

/// Whether something happens that happens in so many of a thousand cases.
pub(crate) fn happens(rng: &mut Rng, often: u32) -> bool {
    often > 0 && rng.u32(..1000) < often
}

/// A time up to `longest`, in milliseconds.
pub(crate) fn up_to(rng: &mut Rng, longest: Duration) -> Duration {
    longest.mul_f64(rng.f64())
}

/// What happens to one request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fate {
    /// How long until the store carries it out; `None` if it never does.
    pub(crate) reaches: Option<Duration>,
    /// How long the store takes from its first byte.
    pub(crate) received_before: Duration,
    /// How long the answer takes from then on; `None` if it is lost.
    pub(crate) answered: Option<Duration>,
    pub(crate) answer: Reply,
}

/// How a request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    Usual,
    /// 409, and nothing is done.
    Conflict,
    /// 5xx, and nothing is done.
    Failed,
    /// 5xx, and all is done.
    Unclear,
}

impl Fate {
    /// Draws what happens to a request whose sender gives it up after `limit`, and whose lock has this time to live.
    pub(crate) fn draw(rng: &mut Rng, faults: &Faults, limit: Duration, ttl: Duration) -> Self {
        let leg = |rng: &mut Rng| {
            let longest = if happens(rng, faults.slow) { limit.mul_f64(0.7) } else { Duration::from_millis(40) };
            Duration::from_millis(2) + up_to(rng, longest)
        };
        let (mut reaches, answered) = (leg(rng), leg(rng));
        if happens(rng, faults.late) {
            reaches = limit + up_to(rng, ttl * 2);
        }
        let answer = match () {
            () if happens(rng, faults.conflict) => Reply::Conflict,
            () if happens(rng, faults.error) => [Reply::Failed, Reply::Unclear][rng.usize(..2)],
            () => Reply::Usual,
        };
        Self {
            received_before: up_to(rng, reaches),
            reaches: (!happens(rng, faults.lost)).then_some(reaches),
            answered: (!happens(rng, faults.unanswered)).then_some(answered),
            answer,
        }
    }
}
