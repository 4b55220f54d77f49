//! What mrjob installs where it is asked to: Python 3 on old releases, and Spark.

use super::action::Action;
use super::master::Instruction;
use super::source::Source;
use crate::config::{Setting, options};
use crate::model::job_flow::Software;

/// Where AMI version 3 has the script of AWS's that installs Spark.
const INSTALL_SPARK: &str = "file:///usr/share/aws/emr/install-spark/install-spark";

/// What installs Python 3 where it is not there already, which it is from EMR 4.6 on.
const GET_PYTHON_3: &str = "sudo yum install -y python34 python34-devel python34-pip";

/// The command that gets Python 3, where one is needed.
pub(super) fn python_3(software: &Software) -> Option<Instruction> {
    let has_it = match software {
        Software::Ami { .. } => false,
        Software::Release { .. } => software.release().is_none_or(|release| release >= (4, 6)),
    };
    (!has_it).then(|| Instruction { written: GET_PYTHON_3.to_owned(), run: GET_PYTHON_3.to_owned() })
}

/// Makes Spark one of the applications of a release, or returns the bootstrap action that installs it on an AMI version,
/// unless one of `actions` does.
pub(super) fn spark(software: &mut Software, actions: &[Setting<Action>]) -> Option<Setting<Action>> {
    match software {
        Software::Release { applications, .. } => {
            if !applications.iter().any(|name| name.eq_ignore_ascii_case("Spark")) {
                applications.push("Spark".to_owned());
            }
            None
        }
        Software::Ami { .. } => {
            let installs = |action: &Setting<Action>| action.value.script.base_name() == "install-spark";
            let script = Source::Remote(INSTALL_SPARK.to_owned());
            (!actions.iter().any(installs))
                .then(|| options::BOOTSTRAP_SPARK.by_default(Action { script, args: Vec::new() }))
        }
    }
}
