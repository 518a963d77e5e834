//! Resolves the URL or path that the user typed.

use sessctl::internal::{Masking, Redactor};
use url::Url;

use super::failure::Failure;
use crate::texts::Message;

/// Accepts `http://host/x`, and `host.name/x`, `localhost:8000` and `:8000/x` with their missing parts filled in. All other
/// texts are paths relative to `base`.
pub(super) fn resolve(text: Option<&str>, base: &Url) -> Result<Url, Failure> {
    let text = text.unwrap_or_default();
    let first = text.split(['/', '?', '#']).next().unwrap_or_default();
    let is_port = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (name, port) = first.rsplit_once(':').unwrap_or((first, "0"));
    let named =
        name == "localhost" || (name.contains('.') && !name.starts_with('.')) || name.starts_with('[');
    let is_host = is_port(port) && (named || (!name.is_empty() && first.contains(':')));
    let parsed = if first.ends_with(':') && text[first.len()..].starts_with("//") {
        Url::parse(text)
    } else if is_host {
        Url::parse(&format!("http://{text}"))
    } else if first.starts_with(':') && is_port(port) {
        Url::parse(&format!("http://localhost{text}"))
    } else {
        base.join(text)
    };
    let text = Redactor::new(Masking::Short).reference(text);
    let url = parsed.map_err(|error| {
        let message = format!("{text:?} is not a URL or path: {error}; write https://HOST/PATH or /PATH");
        let message = Message::new("error-invalid-target", message).with("text", format!("{text:?}"));
        Failure::usage(message.with("why", error.to_string()))
    })?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        scheme => {
            let english = format!("cannot request {text:?}: the scheme {scheme} is neither http nor https");
            let message = Message::new("error-unknown-scheme", english).with("scheme", scheme);
            Err(Failure::usage(message.with("text", format!("{text:?}"))))
        }
    }
}

/// Removes user information from a URL that is only shown.
pub(super) fn without_credentials(mut url: Url) -> Url {
    // Fails only for URLs without a host, which have no user information.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_ports_and_paths_are_told_apart() {
        let base = Url::parse("http://base.test:1/app/").unwrap();
        for (text, url) in [
            ("", "http://base.test:1/app/"),
            ("/x?y", "http://base.test:1/x?y"),
            ("x", "http://base.test:1/app/x"),
            ("?q=a.b", "http://base.test:1/app/?q=a.b"),
            ("https://a.test", "https://a.test/"),
            ("localhost:8000/x", "http://localhost:8000/x"),
            ("127.0.0.1:8000", "http://127.0.0.1:8000/"),
            ("[::1]:80/x", "http://[::1]/x"),
            ("a.test/x", "http://a.test/x"),
            ("web:3000", "http://web:3000/"),
            (":8000/x", "http://localhost:8000/x"),
            ("../x", "http://base.test:1/x"),
            ("/login?next=http://x", "http://base.test:1/login?next=http://x"),
        ] {
            assert_eq!(resolve(Some(text), &base).unwrap().as_str(), url, "{text}");
        }
        for bad in ["ftp://a.test", "file:///etc/passwd", "javascript:alert(1)", "http://"] {
            assert!(resolve(Some(bad), &base).is_err(), "{bad}");
        }
    }
}
