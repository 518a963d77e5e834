//! Filling a form in and writing it as a request (HTML, form submission).

use std::borrow::Cow;

use encoding_rs::Encoding;
use http::Method;

use super::{Choice, Control, ControlKind, Form, FormEncoding, FormMethod};
use crate::client::http::error::ClientError;
use crate::client::http::fetch_metadata::Destination;
use crate::client::http::request::{Body, PAGE, Request};

/// What a person puts into a form.
#[derive(Debug, Clone, Default)]
pub struct Filling {
    /// Values by the names of their fields; a name that the form does not have is sent beside its fields.
    pub values: Vec<(String, String)>,
    /// Files by the names of their fields.
    pub files: Vec<(String, Upload)>,
    /// The button that is pressed, by its place among the controls.
    pub button: Option<usize>,
}

/// A file to send.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Upload {
    /// Its name, without its folder.
    pub name: String,
    /// What it is.
    pub content_type: String,
    /// What is in it.
    pub octets: Vec<u8>,
}

/// What is sent under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryValue {
    /// A text.
    Text(String),
    /// A file.
    File(Upload),
}

impl EntryValue {
    /// As text: of a file its name, as forms that are not multipart send it.
    fn text(&self) -> &str {
        match self {
            EntryValue::Text(text) => text,
            EntryValue::File(file) => &file.name,
        }
    }
}

impl Form {
    /// The request that submits the form with this filling.
    ///
    /// # Errors
    /// [`ClientError::BadRequest`], when there is no randomness for a multipart boundary.
    pub fn submission(&self, filling: &Filling) -> Result<Request, ClientError> {
        let entries = self.entries(filling);
        let (mut action, mut method, mut encoding) = (self.action.clone(), self.method, self.encoding);
        let pressed = filling.button.and_then(|index| self.controls.get(index)).map(|control| &control.kind);
        if let Some(ControlKind::Submit(instead) | ControlKind::Image(instead)) = pressed {
            action = instead.action.clone().unwrap_or(action);
            method = instead.method.unwrap_or(method);
            encoding = instead.encoding.unwrap_or(encoding);
        }
        let mut request = Request::new(Method::GET, action);
        if method == FormMethod::Post {
            request.method = Method::POST;
            request.body = Some(body_of(&entries, encoding, self.charset)?);
        } else {
            let query = url_encoded(&entries, self.charset);
            request.url.set_query((!query.is_empty()).then_some(&query));
        }
        request.accept = PAGE;
        request.destination = Some(Destination::Document);
        request.from_page = Some(self.page.clone());
        Ok(request)
    }

    /// Names and values in their order, as they are sent.
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
                // Nothing without a name is sent.
            } else if control.kind == ControlKind::File {
                let given = filling.files.iter().filter(|(name, _)| *name == control.name);
                let mut files: Vec<Upload> = given.map(|(_, file)| file.clone()).collect();
                if files.is_empty() {
                    // A field without a file sends an empty one.
                    let content_type = "application/octet-stream".to_owned();
                    files.push(Upload { content_type, ..Upload::default() });
                }
                files.into_iter().for_each(|file| add(control.name.clone(), EntryValue::File(file)));
            } else {
                let given: Vec<&str> = filling.given(&control.name).collect();
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
    /// A filling of texts.
    #[must_use]
    pub fn of(values: Vec<(String, String)>, button: Option<usize>) -> Self {
        Filling { values, files: Vec::new(), button }
    }

    /// The values given for a name.
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
        ControlKind::Checkbox { checked } => {
            let ticks = |value: &&&str| **value == control.value || TICKED.contains(*value);
            let ticked = if given.is_empty() { *checked } else { given.iter().any(|value| ticks(&value)) };
            if ticked { vec![own()] } else { Vec::new() }
        }
        ControlKind::Radio { checked } => {
            let ticked = if given.is_empty() { *checked } else { given.contains(&control.value.as_str()) };
            if ticked { vec![own()] } else { Vec::new() }
        }
        ControlKind::Select { options, multiple } => chosen(options, *multiple, given),
        ControlKind::Submit(_) if pressed => vec![own()],
        ControlKind::File | ControlKind::Submit(_) | ControlKind::Image(_) | ControlKind::Button => {
            Vec::new()
        }
    }
}

/// Words that tick a box, whatever it sends then; and that leave it empty.
pub(super) const TICKED: [&str; 3] = ["on", "true", "yes"];
pub(super) const UNTICKED: [&str; 4] = ["off", "false", "no", ""];

fn chosen(options: &[Choice], multiple: bool, given: &[&str]) -> Vec<String> {
    if !given.is_empty() {
        // By value or by what is shown; what the list does not have is sent as it was given.
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
        // A list that shows one entry has one chosen: the last that says so, else the first.
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
        FormEncoding::UrlEncoded => Body {
            content_type: Some("application/x-www-form-urlencoded".to_owned()),
            octets: url_encoded(entries, charset).into_bytes(),
        },
        FormEncoding::Multipart => multipart(entries, charset)?,
        FormEncoding::Plain => Body {
            content_type: Some("text/plain".to_owned()),
            octets: entries
                .iter()
                .map(|(name, value)| format!("{}={}\r\n", with_crlf(name), with_crlf(value.text())))
                .collect::<String>()
                .into_bytes(),
        },
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
    let mut octets = Vec::new();
    let quoted = |text: &str| {
        let text = with_crlf(text).replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        [&b"\""[..], &encode(&text), b"\""].concat()
    };
    for (name, value) in entries {
        let start = format!("--{boundary}\r\nContent-Disposition: form-data; name=");
        octets.extend_from_slice(&[start.as_bytes(), &quoted(name)].concat());
        match value {
            EntryValue::Text(text) => {
                octets.extend_from_slice(&[b"\r\n\r\n", &*encode(&with_crlf(text))].concat());
            }
            EntryValue::File(file) => {
                octets.extend_from_slice(&[b"; filename=", &*quoted(&file.name)].concat());
                octets
                    .extend_from_slice(format!("\r\nContent-Type: {}\r\n\r\n", file.content_type).as_bytes());
                octets.extend_from_slice(&file.octets);
            }
        }
        octets.extend_from_slice(b"\r\n");
    }
    octets.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(Body { content_type: Some(format!("multipart/form-data; boundary={boundary}")), octets })
}

/// What the encoding does not have becomes a character reference, as browsers send it.
fn encoder(charset: &'static Encoding) -> impl Fn(&str) -> Cow<'_, [u8]> {
    move |text| charset.encode(text).0
}

fn with_crlf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}
