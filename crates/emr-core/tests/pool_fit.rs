//! Properties of fit, shape and rank, for any instances.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::cmp::Ordering;

use chrono::{DateTime, TimeDelta};
use emr_core::model::bid::Bid;
use emr_core::model::instance_type::{self, InstanceType};
use emr_core::model::instances::{Ebs, InstanceFleet, InstanceGroup, Instances, Market, Role, TypeConfig, Volume};
use emr_core::pool::{Demand, InstanceKind, Lot, Offer, Power, Rank, Units, misfits, shape};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Types, known and unknown, larger ones last.
const TYPES: [&str; 11] = [
    "x9.huge",
    "c1.medium",
    "t1.micro",
    "m4.large",
    "c5.2xlarge",
    "m5.xlarge",
    "m6g.xlarge",
    "r5.xlarge",
    "r6g.2xlarge",
    "m5.2xlarge",
    "m5.24xlarge",
];

fn bid() -> impl Strategy<Value = Bid> {
    prop_oneof![
        (0_u32..300).prop_map(|cents| Bid::Usd(format!("{}.{:02}", cents / 100, cents % 100))),
        (1_u32..300).prop_map(|percent| Bid::Percent(f64::from(percent) / 2.0)),
        Just(Bid::OnDemandPrice),
    ]
}

fn volume() -> impl Strategy<Value = Volume> {
    let number = || prop::option::of(1_u32..5000);
    (select(vec!["standard", "gp2", "gp3", "io2", "st1"]), 1_u32..999, number(), number()).prop_map(
        |(name, size_gib, iops, throughput)| Volume { volume_type: name.to_owned(), size_gib, iops, throughput },
    )
}

fn ebs() -> impl Strategy<Value = Ebs> {
    let volumes = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(volume(), 1..3)];
    (volumes, prop_oneof![3 => Just(None), 1 => any::<bool>().prop_map(Some)])
        .prop_map(|(volumes, optimized)| Ebs { volumes, optimized })
}

fn type_name() -> impl Strategy<Value = String> {
    select(TYPES.to_vec()).prop_map(str::to_owned)
}

fn group(role: Role, counts: std::ops::Range<u32>) -> impl Strategy<Value = InstanceGroup> {
    let market = prop_oneof![Just(Market::OnDemand), bid().prop_map(Market::Spot)];
    (type_name(), counts, market, ebs()).prop_map(move |(instance_type, count, market, ebs)| InstanceGroup {
        ebs,
        ..InstanceGroup::new(role, instance_type, count, market)
    })
}

fn type_config() -> impl Strategy<Value = TypeConfig> {
    (type_name(), 1_u32..9, bid(), ebs())
        .prop_map(|(instance_type, weight, bid, ebs)| TypeConfig { ebs, ..TypeConfig::new(instance_type, weight, bid) })
}

fn fleet(role: Role) -> impl Strategy<Value = InstanceFleet> {
    let units = prop_oneof![(1_u32..50, Just(0)), (Just(0), 1_u32..50), (1_u32..50, 1_u32..50)];
    (units, prop::collection::vec(type_config(), 1..4))
        .prop_map(move |((on_demand, spot), types)| InstanceFleet::new(role, on_demand, spot, types))
}

fn instances() -> impl Strategy<Value = Instances> {
    let core = || prop::option::of(group(Role::Core, 1..50));
    let tasks = prop::collection::vec(group(Role::Task, 1..50), 0..4);
    let groups = (group(Role::Master, 1..2), core(), tasks).prop_map(|(master, core, tasks)| {
        let tasks = if core.is_some() { tasks } else { Vec::new() };
        Instances::Groups(std::iter::once(master).chain(core).chain(tasks).collect())
    });
    let fleets = (fleet(Role::Master), prop::option::of(fleet(Role::Core)), prop::option::of(fleet(Role::Task)))
        .prop_map(|(master, core, task)| Instances::Fleets(std::iter::once(master).chain(core).chain(task).collect()));
    prop_oneof![groups, fleets]
}

/// A way to improve an offer.
#[derive(Debug, Clone)]
enum Better {
    More(u32),
    HigherBid,
    Uncapped,
    OnDemand,
    Larger(Index),
    AnotherVolume(Volume),
}

fn better() -> impl Strategy<Value = (Index, Index, Better)> {
    let way = prop_oneof![
        (1_u32..20).prop_map(Better::More),
        Just(Better::HigherBid),
        Just(Better::Uncapped),
        Just(Better::OnDemand),
        any::<Index>().prop_map(Better::Larger),
        volume().prop_map(Better::AnotherVolume),
    ];
    (any::<Index>(), any::<Index>(), way)
}

/// Improves one lot of `offer`, or one of its kinds.
fn improve(offer: &mut Offer, (lot, kind, way): &(Index, Index, Better)) {
    let lot = lot.get_mut(&mut offer.lots);
    match way {
        // More of the existing portion. A new portion would be other instances, which would have to fit, too.
        Better::More(more) if lot.on_demand.requested > 0 => {
            lot.on_demand = Units::all(lot.on_demand.requested + more);
        }
        Better::More(more) => lot.spot = Units::all(lot.spot.requested + more),
        Better::OnDemand => {
            lot.on_demand = Units::all(lot.on_demand.requested + lot.spot.requested);
            lot.spot = Units::all(0);
        }
        Better::HigherBid => raise(kind.get_mut(&mut lot.kinds)),
        Better::Uncapped => {
            let kind = kind.get_mut(&mut lot.kinds);
            if matches!(kind.bid, Bid::Usd(_)) {
                kind.bid = Bid::OnDemandPrice;
            }
        }
        Better::Larger(of) => enlarge(kind.get_mut(&mut lot.kinds), *of),
        Better::AnotherVolume(volume) => kind.get_mut(&mut lot.kinds).ebs.volumes.push(volume.clone()),
    }
}

fn raise(kind: &mut InstanceKind) {
    kind.bid = match &kind.bid {
        Bid::Usd(price) => Bid::Usd(format!("{}", price.parse::<f64>().unwrap() + 0.1)),
        Bid::Percent(percent) => Bid::Percent(percent + 5.0),
        Bid::OnDemandPrice => Bid::Percent(100.0),
    };
}

fn enlarge(kind: &mut InstanceKind, of: Index) {
    let Some(now) = instance_type::find(&kind.instance_type) else { return };
    let larger = TYPES.iter().filter_map(|name| instance_type::find(name));
    let is_larger = |to: &InstanceType| to.memory_gib >= now.memory_gib && to.vcpu >= now.vcpu && to.arm == now.arm;
    let larger: Vec<_> = larger.filter(is_larger).collect();
    of.get(&larger).name.clone_into(&mut kind.instance_type);
}

proptest! {
    #[test]
    fn a_job_flow_fits_its_own_request(instances in instances()) {
        prop_assert_eq!(misfits(&Demand::of(&instances), &Offer::of(&instances)), []);
    }

    #[test]
    fn an_improvement_never_turns_a_fit_into_a_misfit(
        instances in instances(),
        ways in prop::collection::vec(better(), 1..8),
    ) {
        let demand = Demand::of(&instances);
        let mut offer = Offer::of(&instances);
        for way in &ways {
            improve(&mut offer, way);
            prop_assert_eq!(misfits(&demand, &offer), [], "after {:?}", way);
        }
    }

    #[test]
    fn an_improved_offer_fits_whatever_it_fitted_before(wanted in instances(), found in instances(), way in better()) {
        let (demand, mut offer) = (Demand::of(&wanted), Offer::of(&found));
        let fitted = misfits(&demand, &offer).is_empty();
        improve(&mut offer, &way);
        prop_assert!(!fitted || misfits(&demand, &offer).is_empty());
    }

    #[test]
    fn a_shape_has_the_instances_of_a_job_flow_and_fits_into_a_name(instances in instances()) {
        if let Some(text) = shape::of(&instances) {
            prop_assert_eq!(shape::offer(&text), Some(Offer::of(&instances)), "{}", text);
            prop_assert!(text.len() <= 120 && !text.contains([' ', ',', '<', '>', '$', '|', '`']), "{}", text);
        }
    }

    #[test]
    fn any_text_is_parsed_as_a_shape_or_is_none(text in "[mct]?[0-9-]{0,3}:?[a-z0-9.*@~%/+-]{0,30}|.{0,40}") {
        if let Some(offer) = shape::offer(&text) {
            prop_assert!(offer.lots.iter().all(|lot: &Lot| lot.kinds.iter().all(|kind| kind.weight > 0)));
        }
    }

    #[test]
    fn ranks_have_a_total_order(
        mut candidates in prop::collection::vec((0_u64..3, 0_u64..3, 0_i64..7300, 0_u32..9), 3..9),
    ) {
        let rank = |(core_and_task_mvcpu, master_mvcpu, age_s, id): &(u64, u64, i64, u32)| {
            let power = Power { core_and_task_mvcpu: *core_and_task_mvcpu, master_mvcpu: *master_mvcpu };
            let created_at = DateTime::UNIX_EPOCH;
            Rank::new(power, Some(created_at), created_at + TimeDelta::seconds(*age_s), format!("j-{id}").parse().unwrap())
        };
        let best = candidates.iter().map(rank).min();
        candidates.reverse();
        prop_assert_eq!(candidates.iter().map(rank).min(), best);
        let [a, b, c] = [0, 1, 2].map(|place: usize| rank(&candidates[place]));
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a.cmp(&b) == Ordering::Equal, a == b);
        prop_assert!(a > b || b > c || a <= c);
    }
}
