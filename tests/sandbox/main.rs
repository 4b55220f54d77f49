//! The sandbox beside the real EMR: what it answers, what it loads, and how its job flows fail.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod answering;
mod ending;
mod loading;
mod regions;
mod starting;

use std::path::Path;

use harness::{Sandbox, Tools};

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

fn sandbox(args: &[&str]) -> Sandbox {
    Sandbox::start(&Tools::beside(SANDBOX), args)
}

/// A recording that is kept here.
fn recorded(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sandbox/recorded");
    folder.join(name).to_str().unwrap().to_owned()
}
