//! The access log: adds the security headers to every response, counts it, and reports it to the observer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use tower::service_fn;

use sessctl::server::RequestBody;
use sessctl::session::{Activity, Handle, Session};
use sessctl::web::security_headers;

use super::http_service::HttpService;
use super::metrics::Metrics;

/// A request that has been answered.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) status: StatusCode,
    pub(crate) handle: Option<Handle>,
    pub(crate) activity: Activity,
    /// From the request's head to the response.
    pub(crate) took: Duration,
}

/// Is called for every request.
pub(crate) type Observer = Arc<dyn Fn(&Access) + Send + Sync>;

#[derive(Clone)]
pub(super) struct AccessLog {
    pub(super) tls: bool,
    pub(super) observer: Option<Observer>,
    pub(super) metrics: Arc<Metrics>,
    /// Whether the session is added to the extensions of the response, for the inspector.
    pub(super) shares_session: bool,
}

impl AccessLog {
    pub(super) fn layer(self, mut inner: impl HttpService) -> impl HttpService {
        service_fn(move |request: Request<RequestBody>| {
            let (log, started) = (self.clone(), Instant::now());
            let route = Metrics::route_of(request.uri().path());
            // Nobody else needs a copy.
            let observer = log
                .observer
                .map(|observer| (observer, request.method().clone(), request.uri().path().to_owned()));
            let session = request.extensions().get::<Session>();
            let session = session.filter(|_| observer.is_some() || log.shares_session).cloned();
            let response = inner.call(request);
            async move {
                let mut response = response.await?;
                let status = response.status();
                security_headers(response.headers_mut(), log.tls);
                advise(status, response.headers_mut());
                let took = started.elapsed();
                log.metrics.answered(route, status, took);
                if let Some((observer, method, path)) = observer {
                    let handle = session.as_ref().and_then(Session::known_handle);
                    let activity = session.as_ref().map(Session::activity).unwrap_or_default();
                    observer(&Access { method, path, status, handle, activity, took });
                }
                if let Some(session) = session.filter(|_| log.shares_session) {
                    response.extensions_mut().insert(session);
                }
                Ok(response)
            }
        })
    }
}

/// Adds what the client can do: RFC 9110 §11.6.1 requires a challenge in a 401.
fn advise(status: StatusCode, headers: &mut HeaderMap) {
    match status {
        // No browser opens a dialog for this scheme: the user logs in with the form.
        StatusCode::UNAUTHORIZED => {
            let challenge = HeaderValue::from_static("Cookie realm=\"sessctl\", form-action=\"/login\"");
            headers.entry(WWW_AUTHENTICATE).or_insert(challenge);
        }
        // A store that was unreachable is tried again after at most this time.
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.entry(RETRY_AFTER).or_insert(HeaderValue::from_static("1"));
        }
        _ => {}
    }
}
