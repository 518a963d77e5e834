//! HTML pages: their forms, links and redirects.

pub(crate) mod blocker;
pub(crate) mod csrf_meta;
pub(crate) mod dom;
pub mod form;
pub(crate) mod page;
pub(crate) mod parser;
pub(crate) mod refresh;
mod script_addresses;
pub(crate) mod select;

pub use blocker::Blocker;
pub use page::{HtmlPage, Link};
