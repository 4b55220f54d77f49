//! Add steps to an EMR job flow.
fn main() {}
