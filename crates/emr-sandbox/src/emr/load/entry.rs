//! Converts one cluster of a recording to the model's shape.

use chrono::DateTime;
use serde_json::{Map, Value, json};

use super::left_out::LeftOut;

/// Members that the model keeps beside the description. The AWS CLI prints some of them inside it.
pub(super) const BESIDE: [&str; 8] = [
    "AutoTerminationPolicy",
    "BootstrapActions",
    "InstanceFleets",
    "InstanceGroups",
    "Instances",
    "ManagedScalingPolicy",
    "Sessions",
    "Steps",
];

/// Members of answers that say nothing about a cluster.
const OF_ANSWERS: [&str; 1] = ["ResponseMetadata"];

/// Times inside values that the model keeps as they are. EMR sends numbers, the AWS CLI prints text.
const TIMES: [&str; 5] = ["CreatedAt", "EndedAt", "IdleSince", "StartedAt", "UpdatedAt"];

/// The members of an entry under the model's names. Notes what is left out.
pub(super) fn normalize(mut entry: Map<String, Value>, left_out: &mut LeftOut) -> Result<Map<String, Value>, String> {
    without_nulls(&mut entry);
    let mut normal = Map::new();
    if let Some(mut description) = entry.remove("Cluster") {
        for name in BESIDE {
            if let Some(inner) = description.as_object_mut().and_then(|members| members.shift_remove(name)) {
                normal.insert(name.to_owned(), unwrapped(name, inner, left_out));
            }
        }
        normal.insert("Cluster".to_owned(), description);
    }
    for (name, value) in entry {
        if BESIDE.contains(&name.as_str()) {
            let value = unwrapped(&name, value, left_out);
            if normal.get(&name).is_some_and(|inner| *inner != value) {
                return Err(format!(".{name}: also stands inside `Cluster`, with another value"));
            }
            normal.insert(name, value);
        } else if !OF_ANSWERS.contains(&name.as_str()) {
            left_out.note(name);
        }
    }
    normal.values().for_each(|value| left_out.note_below(value));
    normal.get_mut("Sessions").into_iter().for_each(number_times);
    Ok(normal)
}

/// A list inside a whole answer: `"Steps": {"Steps": […]}`.
fn unwrapped(name: &str, value: Value, left_out: &mut LeftOut) -> Value {
    match value {
        Value::Object(mut answer) if answer.get(name).is_some() => {
            let inner = answer.shift_remove(name).unwrap_or_default();
            answer.keys().filter(|key| !OF_ANSWERS.contains(&key.as_str())).for_each(|key| left_out.note(key));
            inner
        }
        other => other,
    }
}

/// Removes null members, which mean the same as absent ones.
fn without_nulls(members: &mut Map<String, Value>) {
    members.retain(|_, value| !value.is_null());
    members.values_mut().for_each(without_nulls_below);
}

fn without_nulls_below(value: &mut Value) {
    match value {
        Value::Object(members) => without_nulls(members),
        Value::Array(values) => values.iter_mut().for_each(without_nulls_below),
        _ => {}
    }
}

fn number_times(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let time = member.as_str().filter(|_| TIMES.contains(&name.as_str()));
                match time.and_then(|text| DateTime::parse_from_rfc3339(text).ok()) {
                    #[expect(clippy::cast_precision_loss, reason = "milliseconds of any real date are exact in an f64")]
                    Some(time) => *member = json!(time.timestamp_millis() as f64 / 1000.0),
                    None => number_times(member),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(number_times),
        _ => {}
    }
}
