//! The way to the login form: from the page where one begins, by what leads on.

use std::collections::{HashSet, VecDeque};

use http::header::WWW_AUTHENTICATE;
use url::Url;

use super::report::LoginError;
use crate::client::auth::classify;
use crate::client::auth::classify::{Hints, LoginForm};
use crate::client::auth::trace::{DiscoveredBy, FormVerdict, RejectReason, TraceStep};
use crate::client::auth::well_known;
use crate::client::html::blocker::Blocker;
use crate::client::html::form::Filling;
use crate::client::html::page::Page;
use crate::client::http::fetch_metadata::Destination;
use crate::client::{ClientError, Request, Response, UserAgent};

/// How many frames and further pages are looked at from one page.
const MOST_WITHIN: usize = 6;

/// A page and the login form on it.
pub(super) type Found = (Page, LoginForm);

/// A search for a login form, and what it has seen.
pub(super) struct Search<'a> {
    pub(super) agent: &'a mut UserAgent,
    pub(super) hints: &'a Hints,
    pub(super) seen: &'a mut Vec<TraceStep>,
}

impl Search<'_> {
    /// The first page with a login form: this one, its frames, one that it or its login links lead to, or one at a
    /// usual place. A form without a password may be for something else: all that the page leads to is tried first.
    pub(super) async fn from(&mut self, first: &Response, page: Page) -> Result<Found, LoginError> {
        let (start, status) = (page.url.clone(), first.status.as_u16());
        let links = classify::login_links(&page);
        let has_foreign_frame = page.frames.iter().any(|frame| frame.origin() != page.url.origin());
        let mut ways = Vec::new();
        for (form, button) in classify::login_buttons(&page) {
            let form = &page.forms[form];
            let mut request = form.submission(&Filling::of(Vec::new(), Some(button)))?;
            request.carry_csrf_token(&page, form.has_csrf_token(), self.agent.jar());
            ways.push((request, form.controls[button].label.clone()));
        }
        let here = self.explore(page, status, DiscoveredBy::Start, self.hints).await?;
        // One that only might be a login loses to what a link leads to.
        let is_it = |(_, form): &&Found| form.password.is_some() && (form.is_clear() || links.is_empty());
        if let Some(found) = here.as_ref().filter(is_it) {
            return Ok(found.clone());
        }
        let mut failure = None;
        let mut tried = HashSet::from([start.clone()]);
        let by_link = links.into_iter().map(|link| (Request::link(link.target, &start), link.text));
        ways.splice(0..0, by_link);
        for (request, text) in ways {
            tried.insert(request.url.clone());
            match self.explore_at(request, DiscoveredBy::Link(text)).await {
                Ok(Some(found)) => return Ok(found),
                Ok(None) => {}
                Err(error) => self.get_over(error, &mut failure)?,
            }
        }
        if let Some(found) = here {
            return Ok(found);
        }
        for place in well_known::in_folder_of(&start, well_known::LOGINS) {
            if !tried.insert(place.clone()) {
                continue;
            }
            match self.explore_at(Request::page(place), DiscoveredBy::WellKnown).await {
                Ok(Some(found)) => return Ok(found),
                Ok(None) => {}
                Err(error) => self.get_over(error, &mut failure)?,
            }
            if self.seen.last().is_some_and(|seen| seen.status == 429) {
                break;
            }
        }
        if let Some(error) = failure {
            return Err(error);
        }
        // What was at a usual place by chance says nothing about the page that was asked for.
        let of_page = self.seen.iter().filter(|seen| seen.discovered_by != DiscoveredBy::WellKnown);
        let mut blockers: Vec<_> = of_page.flat_map(|seen| seen.blockers.iter().copied()).collect();
        blockers.dedup();
        if self.hints.has_any() && self.seen.iter().any(|seen| !seen.forms.is_empty()) {
            let named = [&self.hints.form, &self.hints.user_field, &self.hints.password_field];
            return Err(LoginError::NotThere {
                url: Box::new(self.agent.hidden_in_url(&first.url)),
                named: named.into_iter().flatten().cloned().collect(),
            });
        }
        let scripted = |seen: &TraceStep| {
            seen.discovered_by != DiscoveredBy::WellKnown
                && seen.forms.iter().any(|form| form.verdict == FormVerdict::Not(RejectReason::Scripted))
        };
        let further = [
            (Blocker::LooseFields, self.seen.iter().any(scripted)),
            (Blocker::ForeignFrame, has_foreign_frame),
            (Blocker::HttpAuthentication, first.headers.contains_key(WWW_AUTHENTICATE)),
        ];
        blockers.extend(further.into_iter().filter(|(_, is_there)| *is_there).map(|(blocker, _)| blocker));
        blockers.dedup();
        let status = Some(status).filter(|status| *status >= 400);
        Err(LoginError::NoForm { url: Box::new(self.agent.hidden_in_url(&first.url)), status, blockers })
    }

    /// A page that cannot be had is passed over, but for time that has run out; the first failure is kept.
    fn get_over(&self, error: LoginError, first: &mut Option<LoginError>) -> Result<(), LoginError> {
        match error {
            LoginError::Client(ClientError::TimedOut { .. }) => Err(error),
            error => {
                first.get_or_insert(error);
                Ok(())
            }
        }
    }

    async fn explore_at(
        &mut self,
        request: Request,
        discovered_by: DiscoveredBy,
    ) -> Result<Option<Found>, LoginError> {
        let response = self.agent.send(request).await?;
        let page = self.agent.parse(&response).await?;
        let hints = self.hints.elsewhere();
        self.explore(page, response.status.as_u16(), discovered_by, &hints).await
    }

    /// A page, those to which it leads by itself, and its frames: the first form with a password, else the first.
    async fn explore(
        &mut self,
        page: Page,
        status: u16,
        discovered_by: DiscoveredBy,
        hints: &Hints,
    ) -> Result<Option<Found>, LoginError> {
        let (mut without_password, mut further) = (None, VecDeque::new());
        let mut looked_at = HashSet::from([page.url.clone()]);
        let mut next = Some((page, status, discovered_by));
        for _ in 0..=MOST_WITHIN {
            let (page, status, discovered_by) = match next.take() {
                Some(page) => page,
                None => {
                    let Some((request, discovered_by)) = further.pop_front() else { break };
                    let response = self.agent.send(request).await?;
                    (self.agent.parse(&response).await?, response.status.as_u16(), discovered_by)
                }
            };
            self.seen.push(TraceStep::of(&page, status, discovered_by, hints));
            if let Some(form) = classify::login_form(&page, hints) {
                if form.password.is_some() {
                    return Ok(Some((page, form)));
                }
                without_password.get_or_insert_with(|| (page.clone(), form));
            }
            if let Some(form) = page.self_submitting_form.map(|form| &page.forms[form]) {
                let request = form.submission(&Filling::of(Vec::new(), None))?;
                further.push_front((request, DiscoveredBy::Refresh));
            }
            let mut is_new = |target: &Url| looked_at.insert(target.clone());
            if let Some(target) = page.refresh.clone().filter(&mut is_new) {
                further.push_front((Request::link(target, &page.url), DiscoveredBy::Refresh));
            }
            let own = |frame: &&Url| frame.origin() == page.url.origin();
            for frame in page.frames.iter().filter(own).filter(|frame| is_new(frame)) {
                let mut request = Request::link(frame.clone(), &page.url);
                request.destination = Some(Destination::Frame);
                further.push_back((request, DiscoveredBy::Frame));
            }
        }
        Ok(without_password)
    }
}
