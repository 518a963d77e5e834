//! Filling a form in and writing it as a request (HTML, form submission).

use std::borrow::Cow;

use encoding_rs::Encoding;
use http::Method;

use super::{Choice, Control, ControlKind, Form, FormEncoding, FormMethod};
use crate::client::error::ClientError;
use crate::client::request::{Body, PAGE, Request};

impl Form {
    /// The request that submits the form with `button`, after `values` were put into the fields of these
    /// names; a name that the form does not have is sent beside its fields.
    ///
    /// # Errors
    /// [`ClientError::BadRequest`], when there is no randomness for a multipart boundary.
    pub fn submission(
        &self,
        values: &[(String, String)],
        button: Option<usize>,
    ) -> Result<Request, ClientError> {
        let entries = self.entries(values, button);
        let (mut action, mut method, mut encoding) = (self.action.clone(), self.method, self.encoding);
        let pressed = button.and_then(|index| self.controls.get(index)).map(|control| &control.kind);
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
        request.from_page = Some(self.page.clone());
        Ok(request)
    }

    /// Names and values in their order, as they are sent.
    #[must_use]
    pub fn entries(&self, values: &[(String, String)], button: Option<usize>) -> Vec<(String, String)> {
        let mut entries = Vec::new();
        for (index, control) in self.controls.iter().enumerate().filter(|(_, control)| !control.disabled) {
            let given: Vec<&str> = values
                .iter()
                .filter(|(name, _)| *name == control.name)
                .map(|(_, value)| value.as_str())
                .collect();
            let pressed = button == Some(index);
            if let (ControlKind::Image(_), true) = (&control.kind, pressed) {
                let prefix =
                    if control.name.is_empty() { String::new() } else { format!("{}.", control.name) };
                entries.extend(["x", "y"].map(|axis| (format!("{prefix}{axis}"), "0".to_owned())));
            } else if !control.name.is_empty() {
                let sent = sent_values(control, &given, pressed);
                entries.extend(sent.into_iter().map(|value| (control.name.clone(), value)));
            }
        }
        let is_known =
            |name: &str| self.controls.iter().any(|control| !control.disabled && control.name == name);
        entries.extend(values.iter().filter(|(name, _)| !is_known(name)).cloned());
        entries
    }
}

fn sent_values(control: &Control, given: &[&str], pressed: bool) -> Vec<String> {
    let own = || control.value.clone();
    match &control.kind {
        ControlKind::Text(_) | ControlKind::Password | ControlKind::Hidden => {
            vec![given.last().map_or_else(own, |value| (*value).to_owned())]
        }
        ControlKind::Checkbox { checked } | ControlKind::Radio { checked } => {
            let ticked = if given.is_empty() { *checked } else { given.contains(&control.value.as_str()) };
            if ticked { vec![own()] } else { Vec::new() }
        }
        ControlKind::Select { options, multiple } => chosen(options, *multiple, given),
        ControlKind::Submit(_) if pressed => vec![own()],
        // A file field without a file sends an empty one, which only multipart can say.
        ControlKind::File => vec![given.last().map_or_else(String::new, |value| (*value).to_owned())],
        ControlKind::Submit(_) | ControlKind::Image(_) | ControlKind::Button => Vec::new(),
    }
}

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
    entries: &[(String, String)],
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
                .map(|(name, value)| format!("{}={}\r\n", with_crlf(name), with_crlf(value)))
                .collect::<String>()
                .into_bytes(),
        },
    })
}

/// Line breaks are CRLF in every encoding (HTML, constructing the entry list).
fn url_encoded(entries: &[(String, String)], charset: &'static Encoding) -> String {
    let encode = encoder(charset);
    let mut serializer = form_urlencoded::Serializer::new(String::new());
    serializer.encoding_override(Some(&encode));
    for (name, value) in entries {
        serializer.append_pair(&with_crlf(name), &with_crlf(value));
    }
    serializer.finish()
}

fn multipart(entries: &[(String, String)], charset: &'static Encoding) -> Result<Body, ClientError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| ClientError::BadRequest(error.to_string()))?;
    let boundary = format!("----sessctl{:032x}", u128::from_ne_bytes(random));
    let encode = encoder(charset);
    let mut octets = Vec::new();
    for (name, value) in entries {
        let name = with_crlf(name).replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        octets
            .extend_from_slice(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"").as_bytes());
        octets.extend_from_slice(&encode(&name));
        octets.extend_from_slice(b"\"\r\n\r\n");
        octets.extend_from_slice(&encode(&with_crlf(value)));
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
