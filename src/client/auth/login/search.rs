//! Searches for the login form: on the start page, where its links lead, and at the common login paths.

use std::collections::{HashSet, VecDeque};

use http::{Method, StatusCode};
use url::Url;

use super::basic::BasicAnswer;
use super::credentials::{Credentials, NoPassword};
use super::error::LoginError;
use super::trace_step::trace_step;
use crate::client::auth::classify::{LoginForm, login_form};
use crate::client::auth::form_hints::FormHints;
use crate::client::auth::login_links::{login_buttons, login_links};
use crate::client::auth::snapshot::PageSnapshot;
use crate::client::auth::trace::{DiscoveredBy, FormSeen, FormVerdict, RejectReason, TraceStep};
use crate::client::auth::well_known;
use crate::client::html::blocker::Blocker;
use crate::client::html::form::Filling;
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::UserAgent;
use crate::client::http::basic_auth::{offers_basic, offers_http_authentication};
use crate::client::http::error::ClientError;
use crate::client::http::fetch_metadata::Destination;
use crate::client::http::request::Request;
use crate::client::http::response::Response;
use crate::cookies::{SetAction, SetDecision};

/// How many requests a search may send: the others are left for the login itself.
const MAX_REQUESTS: usize = 11;

/// How many frames and refreshes of one page are followed.
const MAX_SUBPAGES: usize = 6;

/// A page and the login form on it.
pub(super) type Found = (HtmlPage, LoginForm);

/// The state of a search.
pub(super) struct Search<'a> {
    agent: &'a mut UserAgent,
    hints: &'a FormHints,
    user: Option<&'a str>,
    password: &'a mut (dyn FnMut() -> Result<String, NoPassword> + Send + Sync),
    trace: &'a mut Vec<TraceStep>,
    /// The page that was asked for.
    pub(super) asked_before: Option<PageSnapshot>,
    /// The page without a login form that HTTP Basic authentication opened.
    pub(super) basic: Option<BasicAnswer>,
    /// The password, if it has answered a challenge.
    pub(super) secret: Option<String>,
    /// The first error on a page that was passed over.
    failure: Option<LoginError>,
    /// The number of exchanges after which no further page is requested.
    max_exchanges: usize,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        agent: &'a mut UserAgent,
        credentials: &'a mut Credentials<'_>,
        trace: &'a mut Vec<TraceStep>,
    ) -> Search<'a> {
        let max_exchanges = agent.flow().exchanges.len() + MAX_REQUESTS.min(agent.requests_left());
        Search {
            agent,
            hints: &credentials.hints,
            user: credentials.user.as_deref(),
            password: &mut credentials.password,
            trace,
            asked_before: None,
            basic: None,
            secret: None,
            failure: None,
            max_exchanges,
        }
    }

    /// Finds the first page with a login form: the start page, its frames, a page to which it refreshes or its login
    /// links lead, or a common login path. A form that is not certainly a login form is used only if the links lead to no
    /// other.
    pub(super) async fn find_login_form(&mut self, start: &Url) -> Result<Found, LoginError> {
        let (response, page) = self.load(Request::page(start.clone())).await?;
        self.asked_before = PageSnapshot::of(&response, &page);
        self.from(&response, page).await
    }

    async fn from(&mut self, first: &Response, page: HtmlPage) -> Result<Found, LoginError> {
        let start = page.url.clone();
        let links = login_links(&page);
        let has_no_links = links.is_empty();
        let has_foreign_frame = page.frames.iter().any(|frame| frame.origin() != start.origin());
        let by_link = links.into_iter().map(|link| (Request::link(link.target, &start), link.text));
        let mut ways: Vec<(Request, String)> = by_link.collect();
        for (form, button) in login_buttons(&page) {
            let form = &page.forms[form];
            let request = form.request(&Filling::of(Vec::new(), Some(button)), &page, self.agent.jar())?;
            ways.push((request, form.controls[button].label.clone()));
        }
        let here = self.explore(page, first.status.as_u16(), DiscoveredBy::Start, self.hints).await?;
        let is_enough = |(_, form): &&Found| form.password.is_some() && (form.is_certain() || has_no_links);
        if let Some(found) = here.as_ref().filter(is_enough) {
            return Ok(found.clone());
        }
        let mut tried = HashSet::from([start.clone()]);
        for (request, text) in ways {
            tried.insert(request.url.clone());
            if let Some(found) = self.try_page(request, DiscoveredBy::Link(text)).await? {
                return Ok(found);
            }
            if self.basic.as_ref().is_some_and(|answer| answer.is_of_login && answer.page.url != start) {
                break;
            }
        }
        if let Some(found) = here {
            return Ok(found);
        }
        if self.basic.is_some() {
            return Err(self.not_found(first, has_foreign_frame));
        }
        for place in well_known::in_folder_of(&start, well_known::LOGINS) {
            if !tried.insert(place.clone()) {
                continue;
            }
            if let Some(found) = self.try_page(Request::page(place), DiscoveredBy::WellKnown).await? {
                return Ok(found);
            }
            if self.trace.last().is_some_and(|step| step.status == 429) {
                break;
            }
        }
        Err(self.failure.take().unwrap_or_else(|| self.not_found(first, has_foreign_frame)))
    }

    /// Why there is no login form.
    fn not_found(&self, first: &Response, has_foreign_frame: bool) -> LoginError {
        let url = Box::new(self.agent.redactor.url(&first.url));
        if self.hints.has_any() && self.trace.iter().any(|step| !step.forms.is_empty()) {
            let named = [&self.hints.form, &self.hints.user_field, &self.hints.password_field];
            return LoginError::NotThere { url, named: named.into_iter().flatten().cloned().collect() };
        }
        // The pages at common paths say nothing about the page that the caller named.
        let steps = || self.trace.iter().filter(|step| step.discovered_by != DiscoveredBy::WellKnown);
        let mut blockers: Vec<Blocker> = steps().flat_map(|step| step.blockers.iter().copied()).collect();
        blockers.dedup();
        let is_scripted = |form: &FormSeen| form.verdict == FormVerdict::Rejected(RejectReason::Scripted);
        let offers_basic = offers_basic(&first.headers);
        let is_refused = offers_basic && self.agent.has_basic(&first.url);
        let further = [
            (Blocker::LooseFields, steps().any(|step| step.forms.iter().any(is_scripted))),
            (Blocker::ForeignFrame, has_foreign_frame),
            (Blocker::HttpAuthentication, offers_basic && !is_refused),
            (Blocker::BasicRefused, is_refused),
            (Blocker::UnsupportedAuthentication, !offers_basic && offers_http_authentication(&first.headers)),
        ];
        blockers.extend(further.into_iter().filter(|(_, is_there)| *is_there).map(|(blocker, _)| blocker));
        blockers.dedup();
        let has_no_form = steps().all(|step| step.forms.is_empty());
        // A page with neither a form nor a reason may create its form with a script.
        if blockers.is_empty() && has_no_form && first.text().to_ascii_lowercase().contains("<script") {
            blockers.push(Blocker::Script);
        }
        let status = Some(first.status.as_u16()).filter(|status| *status >= 400);
        LoginError::NoForm { url, status, blockers }
    }

    /// Explores a further page. One that fails is passed over, unless the time is over.
    async fn try_page(
        &mut self,
        request: Request,
        discovered_by: DiscoveredBy,
    ) -> Result<Option<Found>, LoginError> {
        if !self.has_requests_left() {
            return Ok(None);
        }
        let hints = self.hints.for_other_pages();
        let is_guess = discovered_by == DiscoveredBy::WellKnown;
        let loaded = match is_guess {
            true => self.agent.load(request).await.map_err(LoginError::from),
            false => self.load(request).await,
        };
        let explored = match loaded {
            Ok((response, page)) => self.explore(page, response.status.as_u16(), discovered_by, &hints).await,
            Err(error) => Err(error),
        };
        match explored {
            Err(error) if !matches!(error, LoginError::Client(ClientError::TimedOut { .. })) => {
                self.failure.get_or_insert(error);
                Ok(None)
            }
            explored => explored,
        }
    }

    /// Loads a page. If it asks for HTTP Basic authentication and offers no other login, the user name and the password of
    /// the login answer.
    async fn load(&mut self, request: Request) -> Result<(Response, HtmlPage), LoginError> {
        let (exchanges_before, jar_before) = (self.agent.flow().exchanges.len(), self.agent.jar().snapshot());
        let (mut response, mut page) = self.agent.load(request.clone()).await?;
        let is_bare = login_form(&page, self.hints).is_none()
            && page.refresh.is_none()
            && page.frames.is_empty()
            && login_links(&page).is_empty();
        let is_challenge = response.status == StatusCode::UNAUTHORIZED
            && response.method == Method::GET
            && offers_basic(&response.headers);
        let mut is_of_login = false;
        if let Some(user) = self.user.filter(|_| is_bare && is_challenge)
            && self.agent.may_answer_challenge(&response.url)?
        {
            let url = Box::new(self.agent.redactor.url(&response.url));
            let secret = self.agent.pause(|| (self.password)());
            let secret = secret.map_err(|why| LoginError::PasswordNeeded { url, why })?;
            self.agent.hide(&secret);
            self.agent.use_basic(&response.url, user, &secret)?;
            self.secret = Some(secret);
            let again = Request { url: response.url, method: Method::GET, body: None, ..request };
            (response, page) = self.agent.load(again).await?;
            is_of_login = true;
        }
        let is_issued = |decision: &SetDecision| {
            matches!(decision.action, SetAction::Stored | SetAction::Replaced { .. })
        };
        let issues = |agent: &UserAgent| {
            agent.exchanges_since(exchanges_before).iter().flat_map(|it| &it.set).any(is_issued)
        };
        let opens = self.agent.has_basic(&page.url) && response.status.is_success() && issues(self.agent);
        let is_kept = self.basic.as_ref().is_some_and(|answer| answer.is_of_login);
        if is_of_login || (opens && !is_kept) {
            let (response, page) = (response.clone(), page.clone());
            self.basic = Some(BasicAnswer { response, page, is_of_login, exchanges_before, jar_before });
        }
        Ok((response, page))
    }

    fn has_requests_left(&self) -> bool {
        self.agent.flow().exchanges.len() < self.max_exchanges
    }

    /// Looks for a login form on a page, on the pages to which it refreshes, and in its frames. A form with a password
    /// is returned at once, else the first form without one.
    async fn explore(
        &mut self,
        page: HtmlPage,
        status: u16,
        discovered_by: DiscoveredBy,
        hints: &FormHints,
    ) -> Result<Option<Found>, LoginError> {
        let (mut without_password, mut further) = (None, VecDeque::new());
        let is_guess = discovered_by == DiscoveredBy::WellKnown;
        let mut known = HashSet::from([page.url.clone()]);
        let mut next = Some((page, status, discovered_by));
        for _ in 0..=MAX_SUBPAGES {
            let (page, status, discovered_by) = match next.take() {
                Some(page) => page,
                None => {
                    let Some((request, discovered_by)) = further.pop_front() else { break };
                    if !self.has_requests_left() {
                        break;
                    }
                    let (response, page) = match is_guess {
                        true => self.agent.load(request).await?,
                        false => self.load(request).await?,
                    };
                    (page, response.status.as_u16(), discovered_by)
                }
            };
            self.trace.push(trace_step(&page, status, discovered_by, hints));
            if let Some(form) = login_form(&page, hints) {
                if form.password.is_some() {
                    return Ok(Some((page, form)));
                }
                without_password.get_or_insert_with(|| (page.clone(), form));
            }
            if let Some(form) = page.self_submitting_form.map(|form| &page.forms[form]) {
                let request = form.submission(&Filling::of(Vec::new(), None))?;
                further.push_front((request, DiscoveredBy::Refresh));
            }
            let mut is_new = |target: &Url| known.insert(target.clone());
            if let Some(target) = page.refresh.clone().filter(&mut is_new) {
                further.push_front((Request::link(target, &page.url), DiscoveredBy::Refresh));
            }
            let is_own = |frame: &&Url| frame.origin() == page.url.origin();
            for frame in page.frames.iter().filter(is_own).filter(|frame| is_new(frame)) {
                let mut request = Request::link(frame.clone(), &page.url);
                request.destination = Some(Destination::Frame);
                further.push_back((request, DiscoveredBy::Frame));
            }
        }
        Ok(without_password)
    }
}
