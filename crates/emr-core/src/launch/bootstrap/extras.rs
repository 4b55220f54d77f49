//! The software that mrjob installs on request: Python 3 on old releases, and Spark.

use super::action::Action;
use super::instruction::Instruction;
use crate::config::{Setting, options};
use crate::model::job_flow::Software;
use crate::setup::Source;

/// AWS's script that installs Spark, on the disk of AMI version 3.
const INSTALL_SPARK: &str = "file:///usr/share/aws/emr/install-spark/install-spark";

/// Installs Python 3 where it is missing: on AMI versions and on releases before 4.6.
const GET_PYTHON_3: &str = "sudo yum install -y python34 python34-devel python34-pip";

/// The command that installs Python 3; `None` on releases that have it.
pub(super) fn python_3(software: &Software) -> Option<Instruction> {
    let has_it = match software {
        Software::Ami { .. } => false,
        Software::Release { .. } => software.release().is_none_or(|release| release >= (4, 6)),
    };
    (!has_it).then(|| Instruction::plain(GET_PYTHON_3))
}

/// Adds Spark to the applications of a release. On an AMI version, returns the bootstrap action that installs it,
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
