//! The listener: limits, TLS, shutdown.

mod hostile_clients;
mod listener;
mod listener_tls;
mod tls;
mod upgrades;
