//! [`HtmlPage`]: the forms, links and texts of an HTML page.

use std::time::Instant;

use encoding_rs::Encoding;
use http::Method;
use scraper::{ElementRef, Html};
use url::Url;

use super::blocker::{self, Blocker};
use super::csrf_meta::{self, CsrfToken};
use super::dom::{self, fold_spaces, label_of, start_of};
use super::form::Form;
use super::parser::{self, Extent};
use super::refresh;
use super::script_addresses;
use crate::client::http::charset;
use crate::client::http::response::Response;

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
    /// The addresses that its scripts may request.
    pub(crate) script_addresses: Vec<Url>,
    /// Those of its texts that are not on the screen: they are for screen readers, or decorate the page.
    pub(crate) off_screen_texts: Vec<String>,
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
    /// Parses the body of a response as HTML, whatever its content type. Other text becomes a page without forms. A page
    /// of more than 200,000 nodes is cut off.
    #[must_use]
    pub fn of(response: &Response) -> HtmlPage {
        Self::parse_until(response, None).0
    }

    /// The same, before the deadline. Tells how much of the page was parsed.
    pub(crate) fn parse_until(response: &Response, deadline: Option<Instant>) -> (HtmlPage, Extent) {
        let charset = charset::encoding_of(&response.headers, &response.body);
        let (document, extent) = parser::parse(&response.text(), deadline);
        let mut page = Self::of_document(&document, &response.url, charset.output_encoding());
        // The header takes precedence over the element (HTML, shared declarative refresh steps).
        page.refresh = refresh::in_headers(&response.headers, &response.url).or(page.refresh);
        (page, extent)
    }

    /// The form that posts a message of a single sign-on without the user.
    pub(crate) fn sign_on_form(&self) -> Option<&Form> {
        self.forms.get(self.self_submitting_form?).filter(|form| refresh::has_sign_on_message(form))
    }

    /// An empty page.
    pub(crate) fn blank(url: Url) -> HtmlPage {
        Self::of_document(&Html::new_document(), &url, encoding_rs::UTF_8)
    }

    fn of_document(document: &Html, url: &Url, charset: &'static Encoding) -> HtmlPage {
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
        let texts_of = |elements: &[ElementRef<'_>]| {
            limited(elements.iter().filter_map(|element| dom::own_text(*element, &with_text)))
        };
        HtmlPage {
            csrf_token: csrf_meta::in_metas(metas),
            url: url.clone(),
            headings: limited(headings.map(|heading| heading_text(*heading))),
            script_addresses: script_addresses::all_in(&elements, &base),
            self_submitting_form: refresh::self_submitting_form(&elements, &forms),
            blockers: blocker::all_in(&elements, &forms),
            forms,
            links: links.collect(),
            frames: frames.filter(|frame| matches!(frame.scheme(), "http" | "https")).collect(),
            refresh: refresh::in_metas(&elements, &base).or_else(|| refresh::in_scripts(&elements, &base)),
            texts: texts_of(&elements),
            off_screen_texts: texts_of(&dom::off_screen(&elements)),
            errors: dom::marked(&elements, "alert", &ERROR_CLASSES),
            messages: dom::marked(&elements, "status", &MESSAGE_CLASSES),
        }
    }
}

/// The maximum length of all texts of a page in bytes. Nested elements of a hostile page repeat their texts.
const MAX_TEXTS_LEN: usize = 4 * 1024 * 1024;

/// As many texts as the limit allows.
fn limited(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut room = MAX_TEXTS_LEN;
    let mut fits = |text: &String| {
        let rest = room.checked_sub(text.len());
        room = rest.unwrap_or(0);
        rest.is_some()
    };
    texts.take_while(|text| fits(text)).collect()
}

/// The text of a heading. `title` is not visible in the page, so it is not left out here.
fn heading_text(heading: ElementRef<'_>) -> String {
    let pieces = heading.text().take(MAX_HEADING_PIECES).map(|piece| start_of(piece, MAX_HEADING_PIECES));
    fold_spaces(&pieces.collect::<String>())
}

/// The maximum number of texts in a heading, and the maximum length of each.
const MAX_HEADING_PIECES: usize = 200;
