//! The engine: many requests on one session.

mod concurrency;
