//! S3's answers. The first byte chooses the call, the rest is the body.

use emr_aws::untrusted;
use emr_core::model::s3_uri::S3Uri;

use crate::input::{choice, wait};

/// Runs the target.
pub fn run(input: &[u8]) {
    let (number, body) = choice(input);
    let status = if number < 128 { 200 } else { 404 };
    let s3 = untrusted::s3(status, body);
    let below: S3Uri = "s3://bucket/out/".parse().unwrap();
    let is_listed = match number % 4 {
        0 => wait(s3.list_locks(&below)).is_ok(),
        1 => wait(s3.objects_below(below).next_objects()).is_ok(),
        2 => wait(s3.logs_below(below).all()).is_ok(),
        _ => wait(s3.aged_objects(&below, Some("out/a"))).is_ok_and(|page| {
            let keys: Vec<_> = page.objects.iter().map(|object| &object.key).collect();
            assert!(keys.is_sorted_by(|one, next| one < next) && keys.iter().all(|key| key.as_str() > "out/a"));
            page.is_last || !keys.is_empty()
        }),
    };
    assert!(!is_listed || status == 200, "it was refused");
    assert!(!is_listed || !body.iter().all(u8::is_ascii_whitespace), "an empty answer is no list of nothing");
}
