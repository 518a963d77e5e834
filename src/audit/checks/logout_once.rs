//! Logs in and out while nothing else happens. Several checks look at the same logout.

use std::rc::Rc;

use http::HeaderName;
use url::Url;

use crate::audit::auditor::Auditor;
use crate::audit::observation::NotTested;
use crate::audit::quiet_logout::QuietLogout;
use crate::client::Request;
use crate::client::auth::LogoutOutcome;
use crate::client::auth::trace::ControlSeen;
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
        let mut agent = self.session().await?;
        let copy = agent.jar().snapshot();
        let report = self.log_out(&mut agent).await?;
        let copy_is_live = self.still_opens(&copy).await?;
        let is_logged_in = matches!(report.outcome, LogoutOutcome::StillLoggedIn) && copy_is_live;
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
            needs_script: is_logged_in && exchanges.iter().any(has_script),
            path_request: path_request(self.app.proof.place(), &report.control),
            copy_is_live,
            cookies_left: left.into_iter().filter(is_old).collect(),
            clears_site_data: exchanges.iter().any(clears_site_data),
            exchanges,
        });
        self.state.quiet_logout = Some(Rc::clone(&logout));
        Ok(logout)
    }
}

/// A form or a link works without a script if its page has none.
fn has_script(exchange: &Exchange) -> bool {
    let body = exchange.response.as_ref().map(|response| String::from_utf8_lossy(&response.body));
    body.is_some_and(|body| body.to_ascii_lowercase().contains("<script"))
}

fn path_request(place: &Url, control: &ControlSeen) -> Option<Request> {
    match control {
        ControlSeen::WellKnown(method, path) | ControlSeen::Request(method, path) => {
            let mut request = Request::page(place.join(path).ok()?);
            request.method = method.clone();
            request.from_page = Some(place.clone());
            Some(request)
        }
        _ => None,
    }
}

fn clears_site_data(exchange: &Exchange) -> bool {
    let name = HeaderName::from_static("clear-site-data");
    exchange.response.as_ref().is_some_and(|response| response.headers.contains_key(&name))
}
