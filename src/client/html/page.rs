//! [`HtmlPage`]: the forms, links and texts of an HTML page.

use encoding_rs::Encoding;
use http::Method;
use scraper::{ElementRef, Html};
use url::Url;

use super::blocker::{self, Blocker};
use super::csrf_meta::{self, CsrfToken};
use super::dom::{self, fold_spaces, label_of};
use super::form::Form;
use super::refresh;
use crate::client::http::agent::Response;
use crate::client::http::charset;

/// Prefixes of the words in the class names of errors.
const ERROR_CLASSES: [&str; 3] = ["error", "invalid", "danger"];

/// The same for other messages.
const MESSAGE_CLASSES: [&str; 6] = ["alert", "warning", "flash", "message", "notice", "toast"];

/// A parsed page.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HtmlPage {
    /// Its URL.
    pub url: Url,
    /// Its forms, in document order.
    pub forms: Vec<Form>,
    /// Its links, in document order.
    pub links: Vec<Link>,
    /// Its texts, one for each block.
    pub texts: Vec<String>,
    /// The texts that are marked as errors.
    pub errors: Vec<String>,
    /// The texts that are marked as other messages.
    pub messages: Vec<String>,
    /// The CSRF token that it provides for scripts.
    pub(crate) csrf_token: Option<CsrfToken>,
    /// The URLs of its frames.
    pub frames: Vec<Url>,
    /// The page that it redirects to, by `Refresh`, `meta` or script.
    pub refresh: Option<Url>,
    /// What requires a real browser or a person.
    pub blockers: Vec<Blocker>,
    /// Its title and headings.
    pub headings: Vec<String>,
    /// The index of the form that a script of the page submits: it has only hidden fields.
    pub self_submitting_form: Option<usize>,
}

/// A link to another page.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Link {
    /// Its URL.
    pub target: Url,
    /// Its text.
    pub text: String,
    /// The method that a script uses for it (`data-method`), if that is not GET.
    pub method: Option<Method>,
}

impl HtmlPage {
    /// Parses the body of a response as HTML, whatever its content type. Other text becomes a page without forms.
    #[must_use]
    pub fn of(response: &Response) -> HtmlPage {
        let charset = charset::encoding_of(&response.headers, &response.body);
        let mut page = Self::parse(&response.text(), &response.url, charset.output_encoding());
        // The header takes precedence over the element (HTML, shared declarative refresh steps).
        page.refresh = refresh::in_headers(&response.headers, &response.url).or(page.refresh);
        page
    }

    /// An empty page.
    pub(crate) fn blank(url: Url) -> HtmlPage {
        Self::parse("", &url, encoding_rs::UTF_8)
    }

    fn parse(html: &str, url: &Url, charset: &'static Encoding) -> HtmlPage {
        let document = Html::parse_document(html);
        let elements: Vec<ElementRef<'_>> =
            document.tree.root().descendants().filter_map(ElementRef::wrap).collect();
        let called = |names: &'static [&'static str]| {
            elements.iter().filter(move |element| names.contains(&element.value().name()))
        };
        let base = called(&["base"]).next();
        let base =
            base.and_then(|base| url.join(base.attr("href")?.trim()).ok()).unwrap_or_else(|| url.clone());
        let links = called(&["a"]).filter_map(|link| {
            let target = base.join(link.attr("href")?.trim()).ok()?;
            let method = ["data-method", "data-turbo-method"].iter().find_map(|name| link.attr(name));
            let method = method.and_then(|method| method.to_ascii_uppercase().parse().ok());
            let method = method.filter(|method| *method != Method::GET);
            Some(Link { target, text: label_of(*link), method })
        });
        let frames = called(&["iframe", "frame"]);
        let frames = frames.filter_map(|frame| base.join(frame.attr("src")?.trim()).ok());
        let metas = called(&["meta"]).filter_map(|it| Some((it.attr("name")?, it.attr("content")?)));
        let headings = called(&["title", "h1", "h2", "legend"]);
        let forms = Form::all_in(&elements, &base, url, charset);
        let with_text = dom::elements_with_text(&elements);
        HtmlPage {
            csrf_token: csrf_meta::in_metas(metas),
            url: url.clone(),
            headings: headings.map(|heading| fold_spaces(&heading.text().collect::<String>())).collect(),
            self_submitting_form: refresh::self_submitting_form(&elements, &forms),
            blockers: blocker::all_in(&elements, &forms),
            forms,
            links: links.collect(),
            frames: frames.filter(|frame| matches!(frame.scheme(), "http" | "https")).collect(),
            refresh: refresh::in_metas(&elements, &base).or_else(|| refresh::in_scripts(&elements, &base)),
            texts: elements.iter().filter_map(|element| dom::own_text(*element, &with_text)).collect(),
            errors: dom::marked(&elements, "alert", &ERROR_CLASSES),
            messages: dom::marked(&elements, "status", &MESSAGE_CLASSES),
        }
    }
}
