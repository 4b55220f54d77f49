//! Spot instances and their bids, and fleets.

use serde_json::{Value, json};

use crate::account::Account;

/// Core instances with a bid, and a master on demand.
fn bid(price: &str) -> String {
    format!("--num-ec2-instances 3 --ec2-core-instance-bid-price {price}")
}

const ON_DEMAND: &str = "--num-ec2-instances 3";

#[test]
fn a_job_joins_spot_instances_only_where_it_asked_for_them_at_the_same_price_or_lower() {
    let account = Account::new().has("j-A", &bid("0.42")).open();
    account.asked(&bid("0.42")).joins("j-A");
    account.asked(&bid("0.10")).joins("j-A");
    account.asked(&bid("0.420")).joins("j-A");
    account.asked(&bid("0.43")).joins_none(&[("j-A", &["bid_price"])]);
    account.asked(ON_DEMAND).joins_none(&[("j-A", &["bid_price"])]);
    account.asked(&bid("0")).joins_none(&[("j-A", &["bid_price"])]);
}

#[test]
fn prices_are_compared_as_numbers() {
    let account = Account::new().has("j-A", &bid("0.1")).open();
    account.asked(&bid("0.10")).joins("j-A");
    account.asked(&bid(".1")).joins("j-A");
    account.asked(&bid("0.11")).joins_none(&[("j-A", &["bid_price"])]);
    let account = Account::new().has("j-A", &bid("10")).open();
    account.asked(&bid("9")).joins("j-A");
}

#[test]
fn on_demand_is_good_for_any_bid() {
    let account = Account::new().has("j-A", ON_DEMAND).open();
    account.asked(&bid("0.01")).joins("j-A");
    account.asked(&bid("99")).joins("j-A");
    account.asked("--num-ec2-instances 3 --ec2-master-instance-bid-price 1").joins("j-A");
}

#[test]
fn a_spot_master_is_not_for_who_wants_it_on_demand() {
    let account = Account::new().has("j-A", "--num-ec2-instances 3 --ec2-master-instance-bid-price 0.2").open();
    account.asked("--num-ec2-instances 3 --ec2-master-instance-bid-price 0.2").joins("j-A");
    account.asked(ON_DEMAND).joins_none(&[("j-A", &["bid_price"])]);
}

#[test]
fn spot_task_instances_that_nobody_asked_for_can_be_taken_away() {
    let with_tasks = "--num-ec2-core-instances 2 --num-ec2-task-instances 5";
    let account = Account::new().has("j-A", &format!("{with_tasks} --ec2-task-instance-bid-price 0.1")).open();
    account.asked(&format!("{with_tasks} --ec2-task-instance-bid-price 0.05")).joins("j-A");
    account.asked(with_tasks).joins_none(&[("j-A", &["bid_price"])]);
    account.asked("--num-ec2-core-instances 2").joins_none(&[("j-A", &["bid_price"])]);
    account.asked(&bid("0.1")).joins("j-A");
}

/// Groups with a spot group of core instances: its bid in dollars, or EMR's default where there is none.
fn spot_group(price: Option<&str>) -> String {
    let mut core = json!({"InstanceRole": "CORE", "InstanceType": "m5.xlarge", "InstanceCount": 2, "Market": "SPOT"});
    if let Some(price) = price {
        core["BidPrice"] = json!(price);
    }
    let master = json!({"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1});
    format!("--instance-groups {}", json!([master, core]))
}

#[test]
fn a_spot_group_without_a_bid_is_capped_at_the_on_demand_price() {
    let account = Account::new().has("j-A", &spot_group(None)).open();
    account.asked(&spot_group(None)).joins("j-A");
    account.asked(&bid("0.1")).joins("j-A");
    account.asked(ON_DEMAND).joins_none(&[("j-A", &["bid_price"])]);
    let account = Account::new().has("j-A", &spot_group(Some("0.1"))).open();
    account.asked(&spot_group(None)).joins_none(&[("j-A", &["bid_price"])]);
    account.asked(&spot_group(Some("0.1"))).joins("j-A");
}

/// A kind of a fleet's instances.
fn kind(name: &str, weight: u32, bid: &Value) -> Value {
    let mut kind = json!({"InstanceType": name, "WeightedCapacity": weight});
    if let (Some(kind), Some(bid)) = (kind.as_object_mut(), bid.as_object()) {
        kind.extend(bid.clone());
    }
    kind
}

/// A fleet of core instances, so many units on demand and so many spot.
fn fleet(on_demand: u32, spot: u32, kinds: &[Value]) -> String {
    let master = json!({"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1,
        "InstanceTypeConfigs": [kind("m5.xlarge", 1, &Value::Null)]});
    let core = json!({"InstanceFleetType": "CORE", "TargetOnDemandCapacity": on_demand, "TargetSpotCapacity": spot,
        "InstanceTypeConfigs": kinds});
    format!("--instance-fleets {}", json!([master, core]))
}

fn plain(name: &str, weight: u32) -> Value {
    kind(name, weight, &Value::Null)
}

fn percent(percent: u32) -> Vec<Value> {
    vec![kind("m5.xlarge", 1, &json!({"BidPriceAsPercentageOfOnDemandPrice": percent}))]
}

fn dollars(price: &str) -> Vec<Value> {
    vec![kind("m5.xlarge", 1, &json!({"BidPrice": price}))]
}

#[test]
fn bids_in_per_cent_are_compared_as_per_cent() {
    let account = Account::new().has("j-A", &fleet(0, 10, &percent(80))).open();
    account.asked(&fleet(0, 10, &percent(80))).joins("j-A");
    account.asked(&fleet(0, 10, &percent(50))).joins("j-A");
    account.asked(&fleet(0, 10, &percent(81))).joins_none(&[("j-A", &["bid_price"])]);
    account.asked(&fleet(0, 10, &dollars("0.01"))).joins_none(&[("j-A", &["bid_price"])]);
    account.asked(&fleet(10, 0, &[plain("m5.xlarge", 1)])).joins_none(&[("j-A", &["bid_price"])]);
}

#[test]
fn bids_in_dollars_of_fleets_are_compared_as_dollars() {
    let account = Account::new().has("j-A", &fleet(0, 10, &dollars("0.10"))).open();
    account.asked(&fleet(0, 10, &dollars("0.1"))).joins("j-A");
    account.asked(&fleet(0, 10, &dollars("0.50"))).joins_none(&[("j-A", &["bid_price"])]);
    account.asked(&fleet(0, 10, &percent(50))).joins_none(&[("j-A", &["bid_price"])]);
}

#[test]
fn fleets_count_by_their_units() {
    let mixed = [plain("m5.xlarge", 1), plain("m5.2xlarge", 2)];
    let account = Account::new().has("j-A", &fleet(10, 0, &mixed)).open();
    account.asked(&fleet(10, 0, &mixed)).joins("j-A");
    account.asked(&fleet(5, 0, &mixed)).joins("j-A");
    account.asked(&fleet(11, 0, &mixed)).joins_none(&[("j-A", &["cpu"])]);
    account.asked(&fleet(10, 0, &[plain("m5.xlarge", 1)])).joins("j-A");
    account.asked("--num-ec2-instances 11").joins("j-A");
    account.asked("--num-ec2-instances 12").joins_none(&[("j-A", &["cpu"])]);
}

#[test]
fn groups_do_for_fleets() {
    let account = Account::new().has("j-A", "--num-ec2-instances 6 --ec2-core-instance-type m5.2xlarge").open();
    account.asked(&fleet(10, 0, &[plain("m5.xlarge", 1), plain("m5.2xlarge", 2)])).joins("j-A");
    account.asked(&fleet(11, 0, &[plain("m5.xlarge", 1), plain("m5.2xlarge", 2)])).joins_none(&[("j-A", &["cpu"])]);
}

#[test]
fn what_is_to_be_on_demand_has_to_be_on_demand() {
    let kinds = [plain("m5.xlarge", 1)];
    let account = Account::new().has("j-A", &fleet(4, 16, &kinds)).open();
    account.asked(&fleet(4, 6, &kinds)).joins("j-A");
    account.asked(&fleet(5, 6, &kinds)).joins_none(&[("j-A", &["cpu"])]);
    account.asked(&fleet(0, 20, &kinds)).joins("j-A");
    let account = Account::new().has("j-A", &fleet(20, 0, &kinds)).open();
    account.asked(&fleet(4, 16, &kinds)).joins("j-A");
}

#[test]
fn a_fleet_that_did_not_get_what_it_wanted_has_what_it_got() {
    let kinds = [plain("m5.xlarge", 1)];
    let account = Account::new().has("j-A", &fleet(0, 10, &kinds)).but(|cluster| {
        cluster["InstanceFleets"][1]["ProvisionedSpotCapacity"] = json!(6);
    });
    let account = account.open();
    account.asked(&fleet(0, 6, &kinds)).joins("j-A");
    account.asked(&fleet(0, 7, &kinds)).joins_none(&[("j-A", &["cpu"])]);
}

#[test]
fn a_fleet_that_got_more_than_it_wanted_has_that() {
    let kinds = [plain("m5.4xlarge", 3)];
    let account = Account::new().has("j-A", &fleet(10, 0, &kinds)).but(|cluster| {
        cluster["InstanceFleets"][1]["ProvisionedOnDemandCapacity"] = json!(12);
    });
    account.open().asked(&fleet(12, 0, &kinds)).joins("j-A");
}

/// A spot group of ten core instances at so many dollars.
fn spot_ten(price: &str) -> String {
    format!("--num-ec2-instances 11 --ec2-core-instance-bid-price {price}")
}

#[test]
fn bids_of_groups_and_of_fleets_are_compared_in_either_direction() {
    let in_fleet = |bid: &[Value]| fleet(0, 10, bid);
    let default = || fleet(0, 10, &[plain("m5.xlarge", 1)]);
    // What there is, what is asked for, and whether that joins.
    let cases = [
        (in_fleet(&dollars("0.42")), spot_ten("0.42"), true),
        (in_fleet(&dollars("0.42")), spot_ten("0.40"), true),
        (in_fleet(&dollars("0.42")), spot_ten("0.43"), false),
        (in_fleet(&percent(50)), spot_ten("0.01"), false),
        (default(), spot_ten("0.10"), true),
        (spot_ten("0.42"), in_fleet(&dollars("0.4")), true),
        (spot_ten("0.42"), in_fleet(&dollars("0.5")), false),
        (spot_ten("0.42"), in_fleet(&percent(50)), false),
        (spot_ten("0.42"), default(), false),
        ("--num-ec2-instances 11".to_owned(), in_fleet(&percent(50)), true),
        ("--num-ec2-instances 11".to_owned(), default(), true),
        (default(), "--num-ec2-instances 11".to_owned(), false),
    ];
    for (has, asked, joins) in cases {
        let account = Account::new().has("j-A", &has).open();
        if joins {
            account.asked(&asked).joins("j-A");
        } else {
            account.asked(&asked).joins_none(&[("j-A", &["bid_price"])]);
        }
    }
}

#[test]
fn how_a_fleet_gets_its_instances_does_not_matter_once_it_has_them() {
    let with = |launch: &Value| {
        let master = json!({"InstanceFleetType": "MASTER", "TargetSpotCapacity": 1,
            "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge", "Priority": 1}], "LaunchSpecifications": launch});
        format!("--instance-fleets {}", json!([master]))
    };
    let spot = |minutes: u32, strategy: &str| {
        with(&json!({"SpotSpecification": {"TimeoutDurationMinutes": minutes, "TimeoutAction": "TERMINATE_CLUSTER",
            "AllocationStrategy": strategy}}))
    };
    let account = Account::new().has("j-A", &spot(5, "diversified")).open();
    account.asked(&spot(1440, "lowest-price")).joins("j-A");
    account.asked(&with(&json!({"OnDemandSpecification": {"AllocationStrategy": "prioritized"}}))).joins("j-A");
}
