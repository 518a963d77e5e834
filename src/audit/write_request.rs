//! [`WriteRequest`]: a request that adds 1 to a stored number, and [`ShownValue`]: where a response shows that number.

use std::str::FromStr;

use http::Method;
use scraper::{Html, Selector};
use serde_json::Value;
use thiserror::Error;

use crate::client::http::Response;

/// A request that adds 1 to a stored number: `METHOD PATH [NAME=VALUE…]`.
///
/// ```
/// use sessctl::audit::WriteRequest;
///
/// let write: WriteRequest = "POST /cart/add item=7".parse()?;
/// assert_eq!((write.path.as_str(), write.fields.len()), ("/cart/add", 1));
/// # Ok::<(), sessctl::audit::InvalidWrite>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WriteRequest {
    /// The method.
    pub method: Method,
    /// The path, or a URL of the application.
    pub path: String,
    /// The fields that are sent as a form.
    pub fields: Vec<(String, String)>,
}

/// Why a text is not a request that writes, or not a place of a number.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidWrite {
    /// It is not `METHOD PATH [NAME=VALUE…]`.
    #[error("it is not METHOD PATH [NAME=VALUE…], such as 'POST /counter'")]
    Form,
    /// A field is not `NAME=VALUE`.
    #[error("the field {0:?} is not NAME=VALUE")]
    Field(String),
    /// It is neither a JSON pointer nor a CSS selector.
    #[error("it is neither a JSON pointer (/count) nor a CSS selector (#count)")]
    Place,
}

impl FromStr for WriteRequest {
    type Err = InvalidWrite;

    fn from_str(text: &str) -> Result<Self, InvalidWrite> {
        let mut words = text.split_whitespace();
        let method = words.next().and_then(|it| Method::from_bytes(it.as_bytes()).ok());
        let (Some(method), Some(path)) = (method, words.next()) else { return Err(InvalidWrite::Form) };
        let is_upper = method.as_str().bytes().all(|byte| byte.is_ascii_uppercase());
        if !is_upper || !(path.starts_with('/') || path.contains("://")) {
            return Err(InvalidWrite::Form);
        }
        let field = |word: &str| match word.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
            _ => Err(InvalidWrite::Field(word.to_owned())),
        };
        let fields = words.map(field).collect::<Result<_, _>>()?;
        Ok(WriteRequest { method, path: path.to_owned(), fields })
    }
}

/// Where a response shows the number: a JSON pointer, or a CSS selector.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShownValue {
    /// A JSON pointer (RFC 6901).
    Pointer(String),
    /// A CSS selector; the number is the first one in the text of the element.
    Selector(String),
}

impl FromStr for ShownValue {
    type Err = InvalidWrite;

    fn from_str(text: &str) -> Result<Self, InvalidWrite> {
        match text {
            _ if text.starts_with('/') => Ok(ShownValue::Pointer(text.to_owned())),
            _ if Selector::parse(text).is_ok() => Ok(ShownValue::Selector(text.to_owned())),
            _ => Err(InvalidWrite::Place),
        }
    }
}

impl ShownValue {
    /// The number in a response, if there is one.
    pub(super) fn number_in(&self, response: &Response) -> Option<i64> {
        match self {
            ShownValue::Pointer(pointer) => {
                let body: Value = response.json().ok()?;
                let value = body.pointer(pointer)?;
                value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
            }
            ShownValue::Selector(selector) => {
                let (document, selector) =
                    (Html::parse_document(&response.text()), Selector::parse(selector).ok()?);
                let text: String = document.select(&selector).next()?.text().collect();
                let number =
                    text.split(|c: char| !c.is_ascii_digit() && c != '-').find(|it| !it.is_empty())?;
                number.parse().ok()
            }
        }
    }
}
