//! Filling in a form and creating its request (HTML, form submission).

use std::borrow::Cow;

use encoding_rs::Encoding;
use http::Method;

use super::control::{Choice, Control, ControlKind, Override};
use super::form::{Form, FormEncoding, FormMethod};
use crate::client::http::error::ClientError;
use crate::client::http::exchange::SentField;
use crate::client::http::request::{Body, Request};

/// The values for the fields of a form.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Filling {
    /// Values by field name. Names that the form does not have are sent too.
    pub values: Vec<(String, String)>,
    /// Files by field name.
    pub files: Vec<(String, Upload)>,
    /// The index of the pressed button among the controls.
    pub button: Option<usize>,
}

/// A file to upload.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Upload {
    /// Its name, without its directory.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Upload {
    /// A file with this name, media type and content.
    ///
    /// ```
    /// use sessctl::client::form::{Filling, Upload};
    ///
    /// let mut filling = Filling::default();
    /// filling.files.push(("avatar".to_owned(), Upload::new("me.png", "image/png", vec![0x89, 0x50])));
    /// ```
    #[must_use]
    pub fn new(name: impl Into<String>, content_type: impl Into<String>, bytes: Vec<u8>) -> Self {
        Upload { name: name.into(), content_type: content_type.into(), bytes }
    }
}

/// The value of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryValue {
    /// A text.
    Text(String),
    /// A file.
    File(Upload),
}

impl EntryValue {
    /// The value as text. For a file, this is its name (HTML, converting an entry list).
    fn text(&self) -> &str {
        match self {
            EntryValue::Text(text) => text,
            EntryValue::File(file) => &file.name,
        }
    }
}

impl Form {
    /// The request that submits the form with these values.
    ///
    /// # Errors
    /// [`ClientError::BadRequest`] if the operating system returns no random bytes for a multipart boundary.
    pub fn submission(&self, filling: &Filling) -> Result<Request, ClientError> {
        let entries = self.entries(filling);
        let pressed = filling.button.and_then(|index| self.controls.get(index)?.overrides());
        let Override { method, encoding, .. } = pressed.cloned().unwrap_or_default();
        let mut request = Request::page(self.target(filling.button).clone());
        request.from_page = Some(self.page.clone());
        request.has_password = self.has_password(&entries);
        if method.unwrap_or(self.method) == FormMethod::Post {
            request.method = Method::POST;
            request.body = Some(body_of(&entries, encoding.unwrap_or(self.encoding), self.charset)?);
            request.fields = entries.into_iter().map(|(name, _)| filling.sent_field(name)).collect();
        } else {
            let query = url_encoded(&entries, self.charset);
            request.url.set_query((!query.is_empty()).then_some(&query));
        }
        Ok(request)
    }

    /// Whether a hidden field gives the value of an unchecked checkbox of the same name.
    pub(super) fn is_fallback(&self, control: &Control) -> bool {
        let is_checkbox = |other: &Control| {
            matches!(other.kind, ControlKind::Checkbox { .. })
                && other.name == control.name
                && !other.disabled
        };
        control.kind == ControlKind::Hidden && self.controls.iter().any(is_checkbox)
    }

    /// A hidden `_charset_` is sent with the name of the encoding (HTML, constructing the entry list).
    fn with_charset<'a>(&self, control: &'a Control) -> Cow<'a, Control> {
        if control.kind == ControlKind::Hidden && control.name.eq_ignore_ascii_case("_charset_") {
            return Cow::Owned(Control { value: self.charset.name().to_owned(), ..control.clone() });
        }
        Cow::Borrowed(control)
    }

    fn has_password(&self, entries: &[(String, EntryValue)]) -> bool {
        let fields = || self.controls.iter().filter(|control| control.kind == ControlKind::Password);
        entries.iter().any(|(name, value)| !value.text().is_empty() && fields().any(|it| it.name == *name))
    }

    /// The entry list: names and values, in order.
    #[must_use]
    pub fn entries(&self, filling: &Filling) -> Vec<(String, EntryValue)> {
        let mut entries = Vec::new();
        for (index, control) in self.controls.iter().enumerate().filter(|(_, control)| !control.disabled) {
            let pressed = filling.button == Some(index);
            let mut add = |name: String, value: EntryValue| entries.push((name, value));
            if let (ControlKind::Image(_), true) = (&control.kind, pressed) {
                let prefix =
                    if control.name.is_empty() { String::new() } else { format!("{}.", control.name) };
                for axis in ["x", "y"] {
                    add(format!("{prefix}{axis}"), EntryValue::Text("0".to_owned()));
                }
            } else if control.name.is_empty() {
                // A control without a name is not sent.
            } else if control.kind == ControlKind::File {
                let given = filling.files.iter().filter(|(name, _)| *name == control.name);
                let mut files: Vec<Upload> = given.map(|(_, file)| file.clone()).collect();
                if files.is_empty() {
                    // A file field without a file sends an empty file.
                    let content_type = "application/octet-stream".to_owned();
                    files.push(Upload { content_type, ..Upload::default() });
                }
                files.into_iter().for_each(|file| add(control.name.clone(), EntryValue::File(file)));
            } else {
                let given = if self.is_fallback(control) {
                    Vec::new()
                } else {
                    filling.given(&control.name).collect()
                };
                let control = &self.with_charset(control);
                for value in sent_values(control, &given, pressed) {
                    add(control.name.clone(), EntryValue::Text(value));
                }
            }
        }
        let is_known =
            |name: &str| self.controls.iter().any(|control| !control.disabled && control.name == name);
        let others = filling.values.iter().filter(|(name, _)| !is_known(name)).cloned();
        entries.extend(others.map(|(name, value)| (name, EntryValue::Text(value))));
        let files = filling.files.iter().filter(|(name, _)| !is_known(name)).cloned();
        entries.extend(files.map(|(name, file)| (name, EntryValue::File(file))));
        entries
    }
}

impl Filling {
    /// Text values.
    #[must_use]
    pub fn of(values: Vec<(String, String)>, button: Option<usize>) -> Self {
        Filling { values, files: Vec::new(), button }
    }

    /// Replaces ids and labels by the names of their fields. A file for a field that takes text gives it its text, without
    /// the line break at the end.
    pub(in crate::client) fn fit(&mut self, form: &Form) {
        let names = self.values.iter_mut().map(|(name, _)| name);
        for name in names.chain(self.files.iter_mut().map(|(name, _)| name)) {
            if let Some(field) = form.field(name) {
                name.clone_from(&field.name);
            }
        }
        let takes_text = |name: &String| {
            form.field(name).is_some_and(|field| {
                matches!(field.kind, ControlKind::Text(_) | ControlKind::Password | ControlKind::Hidden)
            })
        };
        for (name, file) in std::mem::take(&mut self.files) {
            match std::str::from_utf8(&file.bytes) {
                Ok(text) if takes_text(&name) => {
                    let line = text.strip_suffix('\n').unwrap_or(text);
                    self.values.push((name, line.strip_suffix('\r').unwrap_or(line).to_owned()));
                }
                _ => self.files.push((name, file)),
            }
        }
    }

    /// A field that is sent, and whether its value is of the page.
    fn sent_field(&self, name: String) -> SentField {
        let is_given = self.given(&name).next().is_some() || self.files.iter().any(|(file, _)| *file == name);
        SentField { name, from_page: !is_given }
    }

    /// The values for a name.
    pub(super) fn given<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}

fn sent_values(control: &Control, given: &[&str], pressed: bool) -> Vec<String> {
    let own = || control.value.clone();
    match &control.kind {
        ControlKind::Text(_) | ControlKind::Password | ControlKind::Hidden => {
            vec![given.last().map_or_else(own, |value| (*value).to_owned())]
        }
        kind @ (ControlKind::Checkbox { checked } | ControlKind::Radio { checked }) => {
            let words = if matches!(kind, ControlKind::Checkbox { .. }) { &CHECKED_WORDS[..] } else { &[] };
            let checks = |value: &&str| *value == control.value || words.contains(value);
            let is_checked = if given.is_empty() { *checked } else { given.iter().any(checks) };
            if is_checked { vec![own()] } else { Vec::new() }
        }
        ControlKind::Select { options, multiple } => selected_values(options, *multiple, given),
        ControlKind::Submit(_) if pressed => vec![own()],
        ControlKind::File | ControlKind::Submit(_) | ControlKind::Image(_) | ControlKind::Button => {
            Vec::new()
        }
    }
}

/// Values that check a checkbox, whatever value it sends.
pub(super) const CHECKED_WORDS: [&str; 3] = ["on", "true", "yes"];
/// Values that leave a checkbox unchecked.
pub(super) const UNCHECKED_WORDS: [&str; 4] = ["off", "false", "no", ""];

fn selected_values(options: &[Choice], multiple: bool, given: &[&str]) -> Vec<String> {
    if !given.is_empty() {
        // Options are found by value or visible text. Other values are sent unchanged.
        let by_name =
            |name: &&str| options.iter().find(|option| option.value == **name || option.label == **name);
        return given
            .iter()
            .map(|name| by_name(name).map_or((*name).to_owned(), |option| option.value.clone()))
            .collect();
    }
    let mut selected: Vec<&Choice> =
        options.iter().filter(|option| option.selected && !option.disabled).collect();
    if !multiple {
        // A single selection always has a selected option: the last `selected` one, or the first one.
        let first = || options.iter().find(|option| !option.disabled);
        selected = selected.pop().or_else(first).into_iter().collect();
    }
    selected.into_iter().map(|option| option.value.clone()).collect()
}

fn body_of(
    entries: &[(String, EntryValue)],
    encoding: FormEncoding,
    charset: &'static Encoding,
) -> Result<Body, ClientError> {
    Ok(match encoding {
        FormEncoding::UrlEncoded => {
            Body::new("application/x-www-form-urlencoded", url_encoded(entries, charset).into_bytes())
        }
        FormEncoding::Multipart => multipart(entries, charset)?,
        FormEncoding::Plain => {
            let line = |(name, value): &(String, EntryValue)| {
                format!("{}={}\r\n", with_crlf(name), with_crlf(value.text()))
            };
            Body::new("text/plain", entries.iter().map(line).collect::<String>().into_bytes())
        }
    })
}

/// Line breaks are CRLF in every encoding (HTML, constructing the entry list).
fn url_encoded(entries: &[(String, EntryValue)], charset: &'static Encoding) -> String {
    let encode = encoder(charset);
    let mut serializer = form_urlencoded::Serializer::new(String::new());
    serializer.encoding_override(Some(&encode));
    for (name, value) in entries {
        serializer.append_pair(&with_crlf(name), &with_crlf(value.text()));
    }
    serializer.finish()
}

fn multipart(entries: &[(String, EntryValue)], charset: &'static Encoding) -> Result<Body, ClientError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| ClientError::BadRequest(error.to_string()))?;
    let boundary = format!("----sessctl{:032x}", u128::from_ne_bytes(random));
    let encode = encoder(charset);
    let mut bytes = Vec::new();
    let quoted = |text: &str| {
        let text = with_crlf(text).replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        [&b"\""[..], &encode(&text), b"\""].concat()
    };
    let mut put = |parts: &[&[u8]]| parts.iter().for_each(|part| bytes.extend_from_slice(part));
    for (name, value) in entries {
        let start = format!("--{boundary}\r\nContent-Disposition: form-data; name=");
        put(&[start.as_bytes(), &quoted(name)]);
        match value {
            EntryValue::Text(text) => put(&[b"\r\n\r\n", &encode(&with_crlf(text))]),
            EntryValue::File(file) => {
                put(&[b"; filename=", &quoted(&file.name), b"\r\nContent-Type: "]);
                put(&[file.content_type.as_bytes(), b"\r\n\r\n", &file.bytes]);
            }
        }
        put(&[b"\r\n"]);
    }
    put(&[format!("--{boundary}--\r\n").as_bytes()]);
    Ok(Body::new(format!("multipart/form-data; boundary={boundary}"), bytes))
}

/// Characters that the encoding lacks become character references, as in browsers.
fn encoder(charset: &'static Encoding) -> impl Fn(&str) -> Cow<'_, [u8]> {
    move |text| charset.encode(text).0
}

fn with_crlf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}
