//! What tests stand on: a home of their own, a server of their own, scripted servers that misbehave on cue.

mod home;
mod http;
mod script;
mod serve;

pub use home::{Home, Ran};
pub use http::{Answer, Kept, exchange, get, post};
pub use script::{Script, Seen, html, redirect, respond};
pub use serve::Serve;
