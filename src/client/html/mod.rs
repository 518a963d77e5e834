//! HTML pages: their forms, links and redirects.

pub(crate) mod blocker;
pub(crate) mod dom;
pub mod form;
pub(crate) mod page;
pub(crate) mod refresh;
