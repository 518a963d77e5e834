//! Decisions without their consequences: what would become of a cookie, and why.

use url::Url;

use super::decision::SetDecision;
use super::jar::Jar;
use super::reason::Reason;
use super::request_context::RequestContext;
use super::stored_cookie::StoredCookie;
use super::warning::Warning;
use super::{policy, set_cookie};

/// What would become of a cookie of the jar at a request.
#[derive(Debug, Clone, PartialEq)]
pub struct SendExplanation {
    /// The cookie.
    pub cookie: StoredCookie,
    /// What keeps it back, the deciding reason first; empty: it would be sent.
    pub reasons: Vec<Reason>,
}

/// What would become of a `Set-Cookie` line.
#[derive(Debug, Clone, PartialEq)]
pub struct SetExplanation {
    /// What would be done.
    pub decision: SetDecision,
    /// The cookie that would be in the jar afterwards.
    pub cookie: Option<StoredCookie>,
    /// What in the line counts otherwise than it looks.
    pub warnings: Vec<Warning>,
}

impl Jar {
    /// Of each cookie, expired ones included, whether a request to `url` would carry it: first those of its site, in
    /// the order in which they would be sent, then all others, oldest first.
    #[must_use]
    pub fn explain_sending(&self, url: &Url, context: &RequestContext) -> Vec<SendExplanation> {
        let (now, site) = (self.now(), policy::site_of(url.host_str().unwrap_or_default()));
        let mut state = self.state();
        let mut cookies: Vec<StoredCookie> =
            state.cookies.below(site).into_iter().map(|cookie| cookie.clone()).collect();
        let of_site = cookies.len();
        let is_told = |cookie: &StoredCookie| cookies[..of_site].iter().any(|told| told.is_same_as(cookie));
        let others: Vec<StoredCookie> =
            state.cookies.all().into_iter().filter(|cookie| !is_told(cookie)).cloned().collect();
        cookies.extend(others);
        cookies
            .into_iter()
            .map(|cookie| {
                let reasons = policy::obstacles(&cookie, url, context, now).collect();
                SendExplanation { cookie, reasons }
            })
            .collect()
    }

    /// What this jar would do with the `Set-Cookie` lines of a response of `url`, one after the other. It stays as it
    /// is.
    #[must_use]
    pub fn explain_storing(
        &self,
        url: &Url,
        lines: &[&[u8]],
        context: &RequestContext,
    ) -> Vec<SetExplanation> {
        let jar = self.snapshot();
        lines.iter().map(|line| jar.store_and_explain(url, line, context)).collect()
    }

    fn store_and_explain(&self, url: &Url, line: &[u8], context: &RequestContext) -> SetExplanation {
        let now = self.now();
        let mut warnings = Vec::new();
        let parsed = set_cookie::parse(line, now, |warning| warnings.push(warning));
        let decision = self.receive_in(url, context, [line]).swap_remove(0);
        let admitted = parsed.ok().and_then(|parsed| {
            let (domain, path) = (parsed.domain.clone(), parsed.path.clone());
            let cookie = policy::admit(parsed, url, now).ok()?;
            if domain.is_some() && cookie.is_host_only() {
                warnings.push(Warning::DomainIsPublicSuffix);
            }
            if path.is_none() {
                warnings.push(Warning::DefaultPath(cookie.path.to_string()));
            }
            Some(cookie)
        });
        let stored = admitted.and_then(|admitted| {
            let is_it =
                |cookie: &StoredCookie| decision.action.reason().is_none() && cookie.is_same_as(&admitted);
            self.cookies().into_iter().find(is_it)
        });
        SetExplanation { decision, cookie: stored, warnings }
    }
}
