//! The session engine.

mod change;
mod concurrency;
mod config;
mod cookie;
mod id;
mod readiness;
mod rotation;
