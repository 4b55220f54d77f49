//! Durations, times, sizes and prices of options.

use std::time::Duration;

use chrono::{DateTime, Datelike};
use emr_core::model::bid::Bid;
use emr_core::model::{lock, size, tag, time};

use crate::input::text;

/// Runs the target.
pub fn run(input: &[u8]) {
    let text = &*text(input);
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    if let Ok(point) = time::read(text) {
        assert!((-9_000..=10_000).contains(&point.at(now).year()), "{text}");
        assert!(text.parse::<f64>().is_err(), "a bare number is no time: {text}");
    }
    for read in [time::duration, time::milliseconds, time::minutes, time::hours] {
        if let Ok(duration) = read(text) {
            let whole = duration.as_secs();
            assert_eq!(time::duration(&format!("{whole}s")).ok(), Some(Duration::from_secs(whole)), "{text}");
        }
    }
    if let Ok(ttl) = lock::time_to_live(text) {
        assert!(ttl.subsec_nanos() == 0 && !ttl.is_zero() && ttl <= lock::LONGEST_TTL, "{text}");
    }
    if let Ok(bytes) = size::bytes(text) {
        assert_eq!(size::bytes(&bytes.to_string()).ok(), Some(bytes));
        let words = size::words(bytes);
        let again = size::bytes(words.trim_end_matches(" bytes")).unwrap();
        assert!(again <= bytes && bytes - again <= bytes / 10, "{bytes} {words}");
    }
    if let Some(price) = Bid::price(text) {
        assert!(price >= 0.0 && price.is_finite(), "{text}");
    }
    let _ = tag::pair(text);
}
