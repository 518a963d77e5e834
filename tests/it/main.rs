//! The integration tests: one binary, which is linked once.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    missing_debug_implementations,
    reason = "tests speak by panics, and nobody imports them"
)]

mod support;

mod accounts;
mod any_login;
mod applications;
mod behind_nginx;
mod browser;
mod cookies;
mod csrf;
mod exchange;
mod history;
mod hostile;
mod inspect;
mod inspect_page;
mod jar;
mod layers;
mod listener;
mod listener_tls;
mod login;
mod logout;
mod many_servers;
mod operations;
mod output;
mod postgres;
mod postgres_server;
mod postgres_tls;
mod properties;
mod proxy;
mod readme;
mod redis;
mod redis_cluster;
mod rfc6265bis;
mod serve;
mod sessions;
mod sqlite;
mod sqlite_index;
mod stores;
mod submit;
mod texts;
mod tls;
mod tour;
mod verdicts;
mod visit;
mod web;
mod why;
