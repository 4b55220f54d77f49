//! Files of `emr-sandbox --load`: recorded accounts.

use emr_sandbox::untrusted::loaded;

use crate::input::text;

/// Runs the target.
pub fn run(input: &[u8]) {
    if let Ok(ids) = loaded(input) {
        let text = text(input);
        assert!(ids.iter().all(|id| text.contains(id.as_str()) || text.contains('\\')), "{ids:?}");
    }
}
