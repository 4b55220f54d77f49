//! Cases of fit, both those that mrjob handles well and those where it errs.

use super::super::{Offer, Units, shape};
use super::{Demand, Reason, misfits};
use crate::model::instances::{InstanceFleet, InstanceGroup, Instances, Market, TypeConfig};

fn offer(text: &str) -> Offer {
    shape::offer(text).unwrap_or_else(|| panic!("{text} is a shape"))
}

/// The groups of a job flow with the shape `text`.
fn groups(text: &str) -> Instances {
    let group = |lot: super::Lot| {
        let kind = lot.kinds.into_iter().next().unwrap();
        let is_spot = lot.spot.requested > 0;
        let market = if is_spot { Market::Spot(kind.bid) } else { Market::OnDemand };
        let count = lot.on_demand.requested + lot.spot.requested;
        InstanceGroup { ebs: kind.ebs, ..InstanceGroup::new(lot.role, kind.instance_type, count, market) }
    };
    Instances::Groups(offer(text).lots.into_iter().map(group).collect())
}

/// The fleets of a job flow with the shape `text`.
fn fleets(text: &str) -> Instances {
    let config = |kind: super::InstanceKind| {
        let super::InstanceKind { instance_type, weight, bid, ebs } = kind;
        TypeConfig { ebs, ..TypeConfig::new(instance_type, weight, bid) }
    };
    let fleet = |lot: super::Lot| {
        let types = lot.kinds.into_iter().map(config).collect();
        InstanceFleet::new(lot.role, lot.on_demand.requested, lot.spot.requested, types)
    };
    Instances::Fleets(offer(text).lots.into_iter().map(fleet).collect())
}

fn reasons(wanted: &Instances, found: &str) -> Vec<Reason> {
    misfits(&Demand::of(wanted), &offer(found))
}

/// The failed checks.
fn checks(wanted: &Instances, found: &str) -> Vec<&'static str> {
    reasons(wanted, found).into_iter().map(|reason| reason.check).collect()
}

fn core(text: &str) -> String {
    format!("m1:m5.xlarge+c{text}")
}

#[track_caller]
fn assert_core(wanted: &str, found: &str, expected: &[&str]) {
    assert_eq!(checks(&groups(&core(wanted)), &core(found)), expected, "{wanted} wanted, {found} found");
}

#[test]
fn memory_counts_by_node_and_cpu_in_total() {
    assert_core("10:m5.xlarge", "10:m5.xlarge", &[]);
    assert_core("10:m5.xlarge", "5:m5.2xlarge", &[]);
    assert_core("10:m5.xlarge", "10:r5.xlarge", &[]);
    assert_core("10:m5.xlarge", "20:m4.large", &["memory"]);
    assert_core("10:m5.xlarge", "4:m5.2xlarge", &["cpu"]);
    assert_core("10:m5.xlarge", "9:m5.xlarge", &["cpu"]);
    assert_core("2:cc1.4xlarge", "1:cc2.8xlarge", &[]);
}

#[test]
fn reasons_name_the_wanted_and_the_found_value() {
    let reason = |wanted: &str, found: &str| reasons(&groups(&core(wanted)), &core(found)).remove(0);
    let shown = |reason: Reason| format!("{}: {} | {}", reason.check, reason.wanted, reason.found);
    for (wanted, found, expected) in [
        ("10:m5.xlarge", "4:m5.xlarge", "cpu: core: 10 x m5.xlarge (40 vCPU) | core: 4 x m5.xlarge (16 vCPU)"),
        ("1:m5.xlarge", "9:m4.large", "memory: core: m5.xlarge (16 GiB) | core: m4.large (8 GiB)"),
        ("1:m5.xlarge", "9:m6g.xlarge", "architecture: core: m5.xlarge (x86) | core: m6g.xlarge (ARM)"),
        ("1:m5.xlarge", "9:x9.huge", "instance_type: core: m5.xlarge (16 GiB) | core: x9.huge (unknown)"),
        ("1:m5.xlarge", "0-9:m5.xlarge@0.1", "bid_price: core: m5.xlarge on demand | core: m5.xlarge spot at 0.1 USD"),
        ("1:m5.xlarge~gp3.9", "1:m5.xlarge", "ebs: core: gp3 9 GiB | core: no volumes"),
    ] {
        assert_eq!(shown(reason(wanted, found)), expected);
    }
    let missing = reasons(&groups(&core("2:m5.xlarge")), "m1:m5.xlarge").remove(0);
    assert_eq!(shown(missing), "instances: core: 2 x m5.xlarge | core: no core instances".replace("core: no", "no"));
}

#[test]
fn an_unknown_type_replaces_only_itself() {
    assert_core("2:x9.huge", "2:x9.huge", &[]);
    assert_core("2:x9.huge", "1:x9.huge", &["cpu"]);
    assert_core("2:x9.huge", "9:m5.24xlarge", &["instance_type"]);
    assert_core("2:m5.xlarge", "2:x9.huge", &["instance_type"]);
    let mixed = groups("m1:m5.xlarge+c1:m5.xlarge+t1:x9.huge+t1:m5.xlarge");
    assert_eq!(checks(&mixed, "m1:m5.xlarge+c1:m5.xlarge+t9:m5.xlarge"), ["cpu"]);
    assert_eq!(checks(&mixed, "m1:m5.xlarge+c1:m5.xlarge+t1:m5.xlarge+t1:x9.huge"), [""; 0]);
}

#[test]
fn architectures_do_not_replace_each_other() {
    assert_core("2:m6g.xlarge", "2:m6g.2xlarge", &[]);
    assert_core("2:m6g.xlarge", "9:m5.24xlarge", &["architecture"]);
    assert_core("2:m5.xlarge", "9:m6g.16xlarge", &["architecture"]);
    assert_core("2:m5.xlarge", "9:x9.huge", &["instance_type"]);
    let mixed = groups("m1:m5.xlarge+c1:m5.xlarge+t1:m6g.xlarge+t1:m5.xlarge");
    assert_eq!(checks(&mixed, "m1:m5.xlarge+c1:m5.xlarge+t9:m5.xlarge"), ["cpu"], "both are wanted");
    assert_eq!(checks(&mixed, "m1:m5.xlarge+c1:m5.xlarge+t1:m5.2xlarge+t1:m6g.2xlarge"), [""; 0]);
    let alone = groups("m1:m5.xlarge");
    assert_eq!(checks(&alone, "m1:m5.xlarge+c1:m6g.xlarge"), ["architecture"]);
}

#[test]
fn a_spot_instance_fits_at_the_same_or_a_higher_bid() {
    let bids = ["@0.1", "@0.50", "@50%", "@80%", "@100%", ""];
    let does = |wanted: &str, found: &str| {
        let lot = |bid: &str| core(&format!("0-1:m5.xlarge{bid}"));
        checks(&groups(&lot(wanted)), &lot(found)).is_empty()
    };
    let table = [
        ("@0.1", [true, true, false, false, true, true]),
        ("@0.5", [false, true, false, false, true, true]),
        ("@50%", [false, false, true, true, true, true]),
        ("@80%", [false, false, false, true, true, true]),
        ("@100%", [false, false, false, false, true, true]),
        ("@120%", [false, false, false, false, false, false]),
        ("", [false, false, false, false, true, true]),
    ];
    for (wanted, expected) in table {
        assert_eq!(bids.map(|found| does(wanted, found)), expected, "{wanted}");
    }
    assert_core("0-1:m5.xlarge@9", "1:m5.xlarge", &[]);
    assert_core("1:m5.xlarge", "0-1:m5.xlarge", &["bid_price"]);
}

#[test]
fn bids_that_are_not_numbers_must_be_equal() {
    let spot = |bid: &str| {
        let Instances::Groups(mut groups) = groups(&core("0-1:m5.xlarge@1")) else { unreachable!() };
        groups[1].market = Market::Spot(crate::model::bid::Bid::Usd(bid.to_owned()));
        Instances::Groups(groups)
    };
    let fits = |wanted, found| misfits(&Demand::of(&spot(wanted)), &Offer::of(&spot(found))).is_empty();
    assert!(fits("cheap", "cheap"));
    assert!(!fits("cheap", "9") && !fits("1", "cheap") && !fits("cheap", "dear"));
}

#[test]
fn fleets_are_compared_by_their_units() {
    let fits = |wanted: &str, found: &str| checks(&fleets(&core(wanted)), &core(found));
    assert_eq!(fits("0-50:m5.xlarge@50%", "0-1:m5.xlarge@50%"), ["cpu"], "one spot unit is not fifty");
    assert_eq!(fits("0-10:m5.xlarge", "10:m5.xlarge"), [""; 0], "on demand is better than spot");
    assert_eq!(fits("4-6:m5.xlarge", "2-20:m5.xlarge"), ["cpu"], "four must be on demand");
    assert_eq!(fits("4-6:m5.xlarge", "7-3:m5.xlarge"), [""; 0]);
    assert_eq!(fits("10:m5.xlarge/m5.2xlarge*2", "5:m5.2xlarge"), [""; 0], "a group can replace a fleet");
    assert_eq!(fits("10:m5.xlarge/m5.2xlarge*2", "4:m5.2xlarge"), ["cpu"]);
    assert_eq!(fits("4:m5.xlarge", "0-4:m5.xlarge"), ["bid_price"]);
}

#[test]
fn a_demand_of_more_units_than_can_be_counted_does_not_fit() {
    let mut wanted = Demand::of(&fleets(&core("1-1:m5.xlarge")));
    wanted.wants[1].on_demand = u64::MAX;
    let checks: Vec<_> =
        misfits(&wanted, &offer(&core("9-9:m5.xlarge"))).into_iter().map(|reason| reason.check).collect();
    assert_eq!(checks, ["cpu"]);
}

#[test]
fn the_weakest_type_of_a_fleet_counts() {
    let wanted = groups(&core("8:m5.xlarge"));
    assert_eq!(checks(&wanted, &core("8:m5.xlarge/m5.2xlarge*2")), [""; 0]);
    assert_eq!(checks(&wanted, &core("8:m5.xlarge/m5.2xlarge*4")), ["cpu"]);
    assert_eq!(checks(&wanted, &core("99:m5.xlarge/m4.large")), ["memory"]);
}

#[test]
fn instances_that_are_not_provided_do_not_count() {
    let wanted = Demand::of(&groups(&core("10:m5.xlarge")));
    let with = |running| {
        let mut offer = offer(&core("10:m5.xlarge"));
        offer.lots[1].on_demand = Units { requested: 10, running };
        assert_eq!(misfits(&wanted, &offer.once_provided()), []);
        misfits(&wanted, &offer).len()
    };
    assert_eq!([with(Some(3)), with(Some(10)), with(None)], [1, 0, 0]);
}

#[test]
fn instances_that_are_yet_to_be_removed_count() {
    let wanted = Demand::of(&groups(&core("1:m5.xlarge")));
    let with = |running| {
        let mut offer = offer("m1:m5.xlarge+c1:m5.xlarge+t0:m4.large");
        offer.lots[2].on_demand = Units { requested: 0, running: Some(running) };
        misfits(&wanted, &offer).into_iter().map(|reason| reason.check).collect::<Vec<_>>()
    };
    assert_eq!((with(2), with(0)), (vec!["memory"], vec![]), "a task may run there");
}

#[test]
fn instances_of_an_unwanted_role_must_satisfy_the_next_lower_role() {
    let alone = groups("m1:m5.xlarge");
    assert_eq!(checks(&alone, "m1:m5.xlarge+c5:m5.xlarge"), [""; 0]);
    assert_eq!(checks(&alone, "m1:m5.xlarge+c5:m4.large"), ["memory"]);
    let with_core = groups("m1:m4.large+c1:r5.xlarge");
    assert_eq!(checks(&with_core, "m1:m4.large+c1:r5.xlarge+t1:m5.xlarge"), ["memory"]);
    assert_eq!(checks(&with_core, "m1:m4.large+c1:r5.xlarge+t0:m5.xlarge"), [""; 0], "an empty group is none");
    assert_eq!(checks(&groups("m1:m4.large+c1:r5.xlarge+t1:r5.xlarge"), "m1:m4.large+c2:r5.xlarge"), ["instances"]);
}

#[test]
fn volumes_are_compared_one_by_one() {
    let wanted = "1:m5.xlarge~gp2.100~gp3.50.4000";
    assert_core(wanted, "1:m5.xlarge~gp2.100~gp3.50.4000~gp2.1", &[]);
    assert_core(wanted, "1:m5.xlarge~gp3.200~io1.50.5000", &[]);
    assert_core(wanted, "1:m5.xlarge~gp2.100", &["ebs"]);
    assert_core(wanted, "1:m5.xlarge~gp2.100~gp3.50.3000", &["ebs"]);
    assert_core(wanted, "1:m5.xlarge~standard.100~gp3.50.4000", &["ebs"]);
    assert_core("1:m5.xlarge~gp3.50..250", "1:m5.xlarge~gp3.50..250", &[]);
    assert_core("1:m5.xlarge~gp3.50..250", "1:m5.xlarge~gp3.50..125", &["ebs"]);
    assert_core("1:m5.xlarge~st1.9", "1:m5.xlarge~io2.9", &["ebs"]);
    assert_core("1:m5.xlarge~o", "1:m5.xlarge~n", &["ebs"]);
    assert_core("1:m5.xlarge", "1:m5.xlarge~gp2.100", &[]);
}

#[test]
fn several_task_groups_are_one_want() {
    let wanted = groups("m1:m5.xlarge+c1:m5.xlarge+t2:m5.xlarge+t0-3:c5.2xlarge@0.1");
    let with = |task: &str| checks(&wanted, &format!("m1:m5.xlarge+c1:m5.xlarge+t{task}"));
    assert_eq!(with("8:m5.xlarge"), [""; 0]);
    assert_eq!(with("2:m5.xlarge+t0-6:m5.xlarge@0.2"), [""; 0]);
    assert_eq!(with("1:m5.xlarge+t0-9:m5.xlarge@0.2"), ["cpu"]);
    assert_eq!(with("7:m5.xlarge"), ["cpu"]);
}
