//! List EMR job flows.
fn main() {}
