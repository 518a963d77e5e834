//! The stores: the contract that all of them keep, and the special features of each.

mod clocks;
mod conformance;
mod many_servers;
mod mistakes;
mod postgres;
mod postgres_pooler;
mod postgres_server;
mod postgres_tls;
mod read_size;
mod redis;
mod redis_cluster;
mod redis_failover;
mod redis_index;
mod redis_url;
mod shared;
mod sqlite;
mod sqlite_failed_syncs;
mod sqlite_guest;
mod sqlite_migrations;
mod sqlite_sharing;
mod unreadable;
mod waiting;

/// An error as its user sees it, with its causes and its debug output.
fn whole(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let texts: Vec<String> = causes.map(ToString::to_string).collect();
    format!("{error:?}: {}", texts.join(": "))
}
