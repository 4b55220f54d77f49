//! Of several that will do, which is the best.

use crate::account::Account;

#[test]
fn the_most_cpu_on_core_and_task_instances_wins() {
    let account = Account::new()
        .has("j-A3", "--num-ec2-instances 3")
        .has("j-B9", "--num-ec2-instances 9")
        .has("j-C5", "--num-ec2-instances 5 --ec2-master-instance-type m5.24xlarge")
        .open();
    account.asked("--num-ec2-instances 3").joins("j-B9");
    account.asked("--num-ec2-instances 9").joins("j-B9");
    account.asked("--num-ec2-instances 3 --ec2-master-instance-type m5.4xlarge").joins("j-C5");
}

#[test]
fn task_instances_count_as_core_instances_do() {
    let account = Account::new()
        .has("j-CORE", "--num-ec2-core-instances 6")
        .has("j-TASK", "--num-ec2-core-instances 2 --num-ec2-task-instances 5")
        .open();
    account.asked("--num-ec2-core-instances 2").joins("j-TASK");
    account.asked("--num-ec2-core-instances 3").joins("j-CORE");
}

#[test]
fn cpu_decides_and_not_memory_nor_the_number_of_instances() {
    let account = Account::new()
        .has("j-MANY", "--num-ec2-instances 8 --ec2-core-instance-type r5.xlarge")
        .has("j-FEW", "--num-ec2-instances 4 --ec2-core-instance-type m5.4xlarge")
        .open();
    account.asked("--num-ec2-instances 2").joins("j-FEW");
}

#[test]
fn of_equals_the_one_with_more_cpu_on_the_master_wins() {
    let account = Account::new()
        .has("j-A", "--num-ec2-instances 3")
        .has("j-B", "--num-ec2-instances 3 --ec2-master-instance-type m5.2xlarge")
        .open();
    account.asked("--num-ec2-instances 3").joins("j-B");
}

#[test]
fn of_equals_the_one_nearest_to_the_end_of_its_hour_wins() {
    let account = Account::new()
        .has("j-A", "--num-ec2-instances 3")
        .created(10)
        .has("j-B", "--num-ec2-instances 3")
        .created(60 * 5 + 50)
        .has("j-C", "--num-ec2-instances 3")
        .created(30)
        .open();
    account.asked("--num-ec2-instances 3").joins("j-B");
}

#[test]
fn of_those_that_are_equal_in_all_the_smallest_id_wins() {
    let account = Account::new().has("j-B", "").has("j-A", "").has("j-C", "");
    account.open().asked("").joins("j-A");
}

#[test]
fn two_that_look_at_the_same_pool_take_the_best_and_the_next() {
    let account = Account::new().has("j-A", "--num-ec2-instances 2").has("j-B", "--num-ec2-instances 3").open();
    let found = [(); 3].map(|()| account.asked("--num-ec2-instances 2").find(&[]));
    let ids = found.each_ref().map(|ran| ran.records().first().map(|record| record["job_flow_id"].clone()));
    assert_eq!(ids, [Some("j-B".into()), Some("j-A".into()), None], "{found:?}");
    assert_eq!(found[2].code, Some(1));
    assert_eq!(account.asked("").explanation(), [("j-A", "claim"), ("j-B", "claim")].map(crate::account::failing));
}

#[test]
fn what_an_instance_group_has_now_counts_and_not_what_it_began_with() {
    let account = Account::new()
        .has("j-SHRANK", "--num-ec2-instances 12")
        .running(&[1, 3])
        .has("j-A6", "--num-ec2-instances 7")
        .has("j-A2", "--num-ec2-instances 3")
        .open();
    account.asked("--num-ec2-instances 3").joins("j-A6");
    let found = [(); 4].map(|()| account.asked("--num-ec2-instances 3").find(&[]));
    let ids = found.each_ref().map(|ran| ran.records().first().map(|record| record["job_flow_id"].clone()));
    assert_eq!(ids, [Some("j-A6".into()), Some("j-SHRANK".into()), Some("j-A2".into()), None], "{found:?}");
}

#[test]
fn where_one_name_is_wrong_the_others_are_not_believed_either() {
    let account = Account::new()
        .has("j-SHRANK", "--num-ec2-instances 12")
        .resized(&[1, 3])
        .has("j-GREW", "--num-ec2-instances 3")
        .resized(&[1, 20])
        .has("j-A6", "--num-ec2-instances 7")
        .open();
    account.asked("--num-ec2-instances 3").joins("j-GREW");
}
