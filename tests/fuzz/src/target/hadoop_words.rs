//! Commands of streaming jobs, and the options of their steps.

use emr_core::hadoop_words::{join, quote, split};
use emr_core::streaming_step;

use crate::input::text;

/// Runs the target.
pub fn run(input: &[u8]) {
    let text = &*text(input);
    let words = split(text);
    assert!(words.iter().all(|word| !word.is_empty()));
    if let Some(joined) = join(&words) {
        assert_eq!(split(&joined), words);
    }
    if let Some(quoted) = quote(text)
        && !text.is_empty()
    {
        assert_eq!(split(&quoted), [text]);
    }
    let jar = "command-runner.jar";
    assert!(streaming_step::all_values(&words).count() <= words.len());
    let output = streaming_step::output(jar, &words);
    assert!(streaming_step::output_on_s3(jar, &words).is_none_or(|on_s3| output == Some(on_s3)));
}
