//! The object with the minimum of a pool.

use chrono::DateTime;
use emr_core::pool::minimum::{LONGEST_KEEP, Minimum};
use emr_core::pool::{Want, misfits, shape};

/// Runs the target.
pub fn run(input: &[u8]) {
    let minimum = match Minimum::read(input) {
        Ok(minimum) => minimum,
        Err(error) => return assert!(error.to_string().contains("not the minimum of a pool"), "{error}"),
    };
    assert!(!Minimum::is_newer(input));
    assert_eq!(Minimum::read(&minimum.write()).ok().as_ref(), Some(&minimum), "what is written is read");
    assert!(minimum.wanted.as_ref().is_none_or(|wanted| wanted.keep_s <= LONGEST_KEEP.as_secs()));
    for now in [DateTime::from_timestamp(1_800_000_000, 0).unwrap(), minimum.written_at] {
        let _ = minimum.is_due(now);
        let Some(wanted) = minimum.wanted_at(now) else { continue };
        assert!(!minimum.has_lapsed(now));
        for offer in ["m1:m5.xlarge", "m9:m5.xlarge+c8-9:m5.xlarge~gp3.9"] {
            let misfits = misfits(&wanted.demand, &shape::offer(offer).unwrap());
            assert!(!misfits.is_empty() || !wanted.demand.wants.iter().any(is_endless), "{offer}");
        }
    }
}

fn is_endless(want: &Want) -> bool {
    want.on_demand > 1 << 40 || want.spot > 1 << 40
}
