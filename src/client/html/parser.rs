//! Parses HTML within a budget: a small hostile page may ask for any number of elements, because the parser opens
//! formatting elements again in each paragraph (HTML, reconstruct the active formatting elements).

use std::time::Instant;

use html5ever::driver::{self, ParseOpts};
use html5ever::tendril::TendrilSink as _;
use scraper::{Html, HtmlTreeSink, Node};

/// The maximum number of nodes of a page.
pub(crate) const MAX_NODES: usize = 200_000;

/// The maximum number of attributes of a page.
const MAX_ATTRIBUTES: usize = 500_000;

/// The maximum size of a page in bytes.
const MAX_HTML_LEN: usize = 16 * 1024 * 1024;

/// The number of bytes that the parser gets at once while the page is small.
const MAX_CHUNK_LEN: usize = 4096;

/// A token may repeat all nodes so far, so the chunks get smaller while the page grows: one chunk creates hardly more
/// nodes than this.
const MAX_NODES_OF_CHUNK: usize = 400_000;

/// How far a page was parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Whole,
    /// It has too many nodes or attributes, or is too large.
    OverBudget,
    TimedOut,
}

/// Parses a page until the budget or the time is used up.
pub(crate) fn parse(html: &str, deadline: Option<Instant>) -> (Html, Extent) {
    let sink = HtmlTreeSink::new(Html::new_document());
    let mut parser = driver::parse_document(sink, ParseOpts::default());
    let (mut rest, mut extent) = (html, Extent::Whole);
    let (mut nodes, mut attributes) = (0, 0);
    if rest.len() > MAX_HTML_LEN {
        (rest, extent) = ("", Extent::OverBudget);
    }
    while !rest.is_empty() {
        let size = MAX_NODES_OF_CHUNK / (nodes + attributes).max(1);
        let (chunk, later) = rest.split_at(char_boundary(rest, size.clamp(1, MAX_CHUNK_LEN)));
        rest = later;
        parser.process(chunk.into());
        let document = parser.tokenizer.sink.sink.0.borrow();
        let values = document.tree.values();
        let count = values.len();
        let added = values.rev().take(count - nodes).filter_map(Node::as_element);
        attributes += added.map(|element| element.attrs().count()).sum::<usize>();
        nodes = count;
        if nodes > MAX_NODES || attributes > MAX_ATTRIBUTES {
            extent = Extent::OverBudget;
        } else if deadline.is_some_and(|deadline| Instant::now() > deadline) {
            extent = Extent::TimedOut;
        }
        if extent != Extent::Whole {
            break;
        }
    }
    (parser.finish(), extent)
}

/// The first character boundary at `index` or after it.
fn char_boundary(text: &str, index: usize) -> usize {
    (index..text.len()).find(|index| text.is_char_boundary(*index)).unwrap_or(text.len())
}
