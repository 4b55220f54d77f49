//! Bids for spot instances. A price is a text and stays as it is written: EMR takes it as one, and `0.10` is to be shown as
//! `0.10`. How bids compare is in `pool/bids.rs`.

/// The highest price an hour at which a spot instance is kept.
#[derive(Debug, Clone, PartialEq)]
pub enum Bid {
    /// US dollars, as they were written.
    Usd(String),
    /// Per cent of the on-demand price, finite.
    Percent(f64),
    /// The on-demand price, which caps spot instances without a bid.
    OnDemandPrice,
}

impl Bid {
    /// Parses a bid in US dollars, which stays as it is written. `None` unless it is a price above zero.
    #[must_use]
    pub fn usd(text: &str) -> Option<Self> {
        Self::price(text).filter(|price| *price > 0.0).map(|_| Self::Usd(text.to_owned()))
    }

    /// Parses a price as EMR takes it: digits with at most one point among them. `None` for any other text.
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
    fn a_price_stays_as_it_is_written_and_must_be_one() {
        assert_eq!(Bid::usd("0.10"), Some(Bid::Usd("0.10".to_owned())));
        for bad in ["", "0", "0.0", "-1", "1e3", "1.2.3", ".", "a", "NaN", "inf"] {
            assert_eq!(Bid::usd(bad), None, "{bad}");
        }
    }
}
