//! Terminate EMR job flows.
fn main() {}
