//! Requests, redirects and responses: what was sent and received, exactly.

pub(crate) mod agent;
pub(crate) mod body;
pub(crate) mod charset;
pub(crate) mod content_encoding;
pub(crate) mod error;
pub(crate) mod exchange;
pub(crate) mod fetch_metadata;
mod passwords;
pub(crate) mod request;
pub(crate) mod transport;
