//! [`SessionProbe`]: a page requested with and without the cookies, which shows whether a session began or ended.

use url::Url;

use super::evidence::Difference;
use super::snapshot::PageSnapshot;
use super::vocabulary::{LOGIN, mentions};
use crate::client::http::agent::UserAgent;
use crate::client::http::error::ClientError;
use crate::cookies::{Jar, is_cross_site};

/// A shorter user name is part of many words.
const MIN_NAME_LEN: usize = 3;

/// A page as it is with the cookies and without them.
#[derive(Debug)]
pub(super) struct SessionProbe {
    /// The page.
    pub(super) place: Url,
    with: PageSnapshot,
    without: PageSnapshot,
    differences: Vec<Difference>,
}

/// What a page with the cookies may show.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected<'a> {
    /// A name to look for.
    pub(super) user: Option<&'a str>,
    /// Whether any other address is a difference, not only one that turns the anonymous client away.
    pub(super) any_address: bool,
}

/// How many requests a page may need: itself and a redirect.
const REQUESTS_OF_PAGE: usize = 2;

/// The login form that was submitted.
#[derive(Debug, Clone)]
pub(super) struct UsedForm<'a> {
    /// Its page.
    pub(super) page: &'a Url,
    /// Its signature.
    pub(super) signature: Option<String>,
}

/// What a page proves about a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// Nothing.
    None,
    /// It turns only the anonymous client away. It may be a dead end that only the new cookies show.
    TurnedAway,
    /// It has something that only a session has: a logout control, the name of the user, members of a JSON object.
    Personal,
}

impl SessionProbe {
    /// Compares a page that was requested with the agent's own cookies with the page for `anonymous`, and if there is a
    /// difference, requests it with either again to confirm it. `None` if one of the requests failed, or too few are left.
    ///
    /// The order of the requests is with, without, without, with: a page that alternates by itself has no difference
    /// that this order confirms.
    pub(super) async fn of_page(
        agent: &mut UserAgent,
        url: &Url,
        with: PageSnapshot,
        anonymous: &Jar,
        expected: Expected<'_>,
    ) -> Result<Option<SessionProbe>, ClientError> {
        let has_left = |agent: &UserAgent, pages: usize| agent.requests_left() >= pages * REQUESTS_OF_PAGE;
        if !has_left(agent, 1) {
            return Ok(None);
        }
        let Some(without) = PageSnapshot::with_jar(agent, url, anonymous).await? else { return Ok(None) };
        let mut probe = SessionProbe { place: url.clone(), differences: Vec::new(), with, without };
        probe.differences = differences(&probe.with, &probe.without, expected);
        // These may vary by chance, such as a login box on a start page, and are confirmed three times.
        let is_stable = |it: &Difference| !matches!(it, Difference::LoginForm | Difference::LoginLink);
        let rounds = if probe.differences.iter().any(is_stable) { 1 } else { 3 };
        for round in 0..rounds {
            if probe.differences.is_empty() {
                break;
            }
            let redirects = probe.redirects_to_login();
            if !has_left(agent, if redirects { 1 } else { 2 }) {
                return Ok(None);
            }
            let (with, without) = if redirects {
                // That does not happen by chance.
                (PageSnapshot::with_own_jar(agent, url).await?, Some(probe.without.clone()))
            } else if round % 2 == 0 {
                let without = PageSnapshot::with_jar(agent, url, anonymous).await?;
                (PageSnapshot::with_own_jar(agent, url).await?, without)
            } else {
                let with = PageSnapshot::with_own_jar(agent, url).await?;
                (with, PageSnapshot::with_jar(agent, url, anonymous).await?)
            };
            let (Some(with), Some(without)) = (with, without) else { return Ok(None) };
            probe.confirm(&with, &without, expected);
        }
        Ok(Some(probe))
    }

    /// Compares snapshots of the page that exist already: one with the cookies and one without.
    pub(super) fn between(place: Url, with: PageSnapshot, without: PageSnapshot) -> SessionProbe {
        Self::between_expecting(place, with, without, Expected { user: None, any_address: false })
    }

    /// The same, with what the page with the cookies may show.
    pub(super) fn between_expecting(
        place: Url,
        with: PageSnapshot,
        without: PageSnapshot,
        expected: Expected<'_>,
    ) -> SessionProbe {
        let differences = differences(&with, &without, expected);
        SessionProbe { place, with, without, differences }
    }

    /// Drops the differences that another pair of requests does not have.
    fn confirm(&mut self, with: &PageSnapshot, without: &PageSnapshot, expected: Expected<'_>) {
        let again = differences(with, without, expected);
        let first = &self.with;
        self.differences.retain(|difference| {
            let is_same = match difference {
                Difference::LogoutControl => first
                    .logout
                    .iter()
                    .any(|control| with.logout.contains(control) && !without.logout.contains(control)),
                Difference::Status(status, _) => with.status == *status,
                Difference::Url(url, _) => with.url == *url,
                _ => true,
            };
            is_same && again.iter().any(|other| other.is_like(difference))
        });
        self.differences.retain_mut(|difference| match difference {
            Difference::Members(names) => {
                names.retain(|name| with.members.contains(name) && !without.members.contains(name));
                !names.is_empty()
            }
            _ => true,
        });
    }

    /// The confirmed differences.
    pub(super) fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// Whether the page distinguishes a logged-in client: it shows a logout control, or is open only to this client, or
    /// names the user. On the page of the login, a missing login form proves nothing: a client that is locked out does not
    /// see it either. While a login form is left, only a logout control or, elsewhere, the user's name proves a session.
    pub(super) fn shows_a_session(&self, login_page: Option<&Url>) -> bool {
        let is_at_login = login_page.is_some_and(|page| self.with.url.path() == page.path());
        self.proves(is_at_login, self.with.login_form.is_some()) != Proof::None
    }

    /// Whether the page shows that the cookies open a session, without anything that is known about the login.
    pub(super) fn is_opened_by_cookies(&self) -> bool {
        let has_control = self.differences.contains(&Difference::LogoutControl);
        let asks = self.with.asks_for_code || self.with.asks_for_step || self.with.refuses;
        self.with.is_shown()
            && !is_cross_site(&self.place, &self.with.url)
            && (has_control || !asks)
            && self.shows_a_session(None)
    }

    /// What the page proves after a login with `form`.
    pub(super) fn proof(&self, form: &UsedForm<'_>) -> Proof {
        let is_at_login = self.with.url.path() == form.page.path();
        let proof = self.proves(is_at_login, self.with.login_form.is_some() && !self.has_another_form(form));
        let names_only = !self
            .differences
            .iter()
            .any(|it| matches!(it, Difference::LogoutControl | Difference::Members(_)));
        match proof {
            _ if !self.with.is_shown() || is_cross_site(&self.place, &self.with.url) => Proof::None,
            _ if self.with.refuses && !self.is_at(&self.place) => Proof::None,
            // The page of a locked account may contain its name, or let the user log out.
            Proof::Personal if self.with.refuses && !names_only => Proof::TurnedAway,
            _ if self.with.refuses => Proof::None,
            proof => proof,
        }
    }

    /// What a page proves that the caller named. It must be on its own site.
    pub(super) fn proof_on_named_page(&self, form: &UsedForm<'_>) -> Proof {
        let is_elsewhere = self.with.url.path() != self.place.path();
        let has_control = self.differences.contains(&Difference::LogoutControl);
        if self.with.asks_for_code && (is_elsewhere || !has_control) {
            return Proof::None;
        }
        match self.proof(form) {
            Proof::None if is_elsewhere && self.with.refuses => Proof::None,
            Proof::None if !self.with.is_shown() || is_cross_site(&self.place, &self.with.url) => Proof::None,
            Proof::None if self.with.login_form.is_none() && !self.with.complains => {
                let is_url = |it: &Difference| matches!(it, Difference::Url(..));
                if self.differences.iter().any(is_url) { Proof::TurnedAway } else { Proof::None }
            }
            proof => proof,
        }
    }

    fn proves(&self, is_at_login: bool, has_form: bool) -> Proof {
        let (complains, is_shown) = (self.with.complains, self.with.status < 400);
        let proof = |difference: &Difference| match difference {
            Difference::LogoutControl => Proof::Personal,
            Difference::Name(_) if !(complains || has_form && is_at_login) => Proof::Personal,
            _ if has_form => Proof::None,
            Difference::Members(_) if is_shown => Proof::Personal,
            Difference::Status(with, without) if *with < 400 && *without >= 400 => Proof::TurnedAway,
            Difference::Url(..) | Difference::LoginForm if !is_at_login && !complains => Proof::TurnedAway,
            Difference::LoginLink if !is_at_login && !complains && is_shown => Proof::TurnedAway,
            _ => Proof::None,
        };
        let proofs: Vec<Proof> = self.differences.iter().map(proof).collect();
        [Proof::Personal, Proof::TurnedAway].into_iter().find(|it| proofs.contains(it)).unwrap_or(Proof::None)
    }

    /// Whether the page has another form with a password than the one that was used, at an address that redirects the
    /// anonymous client to the form that was used: a form for members, which asks for the current password.
    fn has_another_form(&self, form: &UsedForm<'_>) -> bool {
        let is_used = |page: &PageSnapshot| page.login_form == form.signature;
        form.signature.is_some()
            && !is_used(&self.with)
            && is_used(&self.without)
            && self.is_at(&self.place)
            && self.without.url.path() != self.with.url.path()
            && !mentions(self.with.url.path(), LOGIN)
    }

    /// Whether the page redirects the anonymous client to a login form.
    fn redirects_to_login(&self) -> bool {
        self.without.login_form.is_some()
            && self.with.login_form.is_none()
            && self.without.url.path() != self.place.path()
            && self.with.url.path() != self.without.url.path()
    }

    /// Whether the page with the cookies is at this address, without a redirect.
    pub(super) fn is_at(&self, url: &Url) -> bool {
        self.place == *url && self.with.url.path() == url.path() && self.with.url.origin() == url.origin()
    }

    /// The address of the page with the cookies, after redirects.
    pub(super) fn url_with_cookies(&self) -> &Url {
        &self.with.url
    }

    /// The texts of the page with the cookies that the page without them does not have.
    pub(super) fn texts_only_with_cookies(&self) -> Vec<String> {
        self.with.texts.iter().filter(|text| !self.without.texts.contains(text)).cloned().collect()
    }

    /// Whether all differences are of the anonymous page: it has a login form or a link to it, or is another page.
    pub(super) fn shows_nothing_own(&self) -> bool {
        self.differences.iter().all(|difference| {
            matches!(difference, Difference::LoginForm | Difference::LoginLink | Difference::Url(..))
        })
    }

    /// The status of the page with the cookies.
    pub(super) fn status_with_cookies(&self) -> u16 {
        self.with.status
    }

    /// The statuses of the page, with the cookies and without, if it fails only with the cookies.
    pub(super) fn fails_with_cookies(&self) -> Option<(u16, u16)> {
        let fails = self.with.status >= 400 && self.without.status < 400 && self.without.login_form.is_none();
        fails.then_some((self.with.status, self.without.status))
    }

    /// Whether another page leads to this one, and this one refuses the user.
    pub(super) fn is_dead_end_of(&self, other: &PageSnapshot) -> bool {
        self.with.refuses && other.url == self.with.url
    }

    /// Whether the page with the cookies has exactly these texts.
    pub(super) fn has_texts(&self, texts: &[String]) -> bool {
        self.with.texts == texts
    }

    /// Whether a difference is one that only a session makes. A cookie for the language, for example, may redirect to
    /// another page too.
    pub(super) fn is_certain(&self) -> bool {
        self.differences.iter().any(|difference| match difference {
            Difference::LoginForm
            | Difference::LogoutControl
            | Difference::Members(_)
            | Difference::Name(_)
            | Difference::LoginLink => true,
            Difference::Status(with, without) => *with < 400 && *without >= 400,
            Difference::Url(..) => false,
        })
    }

    /// Whether the session is over in `later`: `Some(true)` if it has no difference any more, `Some(false)` if it still
    /// has all of them, and `None` if it has only some.
    pub(super) fn is_over(&self, later: &PageSnapshot) -> Option<bool> {
        let persists = |difference: &Difference| match difference {
            Difference::Status(with, _) => later.status == *with,
            Difference::Url(with, _) => later.url == *with,
            Difference::LoginForm => later.login_form.is_none() && later.url == self.with.url,
            Difference::LogoutControl => self
                .with
                .logout
                .iter()
                .any(|control| !self.without.logout.contains(control) && later.logout.contains(control)),
            Difference::Members(names) => names.iter().any(|name| later.members.contains(name)),
            Difference::Name(name) => later.names(name),
            Difference::LoginLink => {
                let is_same = later.login_form.is_none() || later.login_form == self.with.login_form;
                !later.login_link && is_same
            }
        };
        // If the logout control is gone or the login form is back, the session is over, even if a new cookie of another
        // kind keeps a further difference.
        let is_decisive = |difference: &&Difference| {
            matches!(difference, Difference::LogoutControl | Difference::LoginForm | Difference::Members(_))
        };
        let mut decisive = self.differences.iter().filter(is_decisive).peekable();
        if decisive.peek().is_some() && !decisive.any(persists) {
            return Some(true);
        }
        match self.differences.iter().filter(|difference| persists(difference)).count() {
            0 => Some(true),
            all if all == self.differences.len() => Some(false),
            _ => None,
        }
    }
}

fn differences(with: &PageSnapshot, without: &PageSnapshot, expected: Expected<'_>) -> Vec<Difference> {
    let mut found = Vec::new();
    if with.status != without.status {
        found.push(Difference::Status(with.status, without.status));
    }
    if with.url != without.url && (expected.any_address || is_turned_away(with, without)) {
        found.push(Difference::Url(with.url.clone(), without.url.clone()));
    }
    if without.login_form.is_some() && with.login_form.is_none() {
        found.push(Difference::LoginForm);
    }
    if with.logout.iter().any(|control| !without.logout.contains(control)) {
        found.push(Difference::LogoutControl);
    }
    let user = expected.user.filter(|user| user.chars().count() >= MIN_NAME_LEN);
    let is_named = |user: &&str| with.names(user) && !without.names(user);
    found.extend(user.filter(is_named).map(|user| Difference::Name(user.to_owned())));
    if without.login_link && !with.login_link {
        found.push(Difference::LoginLink);
    }
    let is_only_with = |name: &&String| !without.members.contains(name);
    let members: Vec<String> = with.members.iter().filter(is_only_with).cloned().collect();
    if !members.is_empty() && without.status < 400 {
        found.push(Difference::Members(members));
    }
    found
}

/// Whether another address shows that the anonymous client is turned away: it gets a login form, an error, or the address
/// of a login. A cookie for the language redirects too.
fn is_turned_away(with: &PageSnapshot, without: &PageSnapshot) -> bool {
    let is_login = |page: &PageSnapshot| mentions(page.url.path(), LOGIN);
    without.login_form.is_some() || without.status >= 400 || (is_login(without) && !is_login(with))
}
