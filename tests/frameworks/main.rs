//! Frameworks that others wrote, against the sandbox: awswrangler, dagster-aws and Airflow's operators find it to be EMR
//! and S3. They are large, so `scripts/test --full` installs them; it says where in `EMR_TOOLS_FRAMEWORKS` and
//! `EMR_TOOLS_AIRFLOW`.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{Ran, Sandbox, Tools};
use serde_json::json;

const PROGRAMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/frameworks");

fn sandbox() -> Sandbox {
    Sandbox::start(&Tools::beside(env!("CARGO_BIN_EXE_emr-sandbox")), &["--bucket", "other"])
}

/// Runs one of our programs, which ends well only where all that it asserts holds, with the Python in the folder that
/// the variable `place` names. `settings` has it find the sandbox.
fn runs(place: &str, program: &str, settings: impl FnOnce(&mut Command)) {
    let folder = env::var_os(place).unwrap_or_else(|| panic!("{place} is not set: run scripts/test --full"));
    let mut python = Command::new(PathBuf::from(folder).join("python"));
    python.env_clear().env("HOME", "/nonexistent").env("PYTHONDONTWRITEBYTECODE", "1");
    python.env("PATH", env::var_os("PATH").unwrap_or_default());
    settings(&mut python);
    Ran::of(python.arg(Path::new(PROGRAMS).join(program))).ok();
}

#[test]
#[ignore = "needs awswrangler, which scripts/test --full installs"]
fn awswrangler_keeps_tables_on_s3_and_runs_a_cluster() {
    let sandbox = sandbox();
    runs("EMR_TOOLS_FRAMEWORKS", "wrangler.py", |python| {
        sandbox.point(python);
    });
    assert_ne!(sandbox.requests("UploadPart").len(), 0);
}

#[test]
#[ignore = "needs dagster-aws, which scripts/test --full installs"]
fn dagster_runs_steps_and_keeps_outputs_on_s3() {
    let sandbox = sandbox();
    runs("EMR_TOOLS_FRAMEWORKS", "dagster_runner.py", |python| {
        sandbox.point(python);
    });
}

#[test]
#[ignore = "needs Airflow, which scripts/test --full installs"]
fn the_operators_and_sensors_of_airflow_run_a_cluster() {
    let sandbox = sandbox();
    let extra = json!({"region_name": "us-east-1", "endpoint_url": sandbox.endpoint()});
    let connection = json!({"conn_type": "aws", "login": "key", "password": "secret", "extra": extra});
    runs("EMR_TOOLS_AIRFLOW", "airflow_operators.py", |python| {
        python.env("AIRFLOW_HOME", sandbox.folder()).env("AIRFLOW_CONN_AWS_DEFAULT", connection.to_string());
    });
}
