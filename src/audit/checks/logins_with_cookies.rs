//! Logs in with cookies from before the login. Several checks look at the same logins.

use std::rc::Rc;

use crate::audit::auditor::Auditor;
use crate::audit::observation::NotTested;
use crate::audit::pre_login::{LoginWithCookies, PreLogin};
use crate::audit::random::of_same_shape;
use crate::client::http::Request;
use crate::cookies::Jar;

impl Auditor<'_> {
    /// Logs in with cookies from before, or returns what an earlier check saw.
    pub(super) async fn pre_login(&mut self) -> Result<Rc<PreLogin>, NotTested> {
        let auditor = self;
        if let Some(known) = auditor.state.pre_login.clone() {
            auditor.traffic.trail.extend_from_slice(&known.exchanges);
            return Ok(known);
        }
        let invented = auditor.traffic.empty_jar();
        for cookie in &auditor.app.session_cookies {
            invented.merge([cookie.with_value(of_same_shape(&cookie.value.0)?)]);
        }
        let invented = log_in_with(auditor, invented).await;
        let mut anonymous = auditor.traffic.anonymous();
        let pages = [auditor.config.start.clone(), auditor.app.login.page().clone()];
        for page in pages {
            auditor.load(&mut anonymous, Request::page(page)).await?;
        }
        let issued = match auditor.app.session_cookies_in(anonymous.jar()).is_empty() {
            true => None,
            false => Some(log_in_with(auditor, anonymous.jar().snapshot()).await),
        };
        let exchanges = auditor.traffic.trail.clone();
        let seen = Rc::new(PreLogin { invented, issued, exchanges });
        auditor.state.pre_login = Some(Rc::clone(&seen));
        Ok(seen)
    }
}

async fn log_in_with(auditor: &mut Auditor<'_>, before: Jar) -> Result<LoginWithCookies, NotTested> {
    if auditor.is_live(&before).await? {
        return Err(NotTested::control_failed("the cookies from before the login open a session before it"));
    }
    let agent = auditor.log_in_with(before.snapshot()).await?;
    Ok(LoginWithCookies {
        before: auditor.app.session_cookies_in(&before),
        after: auditor.app.session_cookies_in(agent.jar()),
        opens_session: auditor.still_opens(&before).await?,
    })
}
