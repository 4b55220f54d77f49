//! Options for the number, types and bids of instances.

use super::keys;
use crate::config::{Argument, Exact, Key, Takes};
use crate::model::instance_type;

const HEADING: &str = "Instances";

const fn argument(long: &'static str, takes: &'static str, help: &'static str) -> Argument {
    Argument::new(long, Takes::Value(takes), help).under(HEADING)
}

const fn of_types(long: &'static str, help: &'static str) -> Argument {
    argument(long, "TYPE", help).usually(types)
}

fn types() -> Vec<&'static str> {
    instance_type::known().map(|known| known.name).collect()
}

keys! { INSTANCES:
    /// Instances in all: one master, the others core instances; 1 by default.
    /// Of this and the numbers by role those from the stronger source count, and of equals the numbers by role.
    NUM_EC2_INSTANCES: u32 = Key::named("num_ec2_instances")
        .typed_as(&[argument("num-ec2-instances", "N", "Instances in all: one master, the others core instances [default: 1]")
            .also(&["instance-count"])
            .first()]);

    /// Core instances; 0 by default.
    NUM_EC2_CORE_INSTANCES: u32 = Key::named("num_ec2_core_instances").also(&["num_core_instances"])
        .typed_as(&[argument("num-ec2-core-instances", "N", "Core instances [default: 0]").also(&["num-core-instances"])]);

    /// Task instances; 0 by default.
    NUM_EC2_TASK_INSTANCES: u32 = Key::named("num_ec2_task_instances").also(&["num_task_instances"])
        .typed_as(&[argument("num-ec2-task-instances", "N", "Task instances [default: 0]").also(&["num-task-instances"])]);

    /// Type of the core and task instances, and of a master that is alone; by default m5.xlarge, or m4.large before EMR
    /// 5.13 and on AMI versions.
    /// Of this and the type by role the one from the stronger source counts, and of equals the one by role.
    EC2_INSTANCE_TYPE: String = Key::named("ec2_instance_type").also(&["instance_type"])
        .typed_as(&[of_types(
            "ec2-instance-type",
            "Type of the core and task instances, and of a master that is alone [default: m5.xlarge, or m4.large before \
             EMR 5.13]",
        )
        .also(&["instance-type"])
        .first()]);

    /// Type of the master; by default m5.xlarge or m4.large, depending on the release, or `ec2_instance_type` if the
    /// master is alone.
    EC2_MASTER_INSTANCE_TYPE: String = Key::named("ec2_master_instance_type").also(&["master_instance_type"])
        .typed_as(&[of_types("ec2-master-instance-type", "Type of the master [default: m5.xlarge, or m4.large before EMR 5.13]").also(&["master-instance-type"])]);

    /// Type of the core instances; by default `ec2_instance_type`.
    EC2_CORE_INSTANCE_TYPE: String = Key::named("ec2_core_instance_type")
        .also(&["ec2_slave_instance_type", "ec2_core_instance_type", "core_instance_type"])
        .typed_as(&[of_types("ec2-core-instance-type", "Type of the core instances [default: --ec2-instance-type]")
            .also(&["core-instance-type", "ec2-slave-instance-type"])]);

    /// Type of the task instances; by default `ec2_instance_type`, or that of the core instances.
    EC2_TASK_INSTANCE_TYPE: String = Key::named("ec2_task_instance_type").also(&["task_instance_type"])
        .typed_as(&[of_types(
            "ec2-task-instance-type",
            "Type of the task instances [default: that of the core instances]",
        )
        .also(&["task-instance-type"])]);

    /// Spot bid for the master in US dollars an hour; 0 or an empty text is on demand, and so is the default.
    EC2_MASTER_INSTANCE_BID_PRICE: String = Key::named("ec2_master_instance_bid_price")
        .also(&["master_instance_bid_price"])
        .typed_as(&[argument(
            "ec2-master-instance-bid-price",
            "USD",
            "Spot bid for the master, in US dollars an hour; 0 is on demand [default: 0]",
        )
        .also(&["master-instance-bid-price"])]);

    /// Spot bid for each core instance in US dollars an hour; 0 or an empty text is on demand, and so is the default.
    EC2_CORE_INSTANCE_BID_PRICE: String = Key::named("ec2_core_instance_bid_price").also(&["core_instance_bid_price"])
        .typed_as(&[argument("ec2-core-instance-bid-price", "USD", "Spot bid for each core instance, in US dollars an hour [default: 0]")
            .also(&["core-instance-bid-price"])]);

    /// Spot bid for each task instance in US dollars an hour; 0 or an empty text is on demand, and so is the default.
    EC2_TASK_INSTANCE_BID_PRICE: String = Key::named("ec2_task_instance_bid_price").also(&["task_instance_bid_price"])
        .typed_as(&[argument("ec2-task-instance-bid-price", "USD", "Spot bid for each task instance, in US dollars an hour [default: 0]")
            .also(&["task-instance-bid-price"])]);

    /// List of instance groups, each a mapping with the members that `RunJobFlow` takes, such as `InstanceRole`,
    /// `InstanceType` and `InstanceCount`.
    /// Of this, `instance_fleets` and the options for numbers, types and bid prices of instances, those from the strongest
    /// source count.
    INSTANCE_GROUPS: Exact = Key::named("instance_groups")
        .typed_as(&[Argument::new(
            "instance-groups",
            Takes::Objects("JSON"),
            "Instance groups instead of the options above: a list in JSON as `RunJobFlow` takes it, `file://PATH`, or for \
             each group a word such as `InstanceGroupType=CORE,InstanceCount=2,InstanceType=m5.xlarge`",
        )
        .under(HEADING)]);

    /// List of instance fleets, each a mapping with the members that `RunJobFlow` takes, such as `InstanceFleetType` and
    /// `InstanceTypeConfigs`.
    /// Of this, `instance_groups` and the options for numbers, types and bid prices of instances, those from the strongest
    /// source count.
    INSTANCE_FLEETS: Exact = Key::named("instance_fleets")
        .typed_as(&[Argument::new(
            "instance-fleets",
            Takes::Json("JSON"),
            "Instance fleets instead of the options above: a list in JSON as `RunJobFlow` takes it, or `file://PATH`",
        )
        .under(HEADING)]);
}
