//! An HTML page as far as a login needs it: its forms, its links, what it says.

use std::collections::HashSet;

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use encoding_rs::Encoding;
use http::Method;
use scraper::{ElementRef, Html, Node};
use url::Url;

use super::blocker;
use super::blocker::Blocker;
use super::form::Form;
use super::refresh;
use crate::client::auth::csrf;
use crate::client::auth::csrf::CsrfToken;
use crate::client::http::agent::Response;
use crate::client::http::charset;

/// How far up an element is asked what it is in. Browsers nest no deeper.
pub(crate) const DEEPEST: usize = 512;

/// A parsed page.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where it is from.
    pub url: Url,
    /// Its forms, in their order.
    pub forms: Vec<Form>,
    /// Its links, in their order.
    pub links: Vec<Link>,
    /// What it says, block by block.
    pub texts: Vec<String>,
    /// Those of the texts that are marked as errors.
    pub errors: Vec<String>,
    /// Those that are marked as messages to the reader otherwise.
    pub messages: Vec<String>,
    /// The token against request forgery that it has for its scripts.
    pub csrf_token: Option<CsrfToken>,
    /// The pages that it shows within itself.
    pub frames: Vec<Url>,
    /// The page that it makes room for by itself, without a person.
    pub refresh: Option<Url>,
    /// What only a person with a browser gets past.
    pub blockers: Vec<Blocker>,
    /// Its title and its headings.
    pub headings: Vec<String>,
    /// The form, by its number from 0, that a script of the page sends by itself: all that it holds is hidden.
    pub sends_itself: Option<usize>,
}

/// A link to another page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it leads.
    pub target: Url,
    /// What it says.
    pub text: String,
    /// The method that a script of the page makes of it (`data-method`), where that is no GET.
    pub method: Option<Method>,
}

impl Page {
    /// Parses the body of a response as browsers do, whatever it claims to be; a text that is no HTML is a page
    /// without forms.
    #[must_use]
    pub fn of(response: &Response) -> Page {
        let charset = charset::encoding_of(&response.headers, &response.body);
        let mut page = Self::parse(&response.text(), &response.url, charset.output_encoding());
        // The header counts before the element (HTML, shared declarative refresh steps).
        page.refresh = refresh::in_headers(&response.headers, &response.url).or(page.refresh);
        page
    }

    /// A page with nothing on it.
    pub(crate) fn blank(url: Url) -> Page {
        Self::parse("", &url, encoding_rs::UTF_8)
    }

    fn parse(html: &str, url: &Url, charset: &'static Encoding) -> Page {
        let document = Html::parse_document(html);
        let elements: Vec<ElementRef<'_>> =
            document.tree.root().descendants().filter_map(ElementRef::wrap).collect();
        let base = elements.iter().find(|element| element.value().name() == "base");
        let base =
            base.and_then(|base| url.join(base.attr("href")?.trim()).ok()).unwrap_or_else(|| url.clone());
        let links = elements.iter().filter(|element| element.value().name() == "a");
        let links = links.filter_map(|link| {
            let target = base.join(link.attr("href")?.trim()).ok()?;
            let method = ["data-method", "data-turbo-method"].iter().find_map(|name| link.attr(name));
            let method = method.and_then(|method| method.to_ascii_uppercase().parse().ok());
            let method = method.filter(|method| *method != Method::GET);
            Some(Link { target, text: label_of(*link), method })
        });
        let frames = elements.iter().filter(|it| matches!(it.value().name(), "iframe" | "frame"));
        let frames = frames.filter_map(|frame| base.join(frame.attr("src")?.trim()).ok());
        let metas = elements.iter().filter(|element| element.value().name() == "meta");
        let metas = metas.filter_map(|meta| Some((meta.attr("name")?, meta.attr("content")?)));
        let headings =
            elements.iter().filter(|it| matches!(it.value().name(), "title" | "h1" | "h2" | "legend"));
        let forms = Form::all_in(&elements, &base, url, charset);
        let speaking = speaking(&elements);
        Page {
            csrf_token: csrf::in_metas(metas),
            url: url.clone(),
            headings: headings.map(|heading| fold_spaces(&heading.text().collect::<String>())).collect(),
            sends_itself: refresh::form_sent_by_script(&elements, &forms),
            blockers: blocker::all_in(&elements, &forms),
            forms,
            links: links.collect(),
            frames: frames.filter(|frame| matches!(frame.scheme(), "http" | "https")).collect(),
            refresh: refresh::in_metas(&elements, &base).or_else(|| refresh::in_scripts(&elements, &base)),
            texts: elements.iter().filter_map(|element| own_text(*element, &speaking)).collect(),
            errors: marked(&elements, |role, word| {
                role == Some("alert") || ERRORS.iter().any(|e| word.starts_with(e))
            }),
            messages: marked(&elements, |role, word| {
                role == Some("status") || MESSAGES.iter().any(|m| word.starts_with(m))
            }),
        }
    }
}

/// The text of an element as a reader sees it: spaces folded, scripts and styles left out.
pub(crate) fn text_of(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    collect_text(element, &mut text, false);
    fold_spaces(&text)
}

/// The same without what links in it say.
pub(crate) fn text_without_links(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    collect_text(element, &mut text, true);
    fold_spaces(&text)
}

/// What an element is called: its text, or what it says to those who do not see it.
pub(crate) fn label_of(element: ElementRef<'_>) -> String {
    let text = text_of(element);
    if !text.is_empty() {
        return text;
    }
    let named = ["aria-label", "title", "alt", "value"].iter().find_map(|name| element.attr(name));
    let image = || element.descendent_elements().find_map(|inner| inner.attr("alt"));
    fold_spaces(named.or_else(image).unwrap_or_default())
}

/// Without recursion: a hostile page may be nested deeper than any stack.
fn collect_text(element: ElementRef<'_>, text: &mut String, without_links: bool) {
    let mut hidden_within = None;
    for edge in element.traverse() {
        match edge {
            Edge::Open(node) if hidden_within.is_none() => match node.value() {
                Node::Text(piece) => text.push_str(piece),
                Node::Element(_) => {
                    // Blocks and table cells are apart for a reader though no space is written between them.
                    text.push(' ');
                    let is_hidden = ElementRef::wrap(node).is_some_and(|inner| {
                        !is_shown(inner) || without_links && inner.value().name() == "a"
                    });
                    if is_hidden && node.id() != element.id() {
                        hidden_within = Some(node.id());
                    }
                }
                _ => {}
            },
            Edge::Close(node) if hidden_within == Some(node.id()) => hidden_within = None,
            Edge::Close(_) => text.push(' '),
            Edge::Open(_) => {}
        }
    }
}

/// What stands in an element directly, or in a part of its sentences, not in a block within it.
fn own_text(element: ElementRef<'_>, speaking: &HashSet<NodeId>) -> Option<String> {
    if !is_shown(element) || element.value().name() == "option" {
        return None;
    }
    let is_part =
        is_inline(element) && element.parent().is_some_and(|around| speaking.contains(&around.id()));
    if !speaking.contains(&element.id()) || is_part {
        return None;
    }
    let mut text = String::new();
    for child in element.children() {
        match (child.value().as_text(), ElementRef::wrap(child)) {
            (Some(piece), _) => text.push_str(piece),
            (None, Some(inner)) if is_inline(inner) && is_shown(inner) => text.push_str(&text_of(inner)),
            _ => text.push(' '),
        }
    }
    let text = fold_spaces(&text);
    (!text.is_empty()).then_some(text)
}

/// The elements with text of their own, found once: a page may have any number of children.
fn speaking(elements: &[ElementRef<'_>]) -> HashSet<NodeId> {
    let speaks = |element: &&ElementRef<'_>| {
        element.children().any(|child| child.value().as_text().is_some_and(|text| !text.trim().is_empty()))
    };
    elements.iter().filter(speaks).map(|element| element.id()).collect()
}

/// Elements that are parts of sentences.
fn is_inline(element: ElementRef<'_>) -> bool {
    matches!(
        element.value().name(),
        "a" | "abbr"
            | "b"
            | "bdi"
            | "cite"
            | "code"
            | "em"
            | "i"
            | "kbd"
            | "mark"
            | "small"
            | "span"
            | "strong"
            | "u"
    )
}

fn is_shown(element: ElementRef<'_>) -> bool {
    let name = element.value().name();
    !matches!(name, "script" | "style" | "template" | "noscript" | "head" | "title")
        && element.attr("hidden").is_none()
}

/// Beginnings of the words in class names of errors, and of other messages.
const ERRORS: [&str; 3] = ["error", "invalid", "danger"];
const MESSAGES: [&str; 6] = ["alert", "warning", "flash", "message", "notice", "toast"];

/// Elements that say by role, or by a word of their class, that they tell the reader something; outermost ones
/// only.
fn marked(elements: &[ElementRef<'_>], tells: impl Fn(Option<&str>, &str) -> bool) -> Vec<String> {
    let is_marked = |element: &ElementRef<'_>| {
        let role = element.attr("role");
        // What says that all went well, or counts something, tells of no error.
        if element.value().classes().any(|class| {
            let class = class.to_ascii_lowercase();
            class.split(['-', '_']).any(|word| matches!(word, "success" | "info" | "ok" | "badge"))
        }) {
            return false;
        }
        let mut classes = element.value().classes();
        let by_class =
            classes.any(|class| class.to_ascii_lowercase().split(['-', '_']).any(|word| tells(None, word)));
        is_shown(*element) && (by_class || tells(role, ""))
    };
    let is_control = |element: &ElementRef<'_>| {
        matches!(
            element.value().name(),
            "form" | "input" | "select" | "textarea" | "button" | "body" | "html" | "main"
        )
    };
    let mut found = HashSet::new();
    let mut messages = Vec::new();
    for element in elements.iter().filter(|element| is_marked(element) && !is_control(element)) {
        if !element.ancestors().take(DEEPEST).any(|around| found.contains(&around.id())) {
            found.insert(element.id());
            messages.push(text_of(*element));
        }
    }
    messages.retain(|text| !text.is_empty());
    messages
}

fn fold_spaces(text: &str) -> String {
    text.split_whitespace().collect::<Vec<&str>>().join(" ")
}
