//! Sends the request of `--write`, and reads the number that it changes.

use crate::audit::auditor::Auditor;
use crate::audit::observation::NotTested;
use crate::audit::write_request::ShownValue;
use crate::client::{Request, Response, UserAgent};
use http::Method;

impl Auditor<'_> {
    /// The request that adds 1, as the page that shows the session sends it. `None`: none was given.
    pub(super) fn write_request(&self) -> Result<Option<Request>, NotTested> {
        let Some(write) = &self.config.write else { return Ok(None) };
        let place = self.app.proof.place();
        let invalid = |error| NotTested::needs_option(format!("--write {}: {error}", write.path));
        let url = place.join(&write.path).map_err(invalid)?;
        if url.origin() != place.origin() {
            let reason = format!("--write {} is on another origin than the login", write.path);
            return Err(NotTested::needs_option(reason));
        }
        let fields = write.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut request = Request::form(url, fields);
        request.method = write.method.clone();
        if write.method == Method::GET || write.fields.is_empty() {
            request.body = None;
        }
        request.accept = "*/*";
        request.from_page = Some(place.clone());
        Ok(Some(request))
    }

    /// The number in the response to a write, or on the page that shows it.
    pub(super) async fn number_after(
        &mut self,
        agent: &mut UserAgent,
        written: &Response,
    ) -> Result<i64, NotTested> {
        let Some(value) = self.config.value.clone() else {
            return Err(NotTested::needs_option(
                "say where the number is shown with --value POINTER or --value SELECTOR",
            ));
        };
        let shown = match self.config.value_at.clone() {
            Some(page) => {
                let mut request = Request::page(page);
                if matches!(value, ShownValue::Pointer(_)) {
                    request.accept = "application/json";
                }
                self.load(agent, request).await?.0
            }
            None => written.clone(),
        };
        value.number_in(&shown).ok_or_else(|| {
            NotTested::control_failed(format!(
                "the response of {} does not show a number at --value",
                shown.url.path()
            ))
        })
    }

    /// Sends the write, and returns the number afterwards.
    pub(super) async fn write_once(
        &mut self,
        agent: &mut UserAgent,
        request: Request,
    ) -> Result<i64, NotTested> {
        let (response, _) = self.load(agent, request).await?;
        if response.status.as_u16() >= 400 {
            let reason = format!("the request of --write got status {}", response.status.as_u16());
            return Err(NotTested::control_failed(reason));
        }
        self.number_after(agent, &response).await
    }
}
