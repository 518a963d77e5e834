//! lib
#[cfg(feature = "client")]
pub mod client;
pub mod clock;
pub mod session;
#[cfg(feature = "server")]
pub mod server;
pub mod store;
pub mod web;
