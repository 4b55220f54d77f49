//! Times of the week at which a minimum holds. The first line is the zone, each further line one time.

use chrono::{DateTime, TimeDelta};
use emr_core::pool::minimum::times::{Schedule, Times, zone};

use crate::input::{head, text};

/// The most lines that are read.
const MOST: usize = 2;

/// Runs the target.
pub fn run(input: &[u8]) {
    let (name, rest) = head(input);
    let zone = zone(&name).or_else(|_| zone("Europe/Berlin")).unwrap();
    for line in text(rest).lines().take(MOST) {
        let Ok(times) = Times::read(line) else { continue };
        assert_eq!(times.as_str(), line);
        let backwards: Vec<_> = line.split_whitespace().rev().collect();
        let other = Times::read(&backwards.join(" ").to_uppercase()).unwrap();
        let schedule = Schedule { at: vec![times], zone };
        let other = Schedule { at: vec![other], zone };
        // In the night of a Saturday, in which clocks in Europe go back.
        let from = DateTime::from_timestamp(1_792_879_230, 0).unwrap();
        let until = from + TimeDelta::hours(6);
        let spans = schedule.spans(from, until);
        assert!(spans.iter().all(|span| from <= span.from && span.from < span.until && span.until <= until));
        assert!(spans.is_sorted_by(|one, next| one.until < next.from));
        for minutes in (0..6 * 60).step_by(7) {
            let at = from + TimeDelta::minutes(minutes);
            let holds = schedule.holds_at(at);
            assert_eq!(holds, spans.iter().any(|span| span.has(at)), "{line} at {at}");
            assert_eq!(holds, other.holds_at(at), "order and case do not matter: {line} at {at}");
        }
    }
}
