//! Binds each route of the table to its handler.

use std::convert::Infallible;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use http::{Method, StatusCode};
use warp::filters::BoxedFilter;
use warp::filters::path::FullPath;
use warp::reply::Response;
use warp::{Filter, Rejection};

use sessctl::server::Peer;
use sessctl::session::Owner;
use sessctl::session::Sessions;
use sessctl::web::session;

use super::accept::{Accepted, NamesHtml};
use super::application::App;
use super::form_fields::form_fields;
use super::routes::{Handler, ROUTES, Route};
use super::session_pages::Fields;
use super::{clock, login, metrics, my_sessions, pages, reply, session_pages};
use crate::texts::Language;

const PLAIN_TEXT: &str = "text/plain; charset=utf-8";

/// All routes, and 404 for other paths. It is boxed, so that a clone is a reference count and not a copy of the tree.
pub(super) fn router(app: &App) -> BoxedFilter<(Response,)> {
    let not_found = language().map(pages::not_found).boxed();
    // A route is tried before the ones after it, which are in one box.
    ROUTES.iter().rev().fold(not_found, |others, route| match handler(route.handler, app) {
        Some(handler) => at(route, handler).or(others).unify().boxed(),
        None => others,
    })
}

/// `None`: this server does not have the route.
fn handler(handler: Handler, app: &App) -> Option<BoxedFilter<(Response,)>> {
    let (sessions, accounts) = (app.sessions.clone(), app.accounts.clone());
    Some(match handler {
        Handler::Index => {
            let asks_for_password = accounts.is_some();
            let index = move |session, accepted, query| {
                session_pages::index(session, accepted, query, asks_for_password)
            };
            session().and(accepted()).and(query()).then(index).boxed()
        }
        Handler::Login => {
            let login = move |session, form, from, language| {
                login::login(session, form, accounts.clone(), from, language)
            };
            session().and(form_fields()).and(client_address()).and(language()).then(login).boxed()
        }
        Handler::Logout => session().and(language()).then(login::logout).boxed(),
        Handler::Facts => session().then(session_pages::facts).boxed(),
        Handler::Count => {
            session().and(accept::<NamesHtml>()).and(language()).then(session_pages::count).boxed()
        }
        Handler::ListSessions => {
            let list = move |session, accepted| my_sessions::list(session, accepted, sessions.clone());
            session().and(accepted()).then(list).boxed()
        }
        Handler::RevokeSessions => {
            let revoke =
                move |session, form, accepted| my_sessions::revoke(session, form, accepted, sessions.clone());
            session().and(form_fields()).and(accepted()).then(revoke).boxed()
        }
        Handler::Style => warp::any().map(|| reply::text("text/css; charset=utf-8", pages::STYLE)).boxed(),
        Handler::AdvanceClock => {
            let server_clock = app.clock.clone()?;
            form_fields().map(move |form| clock::advance(&server_clock, form)).boxed()
        }
        Handler::Healthz => warp::any().map(|| reply::text(PLAIN_TEXT, "ok\n")).boxed(),
        Handler::Readyz => warp::any().then(move || readyz(sessions.clone())).boxed(),
        Handler::Metrics => {
            let metrics = Arc::clone(&app.metrics);
            let text = move || {
                let (sessions, metrics) = (sessions.clone(), Arc::clone(&metrics));
                async move { reply::text(metrics::CONTENT_TYPE, metrics.text(&sessions).await) }
            };
            warp::any().then(text).boxed()
        }
    })
}

/// `GET /readyz`: whether the store answers.
async fn readyz(sessions: Sessions) -> Response {
    match sessions.list(Owner::Everyone, None, 1).await {
        Ok(_) => reply::text(PLAIN_TEXT, "ready\n"),
        Err(_) => reply::json_error(StatusCode::SERVICE_UNAVAILABLE, "the session store does not respond"),
    }
}

/// `handler` for the allowed methods, 405 for all others.
fn at(
    route: &'static Route,
    handler: BoxedFilter<(Response,)>,
) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone {
    let request = |is_wanted: fn(&Route, &Method) -> bool| {
        let is_wanted = move |path: FullPath, method: Method| {
            let matches = route.matches(path.as_str()) && is_wanted(route, &method);
            std::future::ready(if matches { Ok(()) } else { Err(warp::reject::not_found()) })
        };
        warp::path::full().and(warp::method()).and_then(is_wanted).untuple_one()
    };
    let wrong_method = request(|route, method| !route.allows(method.as_str()))
        .and(language())
        .map(|language| pages::method_not_allowed(language, route.methods));
    request(|route, method| route.allows(method.as_str())).and(handler).or(wrong_method).unify()
}

fn accepted() -> impl Filter<Extract = (Accepted,), Error = Infallible> + Copy {
    accept().and(language()).map(|format, language| Accepted { format, language })
}

/// The `Accept` header. A header that is not text is ignored.
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

fn client_address() -> impl Filter<Extract = (Option<IpAddr>,), Error = Infallible> + Copy {
    warp::ext::optional::<Peer>().map(|peer: Option<Peer>| peer.map(|Peer(address)| address.ip()))
}

/// The fields of the query, if there is one.
fn query() -> impl Filter<Extract = (Fields,), Error = Infallible> + Copy {
    warp::query().or_else(|_| std::future::ready(Ok((Fields::new(),))))
}
