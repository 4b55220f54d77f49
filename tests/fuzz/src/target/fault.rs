//! Rules of `emr-sandbox --fault`.

use emr_sandbox::untrusted::is_fault;

use crate::input::text;

/// Runs the target.
pub fn run(input: &[u8]) {
    let text = text(input);
    if is_fault(&text) {
        assert!((2..=3).contains(&text.splitn(4, ':').skip(1).count()), "{text}");
    }
}
