//! The text of HTML elements as a reader sees it.

use std::collections::HashSet;

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::{ElementRef, Node};

/// The maximum nesting of elements, as in browsers.
pub(crate) const MAX_DEPTH: usize = 512;

/// The visible text of an element, with whitespace folded.
pub(crate) fn text_of(element: ElementRef<'_>) -> String {
    collect_text(element, |_| false)
}

/// The visible text without the texts of links.
pub(crate) fn text_without_links(element: ElementRef<'_>) -> String {
    collect_text(element, |inner| inner.value().name() == "a")
}

/// The text of a message as it is on the screen, without the buttons that close it.
fn message_text(element: ElementRef<'_>) -> String {
    collect_text(element, |inner| inner.value().name() == "button" || is_off_screen(inner))
}

/// The visible text of a label.
pub(crate) fn label_text(element: ElementRef<'_>) -> String {
    start_of(&text_of(element), MAX_LABEL_LEN).to_owned()
}

/// The label of an element: its text, or its accessible name.
pub(crate) fn label_of(element: ElementRef<'_>) -> String {
    let text = label_text(element);
    if !text.is_empty() {
        return text;
    }
    let named = ["aria-label", "title", "alt", "value"].iter().find_map(|name| element.attr(name));
    let image = || element.descendent_elements().find_map(|inner| inner.attr("alt"));
    fold_spaces(named.or_else(image).unwrap_or_default())
}

/// The maximum length of a text in bytes. A hostile page may have a text in any number of nested elements.
const MAX_TEXT_LEN: usize = 16 * 1024;

/// The maximum length of a label in bytes: any number of controls may share one.
const MAX_LABEL_LEN: usize = 500;

/// At most `length` bytes from the start of a text.
pub(super) fn start_of(text: &str, length: usize) -> &str {
    let end = (0..=length.min(text.len())).rfind(|index| text.is_char_boundary(*index));
    &text[..end.unwrap_or(0)]
}

/// Does not recurse: a hostile page may be nested deeper than the stack allows.
fn collect_text(element: ElementRef<'_>, is_left_out: impl Fn(ElementRef<'_>) -> bool) -> String {
    let (mut text, mut hidden_within) = (String::new(), None);
    for edge in element.traverse() {
        if text.len() >= MAX_TEXT_LEN {
            break;
        }
        match edge {
            Edge::Open(node) if hidden_within.is_none() => match node.value() {
                Node::Text(piece) => text.push_str(start_of(piece, MAX_TEXT_LEN)),
                Node::Element(_) => {
                    // Blocks and table cells are separated on the screen, even without whitespace between them.
                    text.push(' ');
                    let is_hidden =
                        ElementRef::wrap(node).is_some_and(|inner| !is_shown(inner) || is_left_out(inner));
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
    fold_spaces(&text)
}

/// The text directly in an element and its inline children, without the text of blocks inside it.
pub(super) fn own_text(element: ElementRef<'_>, with_text: &HashSet<NodeId>) -> Option<String> {
    if !is_shown(element) || element.value().name() == "option" {
        return None;
    }
    let is_part =
        is_inline(element) && element.parent().is_some_and(|around| with_text.contains(&around.id()));
    if !with_text.contains(&element.id()) || is_part {
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

/// The elements that directly contain text. Computed once, because an element may have any number of children.
pub(super) fn elements_with_text(elements: &[ElementRef<'_>]) -> HashSet<NodeId> {
    let has_text = |element: &&ElementRef<'_>| {
        element.children().any(|child| child.value().as_text().is_some_and(|text| !text.trim().is_empty()))
    };
    elements.iter().filter(has_text).map(|element| element.id()).collect()
}

/// Elements that are parts of a sentence.
const INLINE: &[&str] =
    &["a", "abbr", "b", "bdi", "cite", "code", "em", "i", "kbd", "mark", "small", "span", "strong", "u"];

fn is_inline(element: ElementRef<'_>) -> bool {
    INLINE.contains(&element.value().name())
}

fn is_shown(element: ElementRef<'_>) -> bool {
    let name = element.value().name();
    !matches!(name, "script" | "style" | "template" | "noscript" | "head" | "title")
        && element.attr("hidden").is_none()
}

/// Classes of texts that only a screen reader reads.
const OFF_SCREEN: [&str; 4] = ["sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text"];

/// Whether an element is for screen readers only, or only decorates the page.
fn is_off_screen(element: ElementRef<'_>) -> bool {
    let class = element.attr("class").unwrap_or_default();
    element.attr("aria-hidden") == Some("true")
        || class.split_ascii_whitespace().any(|name| OFF_SCREEN.contains(&name))
}

/// The elements that are for screen readers only, or in such an element.
pub(super) fn off_screen<'a>(elements: &[ElementRef<'a>]) -> Vec<ElementRef<'a>> {
    let mut within = HashSet::new();
    let is_within = |element: &&ElementRef<'a>| {
        let is_inside = element.parent().is_some_and(|around| within.contains(&around.id()));
        (is_inside || is_off_screen(**element)) && within.insert(element.id())
    };
    elements.iter().filter(is_within).copied().collect()
}

/// The texts of the outermost elements with this role, or with a class that contains a word with one of these prefixes.
pub(super) fn marked(elements: &[ElementRef<'_>], role: &str, class_prefixes: &[&str]) -> Vec<String> {
    let is_marked = |element: &ElementRef<'_>| {
        let class = element.attr("class").unwrap_or_default().to_ascii_lowercase();
        let mut words = class.split(|c: char| c.is_ascii_whitespace() || c == '-' || c == '_');
        // Success messages and counters are not errors.
        let is_harmless = words.clone().any(|word| matches!(word, "success" | "info" | "ok" | "badge"));
        let has_class = words.any(|word| class_prefixes.iter().any(|prefix| word.starts_with(prefix)));
        is_shown(*element) && !is_harmless && (has_class || element.attr("role") == Some(role))
    };
    let controls = ["form", "input", "select", "textarea", "button", "body", "html", "main"];
    let is_control = |element: &ElementRef<'_>| controls.contains(&element.value().name());
    let mut found = HashSet::new();
    let mut messages = Vec::new();
    for element in elements.iter().filter(|element| is_marked(element) && !is_control(element)) {
        if !element.ancestors().take(MAX_DEPTH).any(|outer| found.contains(&outer.id())) {
            found.insert(element.id());
            messages.push(message_text(*element));
        }
    }
    messages.retain(|text| !text.is_empty());
    messages
}

pub(super) fn fold_spaces(text: &str) -> String {
    text.split_whitespace().collect::<Vec<&str>>().join(" ")
}
