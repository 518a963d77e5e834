//! A browser of this machine, which draws the pages that only scripts draw: Chromium with the DevTools protocol, Firefox
//! with WebDriver BiDi.

mod bidi;
#[allow(clippy::module_inception, reason = "a file is named after its type")]
pub(crate) mod browser;
pub(crate) mod config;
mod connection;
mod devtools;
pub(crate) mod drawn_page;
pub(crate) mod error;
mod installation;
pub(crate) mod page_requests;
mod process;
mod remote;
mod settings;
pub(crate) mod stored_item;

pub use config::{BrowserConfig, BrowserMode, BrowserNotice, Notify};
pub use error::BrowserError;
pub use stored_item::{StorageArea, StoredItem};
