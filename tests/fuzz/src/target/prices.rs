//! A file of prices.

use emr_core::usage::Prices;

use crate::input::text;

/// Runs the target.
pub fn run(input: &[u8]) {
    let text = text(input);
    let lines = text.lines().count();
    match Prices::read(&text) {
        Ok(prices) => {
            for word in text.split_whitespace() {
                assert!(prices.of(word).is_none_or(|price| price <= 100_000_000_000));
            }
        }
        Err(error) => {
            let message = error.to_string();
            let number = message.strip_prefix("line ").and_then(|rest| rest.split(' ').next()).unwrap();
            assert!((1..=lines).contains(&number.parse().unwrap()), "{message}");
        }
    }
}
