//! `serve --inspect`: a live page of the exchanges with this server and of the sessions that it stores. It runs in front
//! of the application: its own requests are neither shown nor counted, and need no session.

mod endpoints;
mod event_stream;
mod feed;
mod inspect_layer;
mod inspect_page;
mod inspector;
mod observed_exchange;
mod rate_limit;
mod snapshot;
mod ticker;

pub(super) use inspect_layer::inspected;
pub(crate) use inspector::Inspector;
