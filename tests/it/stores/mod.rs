//! The stores: one contract, and what is special to each.

mod conformance;
mod many_servers;
mod postgres;
mod postgres_server;
mod postgres_tls;
mod redis;
mod redis_cluster;
mod sqlite;
mod sqlite_migrations;
mod sqlite_sharing;
