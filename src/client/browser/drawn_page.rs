//! [`DrawnPage`]: a page as its scripts have drawn it.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;
use url::Url;

use crate::client::html::page::HtmlPage;
use crate::client::http::response::Response;

/// The script that writes a page as HTML.
pub(super) const SCRIPT: &str = include_str!("drawn_page.js");

/// What the script returns.
#[derive(Debug, Deserialize)]
pub(super) struct DrawnText {
    pub(super) url: String,
    pub(super) is_loading: bool,
    pub(super) hash: i64,
    pub(super) html: String,
    pub(super) buttons: Vec<DrawnButton>,
}

/// A button or link outside forms.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct DrawnButton {
    pub(crate) number: usize,
    pub(crate) text: String,
}

/// A page as its scripts have drawn it, with open shadow roots and frames of the same origin.
#[derive(Debug, Clone)]
pub(crate) struct DrawnPage {
    /// The page as if a server had sent it.
    pub(crate) response: Response,
    pub(crate) page: HtmlPage,
    /// The buttons and links outside its forms that can be seen.
    pub(crate) buttons: Vec<DrawnButton>,
}

impl DrawnPage {
    pub(super) fn of(text: DrawnText, url: Url, status: Option<u16>) -> Self {
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        let headers: HeaderMap = [(CONTENT_TYPE, html)].into_iter().collect();
        let mut response = Response::new(url, headers, text.html.into_bytes());
        response.status = status.and_then(|it| StatusCode::from_u16(it).ok()).unwrap_or_default();
        let page = HtmlPage::of(&response);
        DrawnPage { response, page, buttons: text.buttons }
    }
}
