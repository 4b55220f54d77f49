//! The exit codes that a tool's man page promises: a tool that ends with another one fails the test that ran it.

use std::ffi::OsStr;
use std::path::Path;

/// Asserts that the page of the tool `program` has `code`, where it is a tool and ended by itself.
pub(crate) fn check(program: &OsStr, code: Option<i32>) {
    let Some((tool, code)) = Path::new(program).file_name().and_then(OsStr::to_str).zip(code) else { return };
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../man/{tool}.1"));
    let Ok(page) = std::fs::read_to_string(page) else { return };
    let section = page.split(".SH \"EXIT STATUS\"\n").nth(1).expect("a page has exit codes");
    let section = section.split(".SH ").next().unwrap_or(section);
    let mut promised = section.lines().filter_map(|line| line.strip_prefix("\\fB")?.strip_suffix("\\fR"));
    let is_promised = |known: &str| match known {
        "N" => true,
        "128+N" => code > 128,
        known => known.parse() == Ok(code),
    };
    assert!(promised.any(is_promised), "{tool} exited with {code}, and man/{tool}.1 has no such exit code");
}
