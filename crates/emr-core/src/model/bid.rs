//! Bids for spot instances. A price stays text, as in EMR's API, so that `0.10` is shown as `0.10`. `pool/bids.rs`
//! compares bids.

use serde::{Deserialize, Serialize};

/// The highest hourly price at which a spot instance is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bid {
    /// US dollars, as written.
    Usd(String),
    /// A finite percentage of the on-demand price.
    Percent(f64),
    /// The on-demand price, which is the cap without a bid.
    OnDemandPrice,
}

impl Bid {
    /// Parses a bid in US dollars. `None` unless it is a price above zero.
    #[must_use]
    pub fn usd(text: &str) -> Option<Self> {
        Self::price(text).filter(|price| *price > 0.0).map(|_| Self::Usd(text.to_owned()))
    }

    /// Parses a price in EMR's form: digits with at most one point. `None` for other text.
    #[must_use]
    pub fn price(text: &str) -> Option<f64> {
        let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        text.parse().ok().filter(|price: &f64| is_plain && price.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_kept_as_written_and_must_be_above_zero() {
        assert_eq!(Bid::usd("0.10"), Some(Bid::Usd("0.10".to_owned())));
        for bad in ["", "0", "0.0", "-1", "1e3", "1.2.3", ".", "a", "NaN", "inf"] {
            assert_eq!(Bid::usd(bad), None, "{bad}");
        }
    }
}
