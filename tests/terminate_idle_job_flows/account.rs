//! What an account is loaded with: clusters and steps, and how long ago all of that was.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

pub(crate) const MINUTE: f64 = 60.0;
pub(crate) const HOUR: f64 = 3600.0;

pub(crate) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

/// A cluster that was created and ready so many seconds ago.
pub(crate) fn cluster(id: &str, state: &str, created: f64, ready: Option<f64>, steps: &[Value]) -> Value {
    let mut timeline = json!({"CreationDateTime": now() - created});
    if let Some(ready) = ready {
        timeline["ReadyDateTime"] = json!(now() - ready);
    }
    let status = json!({"State": state, "Timeline": timeline});
    json!({"Cluster": {"Id": id, "Name": format!("night {id}"), "Status": status}, "Steps": steps})
}

/// A step that was created, began and ended so many hours ago.
pub(crate) fn step(id: &str, state: &str, hours: [Option<f64>; 3]) -> Value {
    let mut timeline = json!({});
    for (key, hours) in ["CreationDateTime", "StartDateTime", "EndDateTime"].into_iter().zip(hours) {
        if let Some(hours) = hours {
            timeline[key] = json!(now() - hours * HOUR);
        }
    }
    json!({"Id": id, "Name": "count", "Status": {"State": state, "Timeline": timeline}})
}

/// One that has been idle for two hours.
pub(crate) fn idle(id: &str) -> Value {
    cluster(id, "WAITING", 3.5 * HOUR, Some(2.0 * HOUR), &[])
}

pub(crate) fn with(mut cluster: Value, key: &str, value: Value) -> Value {
    cluster["Cluster"][key] = value;
    cluster
}

pub(crate) fn tagged(cluster: Value, key: &str, value: &str) -> Value {
    with(cluster, "Tags", json!([{"Key": key, "Value": value}]))
}
