//! What holders say of their leases in a history: a lease counts from the request that makes it, and not from the answer,
//! which may come late. `s3-lock verify` judges by these times whether an act was late.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use emr_core::claim::lease::valid;
use harness::Sandbox;
use serde_json::Value;

/// The records of leases that their holders take for longer than they are.
pub(crate) fn too_long(sandbox: &Sandbox) -> Vec<String> {
    let history = fs::read_to_string(sandbox.folder().join("lock-history.jsonl")).unwrap();
    let (mut asked, mut compared, mut found) = (BTreeMap::new(), 0, Vec::new());
    for record in history.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let call = (record["process"].to_string(), record["call"].to_string());
        if record["answer"].is_null() {
            asked.extend(record["uptime_s"].as_f64().map(|sent_at| (call, sent_at)));
        } else if let (Some(sent_at), Some(ttl_s), Some(until)) =
            (asked.get(&call), record["ttl_s"].as_u64(), record["held_until_s"].as_f64())
        {
            compared += 1;
            // Both times are rounded to microseconds.
            if until > sent_at + valid(Duration::from_secs(ttl_s)).as_secs_f64() + 1e-5 {
                found.push(format!("a lease counts from after its request, which was sent at {sent_at}: {record}"));
            }
        }
    }
    assert!(compared > 0 || !history.contains("\"held_until_s\""), "no lease could be compared");
    found
}
