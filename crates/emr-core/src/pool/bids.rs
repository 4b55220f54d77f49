//! Compares bids: a spot instance fits if its bid is at least the requested one.
//!
//! EC2 takes a spot instance away when its price rises above the bid. Without a bid the cap is the on-demand price
//! ([`Bid::OnDemandPrice`]), that is 100 per cent. The on-demand price in dollars is unknown here, so bids in dollars
//! and in per cent compare only if the cap decides.

use crate::model::bid::Bid;
use crate::model::instances::Market;

/// Whether a spot instance with the bid `found` is kept at least as long as one bought as `wanted`.
pub(super) fn lasts_as_long(found: &Bid, wanted: &Market) -> bool {
    let Market::Spot(wanted) = wanted else { return false };
    match (found, wanted) {
        (Bid::Usd(found), Bid::Usd(wanted)) => found == wanted || is_price_at_least(found, wanted),
        (Bid::Usd(_), _) => false,
        (Bid::Percent(found), Bid::Percent(wanted)) => found >= wanted,
        // A bid above the on-demand price gains nothing, so 100 per cent of it is as good as any bid in dollars.
        (Bid::Percent(found), _) => *found >= 100.0,
        (Bid::OnDemandPrice, Bid::Percent(wanted)) => *wanted <= 100.0,
        (Bid::OnDemandPrice, _) => true,
    }
}

fn is_price_at_least(found: &str, wanted: &str) -> bool {
    let price = |text: &str| text.trim().parse::<f64>().ok();
    price(found).zip(price(wanted)).is_some_and(|(found, wanted)| found >= wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(price: &str) -> Bid {
        Bid::Usd(price.to_owned())
    }

    #[test]
    fn a_spot_instance_without_a_bid_is_capped_at_the_on_demand_price() {
        let will_do = |wanted| lasts_as_long(&Bid::OnDemandPrice, &Market::Spot(wanted));
        assert!(will_do(Bid::OnDemandPrice) && will_do(Bid::Percent(100.0)) && will_do(usd("0.42")));
        assert!(!will_do(Bid::Percent(100.5)), "the request is above the cap");
        assert!(!lasts_as_long(&usd("0.42"), &Market::Spot(Bid::OnDemandPrice)), "0.42 may be less than the cap");
    }

    #[test]
    fn bids_compare_by_value_and_a_spot_instance_never_replaces_one_on_demand() {
        let will_do = |found: &Bid, wanted| lasts_as_long(found, &Market::Spot(wanted));
        assert!(will_do(&usd("0.50"), usd("0.5")) && will_do(&usd("0.5"), usd("0.42")));
        assert!(!will_do(&usd("0.42"), usd("0.5")));
        assert!(will_do(&usd("as written"), usd("as written")), "equal texts are equal bids");
        assert!(!lasts_as_long(&Bid::OnDemandPrice, &Market::OnDemand));
    }
}
