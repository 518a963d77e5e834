//! The integration tests: one binary, which is linked once.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    missing_debug_implementations,
    reason = "tests speak by panics, and nobody imports them"
)]
#![allow(
    clippy::duplicate_mod,
    reason = "each example application has its own copy of the module with its pages"
)]

mod support;

mod app;
mod audit;
mod client;
mod clock;
mod commands;
mod cookies;
mod dependents;
mod docs;
mod layers;
mod output;
mod redact;
mod server;
mod session;
mod stores;
mod web;
