//! Start an EMR job flow and print its record.
fn main() {}
