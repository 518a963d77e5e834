//! Where a redirect leads.

use http::HeaderValue;
use http::header::LOCATION;
use url::Url;

/// The target of a redirect.
pub(super) fn redirect_of(response: &reqwest::Response) -> Option<&HeaderValue> {
    let redirects = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    response.headers().get(LOCATION).filter(|_| redirects)
}

/// Resolves `Location` as browsers do: non-ASCII bytes count as UTF-8, and the fragment of the request is kept if the
/// target has none. The error contains the text of `Location` and the reason.
pub(super) fn target_of(url: &Url, location: &HeaderValue) -> Result<Url, (String, String)> {
    let text = String::from_utf8_lossy(location.as_bytes());
    let mut target = url.join(&text).map_err(|error| (text.to_string(), error.to_string()))?;
    if !matches!(target.scheme(), "http" | "https") {
        return Err((text.to_string(), format!("the scheme `{}` is not http or https", target.scheme())));
    }
    if target.fragment().is_none() {
        target.set_fragment(url.fragment());
    }
    // User information in a redirect only serves to mislead readers of the URL.
    let _ = target.set_username("");
    let _ = target.set_password(None);
    Ok(target)
}
