//! [`SessionProbe`]: a page requested with and without the cookies, which shows whether a session began or ended.

use url::Url;

use super::evidence::Difference;
use super::snapshot::PageSnapshot;
use crate::client::http::agent::UserAgent;
use crate::client::http::error::ClientError;
use crate::cookies::Jar;

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

impl SessionProbe {
    /// Requests the page twice with the agent's own cookies, to see what varies between any two requests, and once with
    /// those of `anonymous`. If there is a difference, requests it again with either to confirm it. `None` if one of the
    /// requests failed. `user` is a name to look for.
    pub(super) async fn of(
        agent: &mut UserAgent,
        url: &Url,
        anonymous: &Jar,
        user: Option<&str>,
    ) -> Result<Option<SessionProbe>, ClientError> {
        let Some(with) = PageSnapshot::with_own_jar(agent, url).await? else { return Ok(None) };
        let Some(again) = PageSnapshot::with_own_jar(agent, url).await? else { return Ok(None) };
        let Some(without) = PageSnapshot::with_jar(agent, url, anonymous).await? else { return Ok(None) };
        let mut found = differences(&with, &again, &without, user);
        // These may vary by chance, such as a login box on a start page, and are confirmed three times.
        let is_stable = |it: &Difference| {
            !matches!(it, Difference::LoginForm | Difference::LoginLink | Difference::Url(..))
        };
        let rounds = if found.iter().any(is_stable) { 1 } else { 3 };
        for _ in 0..rounds {
            if found.is_empty() {
                break;
            }
            let Some(third) = PageSnapshot::with_own_jar(agent, url).await? else { return Ok(None) };
            let Some(without) = PageSnapshot::with_jar(agent, url, anonymous).await? else { return Ok(None) };
            let confirmed = differences(&with, &third, &without, user);
            found.retain(|difference| confirmed.iter().any(|other| other.is_like(difference)));
        }
        Ok(Some(SessionProbe { place: url.clone(), with, without, differences: found }))
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
        let has_form = self.with.login_form.is_some();
        let (complains, is_shown) = (self.with.complains, self.with.status < 400);
        self.differences.iter().any(|difference| match difference {
            Difference::LogoutControl => true,
            Difference::Name(_) => !(complains || has_form && is_at_login),
            _ if has_form => false,
            Difference::Status(with, without) => *with < 400 && *without >= 400,
            Difference::Url(..) | Difference::LoginForm => !is_at_login && !complains,
            Difference::Members(_) => is_shown,
            Difference::LoginLink => !is_at_login && !complains && is_shown,
        })
    }

    /// Whether the page shows a logout control or the user's name.
    pub(super) fn is_personal(&self) -> bool {
        self.differences.iter().any(|it| matches!(it, Difference::LogoutControl | Difference::Name(_)))
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
            Difference::LoginLink => !later.login_link && later.login_form.is_none(),
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

fn differences(
    with: &PageSnapshot,
    again: &PageSnapshot,
    without: &PageSnapshot,
    user: Option<&str>,
) -> Vec<Difference> {
    let mut found = Vec::new();
    let is_turned_away = without.login_form.is_some() || without.status >= 400;
    if with.status == again.status && with.status != without.status {
        found.push(Difference::Status(with.status, without.status));
    }
    // Another address is evidence only if the anonymous client is turned away: a cookie for the language redirects too.
    if with.url == again.url && with.url != without.url && is_turned_away {
        found.push(Difference::Url(with.url.clone(), without.url.clone()));
    }
    if without.login_form.is_some() && with.login_form.is_none() && again.login_form.is_none() {
        found.push(Difference::LoginForm);
    }
    if with.logout.iter().any(|control| again.logout.contains(control) && !without.logout.contains(control)) {
        found.push(Difference::LogoutControl);
    }
    let user = user.filter(|user| user.chars().count() >= MIN_NAME_LEN);
    let is_named = |user: &&str| with.names(user) && again.names(user) && !without.names(user);
    found.extend(user.filter(is_named).map(|user| Difference::Name(user.to_owned())));
    if without.login_link && !with.login_link && !again.login_link {
        found.push(Difference::LoginLink);
    }
    let is_only_with = |name: &&String| again.members.contains(name) && !without.members.contains(name);
    let members: Vec<String> = with.members.iter().filter(is_only_with).cloned().collect();
    if !members.is_empty() && without.status < 400 {
        found.push(Difference::Members(members));
    }
    found
}
