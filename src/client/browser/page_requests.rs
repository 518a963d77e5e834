//! [`PageRequests`]: the requests of the pages in a browser.

use std::time::{Duration, Instant};

/// The requests of the pages in a browser, in order.
#[derive(Debug, Default)]
pub(crate) struct PageRequests {
    requests: Vec<PageRequest>,
}

/// A request of a page.
#[derive(Debug, Clone)]
pub(crate) struct PageRequest {
    /// The number of its tab.
    pub(crate) tab: usize,
    pub(super) id: String,
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) kind: RequestKind,
    pub(crate) started: Instant,
    pub(crate) elapsed: Option<Duration>,
    pub(crate) status: Option<u16>,
    /// Why it failed, in the words of the browser.
    pub(crate) error: Option<String>,
    /// The values of headers that scripts may have added.
    pub(crate) header_values: Vec<(String, String)>,
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestKind {
    /// The page of a tab.
    Page,
    /// `fetch` or `XMLHttpRequest`.
    Script,
    /// Anything else, such as a picture or a frame.
    Other,
    /// It never ends by itself: events, media, a ping.
    Endless,
}

/// A request that is open for longer waits for an event.
const MAX_AGE: Duration = Duration::from_secs(5);

/// A hostile page may send any number of requests.
const MAX_REQUESTS: usize = 5000;

impl PageRequests {
    pub(super) fn started(&mut self, request: PageRequest) {
        let is_web = request.url.starts_with("http://") || request.url.starts_with("https://");
        if is_web && self.requests.len() < MAX_REQUESTS {
            self.requests.push(request);
        }
    }

    /// Changes the last request with this number.
    pub(super) fn change(&mut self, id: &str, change: impl FnOnce(&mut PageRequest)) {
        if let Some(request) = self.requests.iter_mut().rfind(|request| request.id == id) {
            change(request);
        }
    }

    /// Whether a request of the tab is on its way.
    pub(super) fn is_busy(&self, tab: usize) -> bool {
        self.of_tab(tab).any(|request| {
            request.elapsed.is_none()
                && request.kind != RequestKind::Endless
                && request.started.elapsed() < MAX_AGE
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.requests.len()
    }

    /// The requests after the first `count`.
    pub(crate) fn since(&self, count: usize) -> &[PageRequest] {
        self.requests.get(count..).unwrap_or_default()
    }

    fn of_tab(&self, tab: usize) -> impl Iterator<Item = &PageRequest> {
        self.requests.iter().filter(move |request| request.tab == tab)
    }

    /// The request for the page that a tab shows.
    pub(crate) fn page_of(&self, tab: usize) -> Option<&PageRequest> {
        self.of_tab(tab).filter(|request| request.kind == RequestKind::Page).last()
    }
}

impl PageRequest {
    pub(super) fn end(&mut self, status: Option<u16>) {
        self.status = status.or(self.status);
        self.elapsed.get_or_insert_with(|| self.started.elapsed());
    }
}
