//! Binds each route of the table to its handler.

use std::convert::Infallible;
use std::future::ready;
use std::sync::Arc;

use http::{Request, StatusCode};
use tower::service_fn;
use tower_service::Service;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::Response;

use sessctl::server::{Peer, RequestBody};
use sessctl::session::Sessions;
use sessctl::web::session;

use super::accept::{Accepted, Format};
use super::application::App;
use super::clock;
use super::form_fields::{form_fields, query_fields};
use super::http_service::HttpService;
use super::login::{self, LoginClient};
use super::metrics;
use super::my_sessions;
use super::pages;
use super::problem::Problem;
use super::reply;
use super::routes::{Handler, ROUTES, Route};
use super::session_pages;

const PLAIN_TEXT: &str = "text/plain; charset=utf-8";

/// All routes, 405 for their other methods, and 404 for other paths.
pub(super) fn router(app: &App) -> impl HttpService + use<> {
    let bound = |route: &'static Route| {
        let handler = handler(route.handler, app)?;
        let allowed = |accepted: Accepted| pages::method_not_allowed(accepted.language, route.methods);
        let wrong_method = accepted().map(allowed).boxed();
        Some((route, warp::service(handler), warp::service(wrong_method)))
    };
    let routes: Arc<[_]> = ROUTES.iter().filter_map(bound).collect();
    let no_page = |accepted: Accepted| pages::problem_page(accepted.language, Problem::NO_PAGE);
    let not_found = warp::service(accepted().map(no_page).boxed());
    service_fn(move |request: Request<RequestBody>| {
        let found = routes.iter().find(|(route, ..)| route.matches(request.uri().path()));
        let responder = match found {
            Some((route, handler, _)) if route.allows(request.method().as_str()) => handler,
            Some((_, _, wrong_method)) => wrong_method,
            None => &not_found,
        };
        responder.clone().call(request)
    })
}

/// `None`: this server does not have the route.
///
/// Longer than 60 lines because it is a table, which the compiler checks for completeness.
fn handler(handler: Handler, app: &App) -> Option<BoxedFilter<(Response,)>> {
    let (sessions, accounts) = (app.sessions.clone(), app.accounts.clone());
    Some(match handler {
        Handler::Index => {
            let asks_for_password = accounts.is_some();
            let index = move |session, accepted, query| {
                answer(accepted, session_pages::index(session, accepted, query, asks_for_password))
            };
            session().and(accepted()).and(query_fields()).then(index).boxed()
        }
        Handler::Login => {
            let login = move |session, form, client, accepted: Accepted| {
                let login = login::login(session, form, accounts.clone(), client, accepted.language);
                answer(accepted.only(Format::Html), login)
            };
            session().and(form_fields()).and(client()).and(accepted()).then(login).boxed()
        }
        Handler::Logout => {
            let logout =
                |session, accepted: Accepted| answer(accepted.only(Format::Html), login::logout(session));
            session().and(accepted()).then(logout).boxed()
        }
        Handler::Facts => {
            let facts = |session, accepted: Accepted| {
                answer(accepted.only(Format::Json), session_pages::facts(session))
            };
            session().and(accepted()).then(facts).boxed()
        }
        Handler::Count => {
            let count = |session, accepted: Accepted| {
                let format = if accepted.names_html { Format::Html } else { Format::Json };
                answer(accepted.only(format), session_pages::count(session, accepted.names_html))
            };
            session().and(accepted()).then(count).boxed()
        }
        Handler::ListSessions => {
            let list = move |session, accepted, query| {
                answer(accepted, my_sessions::list(session, accepted, query, sessions.clone()))
            };
            session().and(accepted()).and(query_fields()).then(list).boxed()
        }
        Handler::RevokeSessions => {
            let revoke = move |session, form, accepted| {
                answer(accepted, my_sessions::revoke(session, form, accepted, sessions.clone()))
            };
            session().and(form_fields()).and(accepted()).then(revoke).boxed()
        }
        Handler::Style => warp::any().map(|| reply::text("text/css; charset=utf-8", pages::STYLE)).boxed(),
        Handler::AdvanceClock => {
            let server_clock = app.clock.clone()?;
            let advance = move |form| clock::advance(&server_clock, form).unwrap_or_else(reply::json_problem);
            form_fields().map(advance).boxed()
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

/// The response of a handler, or an error response.
async fn answer(accepted: Accepted, response: impl Future<Output = Result<Response, Problem>>) -> Response {
    response.await.unwrap_or_else(|problem| pages::problem(accepted, problem))
}

/// `GET /readyz`: whether a login would work.
async fn readyz(sessions: Sessions) -> Response {
    match sessions.ready().await {
        Ok(()) => reply::text(PLAIN_TEXT, "ready\n"),
        Err(_) => reply::json_error(
            StatusCode::SERVICE_UNAVAILABLE,
            "the session store cannot store a session; the log has the reason",
        ),
    }
}

fn accepted() -> impl Filter<Extract = (Accepted,), Error = Infallible> + Copy {
    let accepted = |accept: String, language: String| Accepted::of(&accept, &language);
    header("accept").and(header("accept-language")).map(accepted)
}

fn client() -> impl Filter<Extract = (LoginClient,), Error = Infallible> + Copy {
    let client = |peer: Option<Peer>, user_agent| LoginClient {
        address: peer.map(|Peer(address)| address.ip()),
        user_agent,
    };
    warp::ext::optional::<Peer>().and(header("user-agent")).map(client)
}

/// A header, or an empty text. One that is not text is ignored.
fn header(name: &'static str) -> impl Filter<Extract = (String,), Error = Infallible> + Copy {
    let header = warp::header::optional::<String>(name);
    header.or_else(|_| ready(Ok::<_, Infallible>((None,)))).map(Option::unwrap_or_default)
}
