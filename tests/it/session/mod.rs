//! The session engine.

mod change;
mod concurrency;
mod config;
mod cookie;
mod everyday;
mod id;
mod lifetimes;
mod readiness;
mod realms;
mod record;
mod rotation;
