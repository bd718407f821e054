//! Placeholder doc.

fn main() {}
