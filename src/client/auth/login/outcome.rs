//! Whether a session began: what the answer shows, and how a page differs for a stranger.

use std::time::Duration;

use url::Url;

use super::attempt::{Answer, Attempt};
use super::messages;
use super::report::{Credentials, LoginError, LoginOutcome, LoginReport};
use crate::client::auth::classify;
use crate::client::auth::classify::Hints;
use crate::client::auth::logout_controls;
use crate::client::auth::probe;
use crate::client::auth::probe::{Difference, Evidence, PageSnapshot, SessionProbe};
use crate::client::auth::well_known;
use crate::client::{Purpose, UserAgent};
use crate::cookies::{ByteString, Jar};

/// Judges what was done by a form.
pub(super) async fn judge(
    agent: &mut UserAgent,
    attempt: Attempt,
    credentials: &Credentials<'_>,
) -> Result<LoginReport, LoginError> {
    let Attempt { first_page, form_page, jar_before, before, answer, blockers } = attempt;
    let Answer { response, page, status, user } = answer;
    let hints = &credentials.hints;
    let mut evidence = cookies_since(agent, before);
    // A form that puts its fields into the URL ends on one that must not be kept.
    let page_url = if agent.may_show(&response.url) { response.url.clone() } else { first_page.clone() };
    let said = messages::said_by(&response, &page, &form_page);
    let messages = messages::shortened(said.iter().map(|text| agent.hidden_in_text(text)));
    let report =
        |outcome, evidence, page| Ok(LoginReport { outcome, evidence, page, user: user.clone(), blockers });
    if let Some(text) = &credentials.expect_text {
        if response.text().contains(text.as_str()) {
            evidence.push(Evidence::ExpectedText(text.clone()));
            return report(LoginOutcome::LoggedIn, evidence, page_url);
        }
        return report(LoginOutcome::Refused { status, messages }, evidence, page_url);
    }
    let refused = LoginOutcome::Refused { status, messages: messages.clone() };
    let names_before = logout_controls::logout_names(&form_page);
    let way_out = logout_controls::logout_names(&page).into_iter().find(|name| !names_before.contains(name));
    let form_left =
        classify::login_form(&page, hints).or_else(|| classify::login_form(&page, &Hints::default()));
    let is_named = credentials.judge_by.is_some();
    // Back at a login form: refused. One that is on every page of a site is on the page of a session too.
    let is_back =
        form_left.is_some() && (page.url.path() == form_page.url.path() || !(300..400).contains(&status));
    let complains = messages::complains(&page, &form_page);
    if status >= 400 || (way_out.is_none() && !is_named && (is_back || (form_left.is_some() && complains))) {
        return report(refused, evidence, page_url);
    }
    if classify::asks_for_code(&page) && !is_named {
        return report(LoginOutcome::CodeNeeded, evidence, page_url);
    }
    if form_left.is_none() {
        evidence.push(Evidence::LoginFormGone);
    }
    let at_answer = without_query(&response.url);
    let mut places = vec![at_answer, response.url.clone(), first_page.clone()];
    // A page that says that all went well, and leaves going on to a person.
    let own = page.links.iter().filter(|link| link.target.origin() == page.url.origin());
    if way_out.is_none() && page.links.len() <= MOST_LINKS {
        places.extend(own.map(|link| link.target.clone()));
    }
    places.dedup();
    let is_direct = status < 300 && way_out.is_none();
    evidence.extend(way_out.map(Evidence::LogoutControl));
    let verification = Verification {
        evidence: &evidence,
        judge_by: credentials.judge_by.as_ref(),
        places,
        login_page: &form_page.url,
        interstitial: is_direct.then_some(page.texts.as_slice()),
        before: jar_before,
        user: credentials.user.as_deref(),
    };
    match verification.place_with_session(agent).await? {
        Some((place, _)) if !is_named && is_held_up(agent, &place, &first_page).await? => {
            report(LoginOutcome::CodeNeeded, evidence, page_url)
        }
        Some((place, differences)) => {
            let place = if agent.may_show(&place) { place } else { page_url };
            evidence.push(Evidence::Differs(place.clone(), differences));
            report(LoginOutcome::LoggedIn, evidence, place)
        }
        None if complains => report(refused, evidence, page_url),
        None => report(LoginOutcome::NoEvidence { messages }, evidence, page_url),
    }
}

/// Some applications begin a session with the address to which a login leads, once: it is not asked for again first.
fn without_query(url: &Url) -> Url {
    let mut place = url.clone();
    place.set_query(None);
    place.set_fragment(None);
    place
}

/// Whether all ways lead to one page that asks for something more: a code, an answer, a new password.
async fn is_held_up(agent: &mut UserAgent, place: &Url, first_page: &Url) -> Result<bool, LoginError> {
    let root = place.join("/").ok();
    let mut asked: Vec<Vec<String>> = Vec::new();
    for place in [Some(place.clone()), root, Some(first_page.clone())].into_iter().flatten() {
        let Some(look) = PageSnapshot::own(agent, &place).await? else { continue };
        match look.asks() {
            Some(texts) => asked.push(texts.to_vec()),
            None if look.is_shown() && !look.is_for_strangers() => return Ok(false),
            None => {}
        }
    }
    asked.dedup();
    Ok(asked.len() == 1)
}

/// The cookies that the exchanges since gave out or renewed.
pub(super) fn cookies_since(agent: &UserAgent, before: usize) -> Vec<Evidence> {
    let steps = agent.flow().exchanges.get(before..).unwrap_or_default();
    probe::of_cookies(steps.iter().filter(|exchange| exchange.purpose != Purpose::Probe))
}

/// Which page shows the session, and what is known for telling that.
pub(super) struct Verification<'a> {
    pub(super) evidence: &'a [Evidence],
    /// The page that the caller names: then no other counts.
    pub(super) judge_by: Option<&'a Url>,
    /// Where to look first. The start page of the site is looked at too.
    pub(super) places: Vec<Url>,
    /// Where the login was: that its form is gone there proves nothing.
    pub(super) login_page: &'a Url,
    /// What was said at once in answer to the submission, if that offered nothing: a page that says just the same is no
    /// other page, but a interstitial.
    pub(super) interstitial: Option<&'a [String]>,
    /// The cookies before the login: those of the one who is not logged in.
    pub(super) before: Jar,
    pub(super) user: Option<&'a str>,
}

/// A page that the session makes another one, and how.
type Place = (Url, Vec<Difference>);

impl Verification<'_> {
    /// The page that the new session makes another one: the one that the caller names, or one of the places, the
    /// start page of their site, or one where applications usually say who is logged in.
    pub(super) async fn place_with_session(
        &self,
        agent: &mut UserAgent,
    ) -> Result<Option<Place>, LoginError> {
        let mut to_look_at: Vec<Url> = Vec::new();
        let root = self.places.first().and_then(|place| place.join("/").ok());
        let all = match self.judge_by {
            Some(named) => vec![named.clone()],
            None => self.places.iter().cloned().chain(root).collect(),
        };
        for place in all {
            if !to_look_at.contains(&place) {
                to_look_at.push(place);
            }
        }
        // First beside who this client was before the login. An application that goes on with the cookie from before
        // (it knew this client already) is asked as a stranger would ask, and has to show it more clearly.
        let (before, nobody) = (self.before.clone(), agent.jar().empty());
        let narrow = without_cookies_of(self.evidence, &before);
        for (stranger, clearly) in [(&narrow, false), (&nobody, true)] {
            for place in &to_look_at {
                let probe = SessionProbe::of(agent, place, stranger, self.user).await?;
                let Some(probe) = probe else { continue };
                if !self.is_interstitial(&probe)
                    && probe.shows_a_session(Some(self.login_page))
                    && (!clearly || probe.is_clear())
                {
                    return Ok(Some((place.clone(), probe.differences().to_vec())));
                }
            }
        }
        if self.judge_by.is_some() { Ok(None) } else { self.who_am_i(agent, &narrow).await }
    }

    fn is_interstitial(&self, probe: &SessionProbe) -> bool {
        self.interstitial.is_some_and(|interstitial| probe.says(interstitial)) && !probe.names_somebody()
    }

    async fn who_am_i(&self, agent: &mut UserAgent, stranger: &Jar) -> Result<Option<Place>, LoginError> {
        let Some(start) = self.places.first() else { return Ok(None) };
        for place in well_known::below(start, well_known::WHO_AM_I) {
            // Most of them are not there, which one look tells; one that does not answer is none.
            let look = agent.at_most(A_GUESS, async |agent| PageSnapshot::own(agent, &place).await).await;
            if !matches!(look, Some(Ok(Some(look))) if look.is_shown()) {
                continue;
            }
            let probe = SessionProbe::of(agent, &place, stranger, self.user).await?;
            let shows = |it: &SessionProbe| {
                !self.is_interstitial(it) && it.shows_a_session(Some(self.login_page)) && it.is_clear()
            };
            if let Some(probe) = probe.filter(shows) {
                return Ok(Some((place, probe.differences().to_vec())));
            }
        }
        Ok(None)
    }
}

/// A page with more links than this is no mere step on the way.
const MOST_LINKS: usize = 4;

/// How long a page may take that is only guessed.
const A_GUESS: Duration = Duration::from_secs(3);

/// The cookies from before, without those whose values the login renewed: a pre-login session may have been raised.
fn without_cookies_of(evidence: &[Evidence], jar: &Jar) -> Jar {
    let names: Vec<&ByteString> = evidence
        .iter()
        .filter_map(|evidence| match evidence {
            Evidence::CookieIssued(name) => Some(name),
            _ => None,
        })
        .collect();
    let without = jar.snapshot();
    without.remove(|cookie| names.contains(&&cookie.name));
    without
}
