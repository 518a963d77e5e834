//! Logs in and out while nothing else happens. Several checks look at the same logout.

use std::rc::Rc;

use http::HeaderName;

use crate::audit::auditor::Auditor;
use crate::audit::observation::NotTested;
use crate::audit::quiet_logout::QuietLogout;
use crate::client::auth::LogoutOutcome;
use crate::client::http::Exchange;
use crate::cookies::StoredCookie;

impl Auditor<'_> {
    /// Logs in and out, or returns what an earlier check saw.
    pub(super) async fn quiet_logout(&mut self) -> Result<Rc<QuietLogout>, NotTested> {
        if let Some(known) = self.state.quiet_logout.clone() {
            self.traffic.trail.extend_from_slice(&known.exchanges);
            return Ok(known);
        }
        let from = self.traffic.trail.len();
        let mut agent = self.log_in().await?;
        let copy = agent.jar().snapshot();
        let report = self.log_out(&mut agent).await?;
        let copy_is_live = self.still_opens(&copy).await?;
        let still_logged_in = matches!(report.outcome, LogoutOutcome::StillLoggedIn) && copy_is_live;
        let left = self.app.session_cookies_in(agent.jar());
        let old = self.app.session_cookies_in(&copy);
        let is_old =
            |cookie: &StoredCookie| old.iter().any(|it| it.is_same_as(cookie) && it.value == cookie.value);
        let exchanges = self.traffic.trail[from..].to_vec();
        if !copy_is_live {
            self.closed(&copy);
        }
        let logout = Rc::new(QuietLogout {
            control: report.control.to_string(),
            still_logged_in,
            copy_is_live,
            cookies_left: left.into_iter().filter(is_old).collect(),
            clears_site_data: exchanges.iter().any(clears_site_data),
            exchanges,
        });
        self.state.quiet_logout = Some(Rc::clone(&logout));
        Ok(logout)
    }
}

fn clears_site_data(exchange: &Exchange) -> bool {
    let name = HeaderName::from_static("clear-site-data");
    exchange.response.as_ref().is_some_and(|response| response.headers.contains_key(&name))
}
