//! [`StatusPattern`]: a status code, or a class of them.

use std::fmt;
use std::str::FromStr;

use http::StatusCode;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatusPattern {
    Exactly(StatusCode),
    Class(u16),
}

impl FromStr for StatusPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let class = text.to_ascii_lowercase().strip_suffix("xx").and_then(|class| class.parse().ok());
        if let Some(class) = class.filter(|class| (1..=5).contains(class)) {
            return Ok(StatusPattern::Class(class));
        }
        let status = text.parse().map_err(|_| "not a status code; write 200, or 2xx for a class".to_owned());
        status.map(StatusPattern::Exactly)
    }
}

impl StatusPattern {
    pub(super) fn matches(self, status: StatusCode) -> bool {
        match self {
            StatusPattern::Exactly(wanted) => wanted == status,
            StatusPattern::Class(class) => status.as_u16() / 100 == class,
        }
    }
}

impl fmt::Display for StatusPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StatusPattern::Exactly(status) => write!(f, "{}", status.as_u16()),
            StatusPattern::Class(class) => write!(f, "{class}xx"),
        }
    }
}
