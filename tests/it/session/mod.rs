//! The session engine.

mod concurrency;
