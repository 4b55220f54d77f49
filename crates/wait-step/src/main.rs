//! Wait for EMR steps to end and say how they ended.
fn main() {}
