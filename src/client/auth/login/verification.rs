//! [`Verification`]: looks for a page that changes with the new cookies.

use std::collections::HashSet;
use std::time::Duration;

use url::Url;

use super::error::LoginError;
use crate::client::auth::evidence::{Difference, Evidence};
use crate::client::auth::probe::SessionProbe;
use crate::client::auth::snapshot::PageSnapshot;
use crate::client::auth::well_known;
use crate::client::http::agent::UserAgent;
use crate::cookies::Jar;

/// How long a page at a common path may take.
const WELL_KNOWN_TIMEOUT: Duration = Duration::from_secs(3);

/// A page that changes with the session, and how.
type Place = (Url, Vec<Difference>);

/// What is known before the verification.
pub(super) struct Verification<'a> {
    pub(super) evidence: &'a [Evidence],
    /// The only page to probe, if the caller names one.
    pub(super) judge_by: Option<&'a Url>,
    /// The pages to probe. The start page of the site is added.
    pub(super) places: Vec<Url>,
    /// The page of the login: a missing login form on it proves nothing.
    pub(super) login_page: &'a Url,
    /// The texts of a direct answer without a logout control. A page with the same texts is an interstitial: it shows that
    /// something is in the way, not that there is a session.
    pub(super) interstitial: Option<&'a [String]>,
    /// The cookies before the login: those of an anonymous client.
    pub(super) before: Jar,
    pub(super) user: Option<&'a str>,
}

impl Verification<'_> {
    /// The page that changes with the new cookies: the one that the caller names, else one of the places, of the start
    /// page of their site, and of the common account pages.
    pub(super) async fn page_with_session(&self, agent: &mut UserAgent) -> Result<Option<Place>, LoginError> {
        let root = self.places.first().and_then(|place| place.join("/").ok());
        let mut places = match self.judge_by {
            Some(named) => vec![named.clone()],
            None => self.places.iter().cloned().chain(root).collect(),
        };
        let mut known = HashSet::new();
        places.retain(|place| known.insert(place.clone()));
        // The anonymous client first has the cookies from before the login. If the application continues with one of
        // them, it has no cookies at all, and the difference must be certain.
        let before = self.before_without_issued_cookies();
        let empty = agent.jar().empty();
        for (anonymous, must_be_certain) in [(&before, false), (&empty, true)] {
            for place in &places {
                if let Some(differences) = self.probe(agent, place, anonymous, must_be_certain).await? {
                    return Ok(Some((place.clone(), differences)));
                }
            }
        }
        if self.judge_by.is_some() { Ok(None) } else { self.account_page(agent, &before).await }
    }

    /// How a page changes with the session, if it does.
    async fn probe(
        &self,
        agent: &mut UserAgent,
        place: &Url,
        anonymous: &Jar,
        must_be_certain: bool,
    ) -> Result<Option<Vec<Difference>>, LoginError> {
        let probe = SessionProbe::of(agent, place, anonymous, self.user).await?;
        let shows_session = |probe: &SessionProbe| {
            let is_interstitial =
                self.interstitial.is_some_and(|texts| probe.has_texts(texts)) && !probe.is_personal();
            !is_interstitial
                && probe.shows_a_session(Some(self.login_page))
                && (!must_be_certain || probe.is_certain())
        };
        Ok(probe.filter(shows_session).map(|probe| probe.differences().to_vec()))
    }

    /// One of the common account pages that changes with the session.
    async fn account_page(
        &self,
        agent: &mut UserAgent,
        anonymous: &Jar,
    ) -> Result<Option<Place>, LoginError> {
        let Some(start) = self.places.first() else { return Ok(None) };
        for place in well_known::below(start, well_known::WHO_AM_I) {
            // Most of them do not exist, so one request decides whether to probe the page.
            let snapshot = PageSnapshot::with_own_jar(agent, &place);
            let snapshot = tokio::time::timeout(WELL_KNOWN_TIMEOUT, snapshot).await;
            if !matches!(snapshot, Ok(Ok(Some(snapshot))) if snapshot.status < 400) {
                continue;
            }
            if let Some(differences) = self.probe(agent, &place, anonymous, true).await? {
                return Ok(Some((place, differences)));
            }
        }
        Ok(None)
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
}
