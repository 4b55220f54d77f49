//! How clusters live and end. Every test begins with a `RunJobFlow`.

use serde_json::{Value, json};

use super::*;
use crate::emr::account::{Account, Settings};
use crate::emr::model::status::{FailureDetails, Reason, StepState};
use crate::emr::operations;
use crate::emr::request::step::StepConfig;

const SETTINGS: (u64, bool) = (0, false);

fn at(seconds: u64) -> Timestamp {
    serde_json::from_value(json!(1_763_791_200 + seconds)).unwrap()
}

/// An account with one cluster of one instance. Members of `request` replace those of the `RunJobFlow`.
struct World {
    account: Account,
    id: String,
    orders: Vec<Order>,
}

impl World {
    fn new((provision_s, run_bootstrap_actions): (u64, bool), request: &Value) -> Self {
        let region = "us-east-1".to_owned();
        let settings = Settings { provision_s, run_bootstrap_actions, region };
        let mut account = Account::new(settings);
        let keep_alive = request["KeepAlive"].as_bool().unwrap_or(true);
        let mut body = json!({
            "Name": "test",
            "ReleaseLabel": "emr-7.1.0",
            "JobFlowRole": "EMR_EC2_DefaultRole",
            "ServiceRole": "EMR_DefaultRole",
            "Instances": {
                "InstanceCount": 1,
                "MasterInstanceType": "m5.xlarge",
                "KeepJobFlowAliveWhenNoSteps": keep_alive,
            },
        });
        for (name, value) in request.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = operations::answer(&mut account, "RunJobFlow", body.to_string().as_bytes(), at(0));
        let id = answer.unwrap()["JobFlowId"].as_str().unwrap().to_owned();
        let mut world = Self { account, id, orders: Vec::new() };
        world.take_orders(0);
        world
    }

    fn take_orders(&mut self, seconds: u64) {
        let orders = self.account.take_orders(at(seconds));
        self.orders = orders.into_iter().map(|(_, order)| order).collect();
    }

    fn change(&mut self, seconds: u64, change: impl FnOnce(&mut Cluster) -> Vec<Order>) {
        let cluster = self.account.cluster_mut(&self.id).unwrap();
        let orders = change(cluster);
        self.account.order(&self.id.clone(), orders);
        self.take_orders(seconds);
    }

    fn wake(&mut self, seconds: u64) {
        self.change(seconds, |_| Vec::new());
    }

    fn finish(&mut self, step: usize, seconds: u64, is_success: bool) {
        let failure = (!is_success).then(FailureDetails::default);
        self.change(seconds, |cluster| {
            let id = cluster.steps.all()[step].id.clone();
            cluster.finish_step(&id, failure, at(seconds))
        });
    }

    fn cluster(&self) -> &Cluster {
        self.account.cluster(&self.id).unwrap()
    }

    fn states(&self) -> Vec<StepState> {
        self.cluster().steps.all().iter().map(|step| step.status.state).collect()
    }

    fn reason(&self) -> Option<&str> {
        self.cluster().description.status.state_change_reason.code.as_deref()
    }

    fn starts(&self) -> usize {
        self.orders.iter().filter(|order| matches!(order, Order::Start(_))).count()
    }
}

fn step(action: &str) -> Value {
    json!({ "Name": "s", "ActionOnFailure": action, "HadoopJarStep": { "Jar": "command-runner.jar" } })
}

#[test]
fn a_cluster_waits_at_once_unless_provisioning_takes_time() {
    assert_eq!(World::new(SETTINGS, &json!({})).cluster().state(), ClusterState::Waiting);
    let mut world = World::new((10, false), &json!({}));
    assert_eq!(world.cluster().state(), ClusterState::Starting);
    assert_eq!(world.orders, [Order::WakeAt(at(5))]);
    world.wake(5);
    assert_eq!(world.cluster().state(), ClusterState::Bootstrapping);
    assert_eq!(world.orders, [Order::WakeAt(at(10))]);
    world.wake(10);
    assert_eq!(world.cluster().state(), ClusterState::Waiting);
    assert_eq!(world.cluster().description.status.timeline.ready_date_time, Some(at(10)));
}

#[test]
fn steps_run_one_after_the_other() {
    let mut world = World::new(SETTINGS, &json!({ "Steps": [step("CONTINUE"), step("CONTINUE")] }));
    assert_eq!(world.states(), [StepState::Running, StepState::Pending]);
    world.finish(0, 1, true);
    assert_eq!(world.states(), [StepState::Completed, StepState::Running]);
    assert_eq!((world.starts(), world.cluster().state()), (1, ClusterState::Running));
    world.finish(1, 2, false);
    assert_eq!(world.states(), [StepState::Completed, StepState::Failed]);
    assert_eq!(world.cluster().state(), ClusterState::Waiting);
}

#[test]
fn as_many_steps_run_at_once_as_the_concurrency_level_allows() {
    let steps: Vec<_> = (0..5).map(|_| step("CONTINUE")).collect();
    let world = World::new(SETTINGS, &json!({ "Steps": steps, "StepConcurrencyLevel": 3 }));
    assert_eq!(world.starts(), 3);
}

#[test]
fn a_failed_step_does_what_its_action_says() {
    let steps = |action: &str| json!({ "Steps": [step(action), step(action)] });
    let mut world = World::new(SETTINGS, &steps("CANCEL_AND_WAIT"));
    world.finish(0, 1, false);
    assert_eq!(world.states(), [StepState::Failed, StepState::Cancelled]);
    assert_eq!(world.cluster().state(), ClusterState::Waiting);

    let mut world = World::new(SETTINGS, &steps("TERMINATE_CLUSTER"));
    world.finish(0, 1, false);
    assert_eq!(world.states(), [StepState::Failed, StepState::Cancelled]);
    assert_eq!(world.cluster().state(), ClusterState::TerminatedWithErrors);
    assert_eq!(world.reason(), Some("STEP_FAILURE"));
}

#[test]
fn protection_holds_against_a_failed_step() {
    let mut world = World::new(SETTINGS, &json!({ "Steps": [step("TERMINATE_CLUSTER")] }));
    world.change(0, |cluster| {
        cluster.description.termination_protected = true;
        Vec::new()
    });
    world.finish(0, 1, false);
    assert_eq!(world.cluster().state(), ClusterState::Waiting);
}

#[test]
fn a_transient_cluster_ends_with_its_last_step() {
    let request = json!({ "KeepAlive": false, "Steps": [step("CONTINUE")] });
    let mut world = World::new(SETTINGS, &request);
    assert_eq!(world.cluster().state(), ClusterState::Running);
    world.finish(0, 1, true);
    assert_eq!(world.cluster().state(), ClusterState::Terminated);
    assert_eq!(world.reason(), Some("ALL_STEPS_COMPLETED"));
}

#[test]
fn a_transient_cluster_waits_a_minute_for_its_first_step() {
    let mut world = World::new(SETTINGS, &json!({ "KeepAlive": false }));
    assert_eq!(world.cluster().state(), ClusterState::Starting);
    assert_eq!(world.orders, [Order::WakeAt(at(60))]);
    let mut patient = World::new(SETTINGS, &json!({ "KeepAlive": false }));
    world.wake(60);
    assert_eq!(world.cluster().state(), ClusterState::Terminated);

    let body = json!({ "JobFlowId": patient.id, "Steps": [step("CONTINUE")] }).to_string();
    operations::answer(&mut patient.account, "AddJobFlowSteps", body.as_bytes(), at(30)).unwrap();
    patient.take_orders(30);
    assert_eq!(patient.states(), [StepState::Running]);
}

#[test]
fn termination_interrupts_what_runs_and_cancels_the_rest() {
    let mut world = World::new(SETTINGS, &json!({ "Steps": [step("CONTINUE"), step("CONTINUE")] }));
    let running = world.cluster().steps.all()[0].id.clone();
    world.change(1, |cluster| cluster.terminate(Reason::new("USER_REQUEST", ""), at(1)));
    assert_eq!(world.orders, [Order::Stop(running, Stop::Interrupt)]);
    assert_eq!(world.cluster().state(), ClusterState::Terminating);
    world.finish(0, 2, false);
    assert_eq!(world.states(), [StepState::Interrupted, StepState::Cancelled]);
    assert_eq!(world.cluster().state(), ClusterState::Terminated);
    assert_eq!(world.cluster().instance_groups[0].running_instance_count, 0);
}

#[test]
fn an_idle_cluster_ends_when_its_policy_says() {
    let policy = json!({ "AutoTerminationPolicy": { "IdleTimeout": 60 }, "Steps": [step("CONTINUE")] });
    let mut world = World::new(SETTINGS, &policy);
    world.finish(0, 100, true);
    assert_eq!(world.orders, [Order::WakeAt(at(160))]);
    world.wake(159);
    assert_eq!(world.cluster().state(), ClusterState::Waiting);
    world.wake(160);
    assert_eq!(world.cluster().state(), ClusterState::Terminated);
}

#[test]
fn a_failed_bootstrap_action_ends_the_cluster() {
    let action = json!([{ "Name": "a", "ScriptBootstrapAction": { "Path": "s3://bucket/a.sh" } }]);
    let mut world = World::new((0, true), &json!({ "BootstrapActions": action }));
    assert_eq!(world.orders, [Order::Bootstrap]);
    assert_eq!(world.cluster().state(), ClusterState::Bootstrapping);
    world.change(1, |cluster| {
        cluster.bootstrapped(Err("no".to_owned()), at(1));
        Vec::new()
    });
    assert_eq!(world.cluster().state(), ClusterState::TerminatedWithErrors);
    assert_eq!(world.reason(), Some("BOOTSTRAP_FAILURE"));
}

#[test]
fn a_replayed_cluster_stays_as_recorded_until_it_is_given_a_step() {
    for state in ["STARTING", "RUNNING", "WAITING", "TERMINATING", "TERMINATED"] {
        let recorded = json!({ "Cluster": { "Id": "j-A", "Status": { "State": state } } });
        let mut cluster: Cluster = serde_json::from_value(recorded).unwrap();
        assert_eq!(cluster.advance(at(0)), []);
        assert_eq!(json!(cluster.state()), state);
    }
    let recorded = json!({
        "Cluster": { "Id": "j-A", "Status": { "State": "WAITING" }, "AutoTerminate": true },
        "Steps": [{ "Id": "s-A", "Status": { "State": "PENDING" } }],
    });
    let mut cluster: Cluster = serde_json::from_value(recorded).unwrap();
    let request: StepConfig = serde_json::from_value(step("CONTINUE")).unwrap();
    cluster.steps.push(request.into_step(at(0)));
    let id = cluster.steps.all()[1].id.clone();
    assert_eq!(cluster.advance(at(0)), [Order::Start(id.clone())]);
    cluster.finish_step(&id, None, at(1));
    cluster.advance(at(1));
    let states: Vec<_> = cluster.steps.all().iter().map(|step| step.status.state).collect();
    assert_eq!(states, [StepState::Pending, StepState::Completed]);
    assert_eq!(cluster.state(), ClusterState::Waiting);
}
