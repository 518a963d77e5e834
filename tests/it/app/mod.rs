//! The application that `serve` runs, the tour and its texts.

mod accounts;
mod behind_nginx;
pub(crate) mod browser;
pub(crate) mod inspect;
mod inspect_page;
mod lessons;
mod negotiation;
mod operations;
mod probes;
mod proxy;
mod requests;
mod serve;
mod texts;
mod tour;
mod weaknesses;
