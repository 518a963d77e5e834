//! main
mod app;
fn main() {}
