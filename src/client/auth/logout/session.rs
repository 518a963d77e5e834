//! [`SessionPage`]: a page that showed a session before the logout, and whether it still does.

use url::Url;

use super::requests::{LoadedPage, Look, Requests};
use crate::client::auth::evidence::Difference;
use crate::client::auth::probe::SessionProbe;
use crate::client::auth::snapshot::PageSnapshot;
use crate::client::http::error::ClientError;
use crate::cookies::Jar;

/// A page that shows whether there is a session.
///
/// A later look at the page is compared with the page before the logout, and if that is not enough with the page of an
/// anonymous client. The anonymous request is sent only when it is needed: if the page had a logout control and now has a
/// login form instead, the session is over.
pub(super) struct SessionPage {
    /// The page.
    pub(super) place: Url,
    /// The page before the logout.
    before: PageSnapshot,
    /// How many requests led to it then, redirects included.
    pub(super) hops: usize,
    /// How it differs from the page of an anonymous client. `None` before the first comparison.
    probe: Option<SessionProbe>,
    anonymous: Option<PageSnapshot>,
}

/// The addresses of a page without its query are the same page.
pub(super) fn is_same_page(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin() && one.path() == other.path()
}

impl SessionPage {
    /// The first of these pages that shows a session: it has a logout control, or differs for an anonymous client. `None` if
    /// none of them does.
    pub(super) async fn shown_by(
        requests: &mut Requests<'_>,
        pages: &[LoadedPage],
    ) -> Result<Option<SessionPage>, ClientError> {
        for page in pages {
            let Some(look) = page.look() else { continue };
            let end = look.snapshot.url.clone();
            let mut session = SessionPage::at(end.clone(), look.snapshot.clone(), 1);
            // Some sites show links to login and logout to everybody.
            let is_clear = !session.before.logout.is_empty()
                && session.before.login_form.is_none()
                && !session.before.login_link;
            if is_clear || session.is_shown(requests).await? {
                return Ok(Some(session));
            }
            // A page may redirect only clients that are logged in.
            let Some(start) = look.hops.first().filter(|start| !is_same_page(start, &end)) else { continue };
            let mut session = SessionPage::at(start.clone(), look.snapshot, look.hops.len());
            if session.is_shown(requests).await? {
                return Ok(Some(session));
            }
        }
        Ok(None)
    }

    fn at(place: Url, before: PageSnapshot, hops: usize) -> SessionPage {
        SessionPage { place, before, hops, probe: None, anonymous: None }
    }

    /// Whether the page led to this address before the logout.
    pub(super) fn led_to(&self, target: &Url) -> bool {
        is_same_page(target, &self.before.url)
    }

    /// Whether the page differs for an anonymous client in a way that only a session makes.
    async fn is_shown(&mut self, requests: &mut Requests<'_>) -> Result<bool, ClientError> {
        if !self.compare(requests).await? {
            return Ok(false);
        }
        let shows = |probe: &SessionProbe| probe.is_certain() || probe.shows_a_session(None);
        if !self.probe.as_ref().is_some_and(shows) {
            return Ok(false);
        }
        // These may vary by chance, such as a login box on a start page.
        let is_chance = |it: &Difference| {
            matches!(it, Difference::LoginForm | Difference::LoginLink | Difference::Url(..))
        };
        let differences = self.probe.as_ref().map_or(&[][..], SessionProbe::differences);
        if !differences.iter().all(is_chance) {
            return Ok(true);
        }
        let own = requests.agent.jar().snapshot();
        let Some(again) = requests.look(&self.place, &own).await? else { return Ok(false) };
        let anonymous = requests.agent.jar().empty();
        let Some(without) = requests.look(&self.place, &anonymous).await? else { return Ok(false) };
        let confirmed = SessionProbe::between(self.place.clone(), again.snapshot, without.snapshot);
        Ok(shows(&confirmed))
    }

    /// Requests the page as an anonymous client, unless that was done. Returns whether there is a comparison.
    async fn compare(&mut self, requests: &mut Requests<'_>) -> Result<bool, ClientError> {
        if self.probe.is_some() {
            return Ok(true);
        }
        let anonymous: Jar = requests.agent.jar().empty();
        let Some(without) = requests.look(&self.place, &anonymous).await? else { return Ok(false) };
        let (before, without) = (self.before.clone(), without.snapshot);
        self.probe = Some(SessionProbe::between(self.place.clone(), before, without.clone()));
        self.anonymous = Some(without);
        Ok(true)
    }

    /// Whether the session is over in a later look. `None` if the page does not show that.
    pub(super) async fn is_over(
        &mut self,
        requests: &mut Requests<'_>,
        later: &Look,
    ) -> Result<Option<bool>, ClientError> {
        let later = &later.snapshot;
        let has_control = later.logout.iter().any(|control| self.before.logout.contains(control));
        let had_only_control = !self.before.logout.is_empty() && self.before.login_form.is_none();
        if had_only_control && later.login_form.is_some() && !has_control && later.status < 400 {
            return Ok(Some(true));
        }
        if !self.compare(requests).await? {
            return Ok(None);
        }
        let (Some(probe), Some(anonymous)) = (&self.probe, &self.anonymous) else { return Ok(None) };
        if !(probe.is_certain() || probe.shows_a_session(None)) {
            return Ok(None);
        }
        let is_over = probe.is_over(later);
        // A page that is neither the one of before nor the one of an anonymous client proves nothing: an error, a question.
        let is_error = later.status >= 400 && later.status != anonymous.status;
        let is_other = anonymous.login_form.is_some()
            && later.login_form.is_none()
            && !later.login_link
            && !is_same_page(&later.url, &anonymous.url);
        Ok(is_over.filter(|is_over| !is_over || !(is_error || is_other)))
    }

    /// Whether an anonymous client gets a login form where this client gets a page of another site without one: a provider of
    /// a single sign-on knows this client.
    pub(super) fn is_known_elsewhere(&self, later: &Look) -> bool {
        let is_elsewhere = later.snapshot.url.host_str() != self.place.host_str();
        let is_turned_away = |anonymous: &PageSnapshot| anonymous.login_form.is_some();
        is_elsewhere
            && later.snapshot.status < 400
            && later.snapshot.login_form.is_none()
            && self.anonymous.as_ref().is_some_and(is_turned_away)
    }
}
