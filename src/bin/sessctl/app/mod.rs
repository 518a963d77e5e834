//! The application that `serve` runs: a login, a page that greets, a counter. Built of the library's public
//! parts alone, as anybody's application would be.

mod access;
mod account;
pub(crate) mod accounts;
mod forms;
mod inspect;
mod login;
mod metrics;
mod next;
mod own_sessions;
mod pages;
mod problem;
mod proxy;
mod reply;
mod time;

use std::convert::Infallible;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use http::{Method, Request, StatusCode};
use tower_layer::Layer;
use tower_service::Service;
use warp::filters::BoxedFilter;
use warp::reply::Response;
use warp::{Filter, Rejection};

use sessctl::clock::{OffsetClock, SystemClock};
use sessctl::server::{Peer, RequestBody};
use sessctl::session::Owner;
use sessctl::session::Sessions;
use sessctl::web::{Guard, GuardLayer, SessionLayer, session};

use crate::texts::Language;

use access::FinishLayer;
pub(crate) use access::{Access, Observer, changes};
use account::Fields;
use accounts::Accounts;
use inspect::InspectLayer;
pub(crate) use inspect::Inspector;
pub(crate) use metrics::Metrics;
use proxy::ProxyLayer;
pub(crate) use proxy::Proxying;
use reply::{AsksForPage, Reader};

/// What the application needs from the one who runs it.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) sessions: Sessions,
    pub(crate) guard: Guard,
    /// Hears of every request, if anybody wants to.
    pub(crate) observer: Option<Observer>,
    /// What stands before the server, if anything does.
    pub(crate) proxying: Option<Proxying>,
    /// What is counted.
    pub(crate) metrics: Arc<Metrics>,
    /// Who may log in; `None`: whoever names himself.
    pub(crate) accounts: Option<Arc<Accounts>>,
    /// The clock, if clients may move it.
    pub(crate) clock: Option<Arc<OffsetClock<SystemClock>>>,
    /// Shows what passes, if anybody wants to see it.
    pub(crate) inspector: Option<Arc<Inspector>>,
}

/// The application as a service for the listener, to be made within a tokio runtime.
pub(crate) fn service(
    app: App,
) -> impl Service<Request<RequestBody>, Response = Response, Error = Infallible, Future: Send>
+ Clone
+ Send
+ 'static {
    pages::prepare();
    let routes = routes(&app);
    let App { sessions, guard, observer, proxying, metrics, inspector, .. } = app;
    let finish = FinishLayer { tls: guard.tls, observer, metrics, inspected: inspector.is_some() };
    let inspect = InspectLayer::new(inspector, &sessions, guard.tls);
    let guarded = GuardLayer::new(guard).layer(warp::service(routes));
    let proxied = ProxyLayer(proxying.map(Arc::new)).layer(guarded);
    inspect.layer(SessionLayer::new(sessions).layer(finish.layer(proxied)))
}

/// Boxed, so that a clone is a count and not a copy of the whole tree.
fn routes(app: &App) -> BoxedFilter<(Response,)> {
    let accounts = app.accounts.clone();
    let asks_for_password = accounts.is_some();
    let index = session().and(reader()).and(query());
    let index =
        index.then(move |session, reader, query| account::index(session, reader, query, asks_for_password));
    let login = session().and(forms::form()).and(address()).and(language());
    let login = login.then(move |session, form, from, language| {
        login::login(session, form, accounts.clone(), from, language)
    });
    let logout = session().and(language()).then(login::logout);
    let facts = session().then(account::facts);
    let counter = session().and(accept::<AsksForPage>()).and(language()).then(account::count);
    let healthz = warp::any().map(|| reply::text("text/plain; charset=utf-8", "ok\n")).boxed();
    let style = warp::any().map(|| reply::text("text/css; charset=utf-8", pages::STYLE)).boxed();
    let others = at(warp::path!("session"), GET, facts)
        .or(at(warp::path!("counter"), POST, counter))
        .unify()
        .or(at(warp::path!("login"), POST, login))
        .unify()
        .or(at(warp::path!("logout"), POST, logout))
        .unify()
        .or(at(warp::path!("style.css"), GET, style))
        .unify()
        .or(at(warp::path!("healthz"), GET, healthz))
        .unify()
        .or(operations(app.sessions.clone(), Arc::clone(&app.metrics)))
        .unify()
        .or(own_sessions(app.sessions.clone()))
        .unify()
        .or(time_travel(app.clock.clone()))
        .unify()
        .or(language().map(pages::not_found))
        .unify();
    // Each alternative makes the future of those before it larger: the start page has the others beside it, in a box.
    at(warp::path::end(), GET, index).or(others.boxed()).unify().boxed()
}

/// `GET /readyz`: the store answers; `GET /metrics`: what is counted.
fn operations(sessions: Sessions, metrics: Arc<Metrics>) -> BoxedFilter<(Response,)> {
    let asked = sessions.clone();
    let readyz = warp::any().then(move || {
        let sessions = asked.clone();
        async move {
            match sessions.list(Owner::Everyone, None, 1).await {
                Ok(_) => reply::text("text/plain; charset=utf-8", "ready\n"),
                Err(_) => {
                    reply::problem(StatusCode::SERVICE_UNAVAILABLE, "the session store does not answer")
                }
            }
        }
    });
    let metrics = warp::any().then(move || {
        let (sessions, metrics) = (sessions.clone(), Arc::clone(&metrics));
        async move { reply::owned_text(metrics::CONTENT_TYPE, metrics.text(&sessions).await) }
    });
    at(warp::path!("readyz"), GET, readyz.boxed())
        .or(at(warp::path!("metrics"), GET, metrics.boxed()))
        .unify()
        .boxed()
}

/// `GET /sessions` and `POST /sessions/revoke`.
fn own_sessions(sessions: Sessions) -> BoxedFilter<(Response,)> {
    let own = sessions.clone();
    let list =
        session().and(reader()).then(move |session, reader| own_sessions::list(session, reader, own.clone()));
    let revoke = session()
        .and(forms::form())
        .and(reader())
        .then(move |session, form, reader| own_sessions::revoke(session, form, reader, sessions.clone()));
    at(warp::path!("sessions"), GET, list)
        .or(at(warp::path!("sessions" / "revoke"), POST, revoke))
        .unify()
        .boxed()
}

/// `POST /clock/advance`, where clients may move the clock; elsewhere there is no such page.
fn time_travel(clock: Option<Arc<OffsetClock<SystemClock>>>) -> BoxedFilter<(Response,)> {
    let Some(clock) = clock else {
        return warp::any().and_then(|| std::future::ready(Err(warp::reject::not_found()))).boxed();
    };
    let advance = forms::form().map(move |form| time::advance(&clock, form));
    at(warp::path!("clock" / "advance"), POST, advance).boxed()
}

/// Methods that a page answers, as they stand in `Allow`. HEAD is there wherever GET is.
const GET: &[&str] = &["GET", "HEAD"];
const POST: &[&str] = &["POST"];

/// `handler` for the methods that are allowed, 405 for all others.
fn at<P, H>(
    path: P,
    allowed: &'static [&'static str],
    handler: H,
) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone + Send + Sync + 'static
where
    P: Filter<Extract = (), Error = Rejection> + Copy + Send + Sync + 'static,
    H: Filter<Extract = (Response,), Error = Rejection> + Clone + Send + Sync + 'static,
{
    let method_is = move |wanted: bool| {
        let matching = warp::method().and_then(move |method: Method| {
            let is_allowed = allowed.contains(&method.as_str());
            std::future::ready(if is_allowed == wanted { Ok(()) } else { Err(warp::reject()) })
        });
        path.and(matching).untuple_one()
    };
    let others =
        method_is(false).and(language()).map(move |language| pages::method_not_allowed(language, allowed));
    method_is(true).and(handler).or(others).unify()
}

/// Who reads the answer.
fn reader() -> impl Filter<Extract = (Reader,), Error = Infallible> + Copy {
    accept().and(language()).map(|accepted, language| Reader { accepted, language })
}

/// What `Accept` says. A header that is no text says nothing.
fn accept<T>() -> impl Filter<Extract = (T,), Error = Infallible> + Copy
where
    T: FromStr + Default + Send + 'static,
{
    let header = warp::header::optional("accept").or_else(|_| std::future::ready(Ok((None,))));
    header.map(Option::unwrap_or_default)
}

fn language() -> impl Filter<Extract = (Language,), Error = Infallible> + Copy {
    let header = warp::header::optional("accept-language").or_else(|_| std::future::ready(Ok((None,))));
    header.map(Option::unwrap_or_default)
}

/// Who sent the request.
fn address() -> impl Filter<Extract = (Option<IpAddr>,), Error = Infallible> + Copy {
    warp::ext::optional::<Peer>().map(|peer: Option<Peer>| peer.map(|Peer(address)| address.ip()))
}

/// The fields of the query. Where there is none, that is no rejection: most requests have none, and each rejection is
/// an allocation.
fn query() -> impl Filter<Extract = (Fields,), Error = Infallible> + Copy {
    warp::query().or_else(|_| std::future::ready(Ok((Fields::new(),))))
}
