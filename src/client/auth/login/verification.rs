//! [`Verification`]: decides by pages whether a session began.
//!
//! A page is requested with the jar of the login (*with*) and with the cookies from before the login (*without*). The
//! page on which the login ended is already known with them. The order is with, without, without, with, so that a page
//! that alternates by itself proves nothing. A page that answers the anonymous client with a redirect to the login form
//! does not change by chance, and is not requested without the cookies again.
//!
//! | page | requested | what it proves |
//! | --- | --- | --- |
//! | named by the caller | alone, unless a script renders it | any stable difference is a session, if both answers are on its own site |
//! | asked for, and turned away before the login | first | a difference is a session; if it is still turned away, the login failed |
//! | on which the login ended, if it is on the site that was asked for | next | see below |
//! | asked for; its links, if it is a step; start page | next | see below |
//! | common account pages | last | only a certain difference |
//!
//! A logout control, the name of the user, or members of a JSON object that only *with* has are personal: they prove a
//! session at once. If only the address, the status, the login form or a login link differs, then the page may be a dead
//! end that only the new cookie shows, such as the page of a locked account. So the start page of the site and the page
//! that was asked for are requested with the cookies too: if one of them still shows the login form, there is no session.
//! An error proves nothing, except 404.
//!
//! If no page has a difference, the pages are compared with those of a client without any cookies: the application may
//! have turned the anonymous session into one of the user. Then the difference must be certain.

use std::collections::HashSet;
use std::time::Duration;

use url::Url;

use super::error::LoginError;
use super::report::NoSession;
use crate::client::auth::evidence::{Difference, Evidence};
use crate::client::auth::probe::{Expected, Proof, SessionProbe, UsedForm};
use crate::client::auth::snapshot::PageSnapshot;
use crate::client::http::agent::UserAgent;
use crate::cookies::{Jar, is_cross_site};

/// How long a page at a common path may take.
const WELL_KNOWN_TIMEOUT: Duration = Duration::from_secs(3);

/// How many requests a page may need. No page is requested if fewer are left.
const REQUESTS_OF_PAGE: usize = 4;

/// A page that changes with the session, and how.
pub(super) type Place = (Url, Vec<Difference>);

/// What is known before the verification.
pub(super) struct Verification<'a> {
    pub(super) evidence: &'a [Evidence],
    /// The only page to probe, if the caller names one.
    pub(super) judge_by: Option<&'a Url>,
    /// The page that was asked for.
    pub(super) asked: &'a Url,
    /// That page as it was before the login.
    pub(super) asked_before: Option<&'a PageSnapshot>,
    /// The page on which the login ended, if it was requested with GET.
    pub(super) answer: Option<&'a PageSnapshot>,
    /// The pages to probe. The start page of the site is added.
    pub(super) places: Vec<Url>,
    /// Common account pages.
    pub(super) accounts: Vec<Url>,
    /// The number of exchanges after which no common account page is requested.
    pub(super) max_exchanges_of_accounts: usize,
    /// The form that was submitted: a missing login form on its page proves nothing.
    pub(super) form: UsedForm<'a>,
    /// The texts of a direct answer without a logout control. A page with the same texts is an interstitial: it shows that
    /// something is in the way, not that there is a session.
    pub(super) interstitial: Option<&'a [String]>,
    /// The cookies before the login: those of an anonymous client.
    pub(super) before: Jar,
    pub(super) user: Option<&'a str>,
    /// The jar has a token. Pages for browsers ignore it, so a login form on them proves nothing.
    pub(super) by_token: bool,
}

/// What the pages show.
#[derive(Debug)]
pub(super) enum Verified {
    /// A page that changes with the session.
    Session(Place),
    /// All pages lead to one that asks for a further step.
    HeldUp(Url),
    /// No page shows a session. The page that shows why not, if there is one.
    Nothing(Option<(Url, NoSession)>),
}

/// The state of a verification.
struct ProbedPages<'a> {
    verification: &'a Verification<'a>,
    agent: &'a mut UserAgent,
    /// The pages that were requested with the cookies.
    seen: Vec<(Url, PageSnapshot)>,
    /// The first page that shows why there is no session.
    reason: Option<(Url, NoSession)>,
}

impl Verification<'_> {
    /// Requests the pages, as the module describes.
    pub(super) async fn verify(&self, agent: &mut UserAgent) -> Result<Verified, LoginError> {
        if agent.jar().is_anonymous() {
            return Ok(Verified::Nothing(None)); // no page can show a session
        }
        let mut pages = ProbedPages { verification: self, agent, seen: Vec::new(), reason: None };
        if let Some(answer) = self.answer {
            pages.seen.push((answer.url.clone(), answer.clone()));
        }
        let session = match self.judge_by {
            Some(named) => match pages.among(std::slice::from_ref(named)).await? {
                None if pages.with(named).is_some_and(|page| page.is_script_only && page.url == *named) => {
                    pages.find_session().await?
                }
                found => found,
            },
            None => pages.find_session().await?,
        };
        match session {
            Some(place) if self.judge_by.is_none() && pages.is_held_up(&place.0).await? => {
                Ok(Verified::HeldUp(place.0))
            }
            Some(place) => Ok(Verified::Session(place)),
            None => Ok(Verified::Nothing(pages.reason)),
        }
    }

    /// The cookies from before the login, without those that the login issued with a new value: the application may have
    /// turned an anonymous session into one of the user.
    fn before_without_issued_cookies(&self) -> Jar {
        let jar = self.before.snapshot();
        jar.remove(|cookie| {
            self.evidence.iter().any(|it| matches!(it, Evidence::CookieIssued(name) if *name == cookie.name))
        });
        jar
    }

    /// Whether the page that was asked for turned the anonymous client away: to a login form, or with an error.
    fn was_turned_away(&self) -> bool {
        let is_elsewhere = |page: &PageSnapshot| page.url.path() != self.asked.path();
        self.asked_before.is_some_and(|page| {
            (page.login_form.is_some() && is_elsewhere(page)) || matches!(page.status, 401 | 403)
        })
    }

    fn start_page(&self) -> Option<Url> {
        let first = self.places.first().filter(|place| !is_cross_site(self.asked, place));
        first.unwrap_or(self.asked).join("/").ok()
    }
}

impl ProbedPages<'_> {
    /// The page that changes with the new cookies.
    async fn find_session(&mut self) -> Result<Option<Place>, LoginError> {
        let (asked, before) = (self.verification.asked, self.verification.before_without_issued_cookies());
        let ends_elsewhere = self.verification.answer.is_some_and(|it| is_cross_site(asked, &it.url));
        if !self.verification.by_token && (self.verification.was_turned_away() || ends_elsewhere) {
            if let Some(place) = self.probe(asked, &before, false).await? {
                return Ok(Some(place));
            }
            if self.with(asked).is_none_or(|page| self.is_turned_away(asked, page)) {
                self.reason = Some((asked.clone(), NoSession::LoginFormRemains));
                return Ok(None);
            }
        }
        let mut places = self.verification.places.clone();
        places.extend(self.verification.start_page());
        places.retain(|place| !is_cross_site(asked, place));
        if let Some(place) = self.among(&places).await? {
            return Ok(Some(place));
        }
        self.account_page(&before).await
    }

    /// The first of these pages that changes with the session.
    async fn among(&mut self, places: &[Url]) -> Result<Option<Place>, LoginError> {
        let before = self.verification.before_without_issued_cookies();
        let empty = self.agent.jar().empty();
        for (anonymous, must_be_certain) in [(&before, false), (&empty, true)] {
            let mut known = HashSet::new();
            for place in places.iter().filter(|place| known.insert((*place).clone())) {
                if must_be_certain && before.sent_to(place).is_empty() {
                    continue;
                }
                if let Some(place) = self.probe(place, anonymous, must_be_certain).await? {
                    return Ok(Some(place));
                }
            }
        }
        Ok(None)
    }

    /// How a page changes with the session, if it does.
    async fn probe(
        &mut self,
        place: &Url,
        anonymous: &Jar,
        must_be_certain: bool,
    ) -> Result<Option<Place>, LoginError> {
        let Some(with) = self.snapshot(place).await? else { return Ok(None) };
        // A page that is as it was before the login needs no further request.
        let before = self.verification.asked_before.filter(|_| *place == *self.verification.asked);
        if before.is_some_and(|before| *before == with) {
            return Ok(None);
        }
        let is_named = self.verification.judge_by == Some(place);
        let expected = Expected { user: self.verification.user, any_address: is_named };
        let probe = SessionProbe::of_page(self.agent, place, with, anonymous, expected).await?;
        let Some(probe) = probe else { return Ok(None) };
        if let Some((with, without)) = probe.fails_with_cookies() {
            let fails = NoSession::FailsWithCookies { with, without };
            self.reason.get_or_insert((place.clone(), fails));
        }
        let is_interstitial = self.verification.interstitial.is_some_and(|texts| probe.has_texts(texts));
        let proof = match is_named {
            true => probe.proof_on_named_page(&self.verification.form),
            false => probe.proof(&self.verification.form),
        };
        let is_session = match proof {
            Proof::None => false,
            _ if must_be_certain && !probe.is_certain() => false,
            Proof::Personal => true,
            Proof::TurnedAway if is_named || self.verification.by_token => true,
            Proof::TurnedAway => !is_interstitial && !self.is_contradicted(&probe).await?,
        };
        let mut differences = probe.differences().to_vec();
        for difference in &mut differences {
            if let Difference::Url(_, without) = difference {
                *without = self.agent.redactor.url(without);
            }
        }
        Ok(is_session.then(|| (place.clone(), differences)))
    }

    /// A page with the cookies of the login. `None` if it fails, or if there were too many requests.
    async fn snapshot(&mut self, place: &Url) -> Result<Option<PageSnapshot>, LoginError> {
        if let Some(page) = self.with(place) {
            return Ok(Some(page.clone()));
        }
        if !self.has_requests_left() {
            return Ok(None);
        }
        let snapshot = PageSnapshot::with_own_jar(self.agent, place).await?;
        self.seen.extend(snapshot.clone().map(|page| (place.clone(), page)));
        Ok(snapshot)
    }

    /// Whether another page may be requested. A server that limits the rate is asked no more.
    fn has_requests_left(&self) -> bool {
        let exchanges = &self.agent.flow().exchanges;
        let last = exchanges.last().and_then(|exchange| exchange.response.as_ref());
        self.agent.requests_left() >= REQUESTS_OF_PAGE && last.is_none_or(|response| response.status != 429)
    }

    /// The page, if it was requested with the cookies before.
    fn with(&self, place: &Url) -> Option<&PageSnapshot> {
        self.seen.iter().find(|(url, _)| url == place).map(|(_, page)| page)
    }

    /// Whether a page that was asked for does not let the client in: it leads to a login form or to another site.
    fn is_turned_away(&self, place: &Url, page: &PageSnapshot) -> bool {
        let is_login_page = place.path() == self.verification.form.page.path() && place.path() != "/";
        (page.login_form.is_some() && !is_login_page) || is_cross_site(place, &page.url)
    }

    /// Whether the start page of the site, or the page that was asked for, still shows the login form.
    async fn is_contradicted(&mut self, probe: &SessionProbe) -> Result<bool, LoginError> {
        let asked = self.verification.asked.clone();
        if probe.is_at(&asked) && asked.path() != self.verification.form.page.path() {
            return Ok(false);
        }
        let start = self.verification.start_page();
        let is_login_page = asked.path() == self.verification.form.page.path();
        let others = start.into_iter().chain(Some(asked).filter(|_| !is_login_page));
        let mut known = HashSet::from([probe.place.clone()]);
        for place in others.filter(|place| known.insert(place.clone())) {
            if let Some(page) = self.snapshot(&place).await?
                && (self.is_turned_away(&place, &page) || probe.is_dead_end_of(&page))
            {
                self.reason.get_or_insert((place, NoSession::LoginFormRemains));
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether all pages lead to one page that asks for a further step: a code, an answer, a new password.
    async fn is_held_up(&mut self, place: &Url) -> Result<bool, LoginError> {
        let start = self.verification.start_page();
        let mut asking: Vec<Vec<String>> = Vec::new();
        for place in [Some(place.clone()), start, Some(self.verification.asked.clone())].into_iter().flatten()
        {
            let Some(page) = self.snapshot(&place).await? else { continue };
            if page.asks_for_step {
                asking.push(page.texts);
            } else if page.status < 400 && page.login_form.is_none() {
                return Ok(false);
            }
        }
        asking.dedup();
        Ok(asking.len() == 1)
    }

    /// One of the common account pages that changes with the session.
    async fn account_page(&mut self, anonymous: &Jar) -> Result<Option<Place>, LoginError> {
        for place in &self.verification.accounts {
            if self.agent.flow().exchanges.len() >= self.verification.max_exchanges_of_accounts {
                break;
            }
            // Most of them do not exist, so one request decides whether to probe the page.
            let snapshot = self.snapshot(place);
            let snapshot = tokio::time::timeout(WELL_KNOWN_TIMEOUT, snapshot).await;
            if !matches!(snapshot, Ok(Ok(Some(snapshot))) if snapshot.status < 400) {
                continue;
            }
            if let Some(place) = self.probe(place, anonymous, true).await? {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }
}
