//! [`Cookies`] and [`CookieLine`]: the cookie headers in parts that faults can change.

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

/// The cookies of a request, as names and values.
pub(in crate::app::weaknesses) struct Cookies(pub(in crate::app::weaknesses) Vec<(String, String)>);

impl Cookies {
    pub(in crate::app::weaknesses) fn of(headers: &HeaderMap) -> Self {
        let fields = headers.get_all(COOKIE).iter().map(|field| String::from_utf8_lossy(field.as_bytes()));
        let mut pairs = Vec::new();
        for field in fields {
            let split = field.split(';').filter_map(|pair| pair.trim_ascii().split_once('='));
            pairs.extend(split.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        Cookies(pairs)
    }

    /// The values of the cookies with this name.
    pub(in crate::app::weaknesses) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Replaces the values of the cookies with this name.
    pub(in crate::app::weaknesses) fn replace(&mut self, name: &str, value: impl Fn(&str) -> String) {
        for (_, found) in self.0.iter_mut().filter(|(found, _)| found == name) {
            *found = value(found);
        }
    }

    pub(in crate::app::weaknesses) fn write(self, headers: &mut HeaderMap) {
        let pairs: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        match HeaderValue::try_from(pairs.join("; ")) {
            Ok(field) if !pairs.is_empty() => _ = headers.insert(COOKIE, field),
            _ => _ = headers.remove(COOKIE),
        }
    }
}

/// A `Set-Cookie` line without its name.
pub(in crate::app::weaknesses) struct CookieLine {
    /// Empty if the line deletes the cookie.
    pub(in crate::app::weaknesses) value: String,
    pub(in crate::app::weaknesses) attributes: Vec<String>,
}

impl CookieLine {
    pub(in crate::app::weaknesses) fn deletes(&self) -> bool {
        self.value.is_empty()
    }

    pub(in crate::app::weaknesses) fn without(mut self, attribute: &str) -> Self {
        self.attributes.retain(|it| !it.split('=').next().unwrap_or(it).eq_ignore_ascii_case(attribute));
        self
    }

    pub(in crate::app::weaknesses) fn with(mut self, attribute: impl Into<String>) -> Self {
        self.attributes.push(attribute.into());
        self
    }
}

/// The line that sets the cookie with this name.
pub(in crate::app::weaknesses) fn find_set_cookie(headers: &HeaderMap, name: &str) -> Option<CookieLine> {
    headers.get_all(SET_COOKIE).iter().find_map(|line| parse(line, name))
}

/// Changes the lines of the cookie with this name. `None` removes a line.
pub(in crate::app::weaknesses) fn edit_set_cookie(
    headers: &mut HeaderMap,
    name: &str,
    edit: impl Fn(CookieLine) -> Option<CookieLine>,
) {
    let lines: Vec<HeaderValue> = headers.get_all(SET_COOKIE).iter().cloned().collect();
    headers.remove(SET_COOKIE);
    for line in lines {
        let edited = match parse(&line, name) {
            None => Some(line),
            Some(parsed) => edit(parsed).and_then(|parsed| write(name, &parsed)),
        };
        if let Some(line) = edited {
            headers.append(SET_COOKIE, line);
        }
    }
}

fn parse(line: &HeaderValue, name: &str) -> Option<CookieLine> {
    let line = line.to_str().ok()?.strip_prefix(name)?.strip_prefix('=')?;
    let mut parts = line.split(';').map(|part| part.trim().to_owned());
    Some(CookieLine { value: parts.next()?, attributes: parts.collect() })
}

fn write(name: &str, cookie: &CookieLine) -> Option<HeaderValue> {
    let attributes: String = cookie.attributes.iter().map(|attribute| format!("; {attribute}")).collect();
    HeaderValue::try_from(format!("{name}={}{attributes}", cookie.value)).ok()
}
