//! Bootstrap actions. Those that the tools added become the options that add them; others are copied.

use emr_core::config::options as keys;
use emr_core::model::description::Description;
use emr_core::shell;
use serde_json::{Value, json};

use super::pool::uploaded;
use super::{Conf, text};

pub(super) fn add(conf: &mut Conf, description: &Description) {
    let mut actions = Vec::new();
    let mut names = Vec::new();
    for action in &description.bootstrap_actions {
        let (name, path) = (text(action, "Name").unwrap_or_default(), text(action, "ScriptPath").unwrap_or_default());
        if is_own(&name, &path) {
            own(conf, &name, &arguments(action));
            continue;
        }
        if uploaded(&path).is_some() {
            conf.lose(format!(
                "the bootstrap action '{name}' names the upload of a local file instead of the file: its pool hash will differ"
            ));
        }
        if path.contains('$') || path.starts_with('~') {
            conf.lose(format!(
                "the path of the bootstrap action '{name}' has variables or ~, which create-job-flow expands"
            ));
        }
        if name != format!("action {}", actions.len()) {
            names.push(name);
        }
        actions.push(json!(shell::join([path].into_iter().chain(arguments(action)))));
    }
    if !names.is_empty() {
        conf.remark(format!(
            "create-job-flow names bootstrap actions 'action N'; these had other names: {}",
            names.join(", ")
        ));
    }
    conf.set(&keys::BOOTSTRAP_ACTIONS.option, actions);
}

fn arguments(action: &Value) -> Vec<String> {
    let args = action["Args"].as_array().into_iter().flatten();
    args.filter_map(|argument| argument.as_str().map(str::to_owned)).collect()
}

/// Whether the tools added this action because of an option.
fn is_own(name: &str, path: &str) -> bool {
    let script = match name {
        "core dumps" => "/core-dumps.sh",
        "idle timeout" => "/terminate-when-idle.sh",
        _ => return false,
    };
    path.ends_with(script) && uploaded(path).is_some()
}

fn own(conf: &mut Conf, name: &str, args: &[String]) {
    if name == "core dumps" {
        return conf.set(&keys::CORE_DUMPS.option, true);
    }
    let seconds = |place: usize| args.get(place).map(|seconds| format!("{seconds}s"));
    conf.set(&keys::MAX_HOURS_IDLE.option, seconds(0));
    conf.set(&keys::MINS_TO_END_OF_HOUR.option, seconds(1));
}
