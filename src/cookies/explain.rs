//! Explains what a jar would do, without doing it.

use url::Url;

use super::decision::{SendExplanation, SetExplanation};
use super::jar::Jar;
use super::policy;
use super::request_context::RequestContext;
use super::site;
use super::stored_cookie::StoredCookie;

impl Jar {
    /// Whether a request to `url` would carry each cookie of the jar, expired ones included. The cookies of its site
    /// are first, in the order in which they are sent; all others follow, oldest first.
    ///
    /// ```
    /// # use sessctl::{cookies::{Jar, Reason}, url::Url};
    /// # let jar = Jar::new();
    /// jar.receive(&Url::parse("https://app.example/")?, [&b"sid=1; Secure"[..]]);
    /// let explained = jar.explain_sending(&Url::parse("http://other.example/")?, &Default::default());
    /// assert_eq!(explained[0].reasons, [Reason::DomainMismatch, Reason::SecureOnly]);
    /// # Ok::<(), sessctl::url::ParseError>(())
    /// ```
    #[must_use]
    pub fn explain_sending(&self, url: &Url, context: &RequestContext) -> Vec<SendExplanation> {
        let (now, host) = (self.now(), url.host_str().unwrap_or_default());
        let mut state = self.state();
        let mut cookies: Vec<StoredCookie> =
            state.cookies.below(site::site_of(host)).into_iter().map(|cookie| cookie.clone()).collect();
        let mut others: Vec<StoredCookie> = state.cookies.all().into_iter().cloned().collect();
        others.retain(|other| !cookies.iter().any(|cookie| cookie.is_same_as(other)));
        cookies.append(&mut others);
        let explained = cookies.into_iter().map(|cookie| {
            let reasons: Vec<_> = policy::reasons_to_withhold(&cookie, url, context, now).collect();
            let sent_because =
                reasons.is_empty().then(|| policy::reason_to_send(&cookie, url, context)).flatten();
            SendExplanation { cookie, reasons, sent_because }
        });
        explained.collect()
    }

    /// What this jar would do with the `Set-Cookie` lines of a response from `url`. It does not change.
    ///
    /// ```
    /// # use sessctl::{cookies::{Jar, SetAction}, url::Url};
    /// # let (jar, url) = (Jar::new(), Url::parse("https://app.example/")?);
    /// let explained = jar.explain_storing(&url, &[b"sid=1"], &Default::default());
    /// assert_eq!(explained[0].decision.action, SetAction::Stored);
    /// assert!(jar.cookies().is_empty());
    /// # Ok::<(), sessctl::url::ParseError>(())
    /// ```
    #[must_use]
    pub fn explain_storing(
        &self,
        url: &Url,
        lines: &[&[u8]],
        context: &RequestContext,
    ) -> Vec<SetExplanation> {
        self.snapshot().receive_and_explain(url, context, lines.iter().copied())
    }
}
