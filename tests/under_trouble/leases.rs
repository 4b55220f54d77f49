//! What holders say of their leases in a history: a lease counts from the request that makes it, and not from the answer,
//! which may come late. `s3-lock verify` judges by these times whether an act was late.

use std::collections::BTreeMap;
use std::fs;

use harness::Sandbox;
use serde_json::Value;

/// The records of leases that their holders take for longer than they are.
pub(crate) fn too_long(sandbox: &Sandbox) -> Vec<String> {
    let history = fs::read_to_string(sandbox.folder().join("lock-history.jsonl")).unwrap_or_default();
    let mut asked = BTreeMap::new();
    let mut found = Vec::new();
    for record in history.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let call = (record["process"].to_string(), record["call"].to_string());
        if record["answer"].is_null() {
            asked.extend(record["uptime_s"].as_f64().map(|sent_at| (call, sent_at)));
        } else if let (Some(sent_at), Some(ttl), Some(until)) =
            (asked.get(&call), record["ttl_s"].as_f64(), record["held_until_s"].as_f64())
        {
            // Both times are rounded to microseconds.
            if until > sent_at + ttl - (ttl / 12.0).min(5.0) + 1e-5 {
                found.push(format!("a lease counts from after its request, which was sent at {sent_at}: {record}"));
            }
        }
    }
    found
}
