//! lib
#[cfg(feature = "client")]
pub mod client;
pub mod clock;
#[cfg(feature = "server")]
pub mod server;
pub mod session;
pub mod store;
pub mod web;
