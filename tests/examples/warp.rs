//! A web application with sessions on warp: `cargo run --example warp-app`, then open <http://127.0.0.1:3000/>.
//!
//! Log in as `alice` with the password `correct horse`, and at `/admin` as `root` with `paper clip`.

#![allow(unreachable_pub, missing_docs, reason = "an example, which a test includes")]

mod pages;

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use http_body::Body;
use serde::Deserialize;
use sessctl::server::{Limits, serve};
use sessctl::session::{FlashLevel, Login, Session, SessionConfig, SessionError, Sessions};
use sessctl::stores::MemoryStore;
use sessctl::web::{
    Guard, GuardLayer, RealmSession, SessionLayer, local_target, realm_session, recover, require_login,
    require_realm_login, security_headers, session,
};
use tower_layer::Layer;
use tower_service::Service;
use warp::filters::BoxedFilter;
use warp::http::header::LOCATION;
use warp::http::{Request, StatusCode};
use warp::reply::{Reply, Response, html, with_header, with_status};
use warp::{Filter, Rejection, body, get, path, post, query};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Marks the sessions of admins.
struct Admin;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (store, config) = (MemoryStore::new(), SessionConfig::development());
    let users = Sessions::builder(store.clone()).config(config.clone()).build()?;
    let admins = Sessions::builder(store).config(config).realm("admin").build()?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    serve(listener, app(users, admins), Limits::default(), std::future::pending()).await;
    Ok(())
}

pub fn app<B>(
    users: Sessions,
    admins: Sessions,
) -> impl Service<Request<B>, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static
where
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + Sync + 'static,
{
    let service = SessionLayer::new(users).layer(warp::service(routes()));
    let service = SessionLayer::<Admin>::for_realm(admins).layer(service);
    GuardLayer::new(Guard::default()).layer(service)
}

fn routes() -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone + Send + Sync + 'static {
    shop().or(user_pages()).or(admin_pages()).recover(recover).map(|reply| {
        let mut response = Reply::into_response(reply);
        security_headers(response.headers_mut(), false);
        response
    })
}

// Each group is boxed: the future of a long chain of `or` would need much of a thread's stack.
fn shop() -> BoxedFilter<(impl Reply,)> {
    (path!().and(get()).and(session()).then(start))
        .or(path!("cart").and(post()).and(session()).and(body::form()).then(put_into_cart))
        .boxed()
}

fn user_pages() -> BoxedFilter<(impl Reply,)> {
    (path!("login").and(get()).and(session()).then(login_page))
        .or(path!("login").and(post()).and(session()).and(query()).and(body::form()).then(log_in))
        .or(path!("logout").and(post()).and(session()).and(body::form()).then(log_out))
        .or(path!("account").and(get()).and(require_login("/login")).map(account))
        .boxed()
}

fn admin_pages() -> BoxedFilter<(impl Reply,)> {
    let admin = || realm_session::<Admin>();
    let name = require_realm_login::<Admin>("/admin/login");
    (path!("admin").and(get()).and(name).and(admin()).then(admin_area))
        .or(path!("admin" / "login").and(get()).and(admin()).then(admin_login_page))
        .or(path!("admin" / "login").and(post()).and(admin()).and(body::form()).then(admin_log_in))
        .or(path!("admin" / "logout").and(post()).and(admin()).and(body::form()).then(admin_log_out))
        .boxed()
}

async fn start(session: Session) -> Result<impl Reply, SessionError> {
    let user = session.user().await?;
    let start = pages::Start {
        user: user.as_deref(),
        messages: session.take_flashes().await?.into_iter().map(|flash| flash.text).collect(),
        visits: session.increment("visits", 1).await?,
        cart: session.get("cart").await?.unwrap_or_default(),
        csrf_token: &session.csrf_token().await?,
    };
    Ok(html(start.page()))
}

#[derive(Deserialize)]
struct CartForm {
    book: String,
    csrf_token: String,
}

async fn put_into_cart(session: Session, form: CartForm) -> Result<Response, SessionError> {
    if !session.check_csrf_token(&form.csrf_token).await? || !pages::BOOKS.contains(&&*form.book) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    session
        .update("cart", |cart: Option<Vec<String>>| {
            Some([cart.unwrap_or_default(), vec![form.book.clone()]].concat())
        })
        .await?;
    Ok(redirect("/"))
}

#[derive(Deserialize)]
struct LoginForm {
    user: String,
    password: String,
    remember: Option<String>,
    csrf_token: String,
}

#[derive(Deserialize)]
struct Target {
    next: Option<String>,
}

async fn login_page(session: Session) -> Result<impl Reply, SessionError> {
    Ok(html(pages::login("Log in", &session.csrf_token().await?, None)))
}

async fn log_in(session: Session, target: Target, form: LoginForm) -> Result<Response, SessionError> {
    if let Some(error) = login_error(&session, &form, pages::USERS).await? {
        let page = pages::login("Log in", &session.csrf_token().await?, Some(error));
        return Ok(with_status(html(page), StatusCode::FORBIDDEN).into_response());
    }
    let login = Login::new(form.user);
    let login = match form.remember {
        Some(_) => login.persistent(true).idle_timeout(14 * DAY).lifetime(90 * DAY),
        None => login,
    };
    session.login(login).await?;
    let next = target.next.as_deref().and_then(local_target);
    Ok(redirect(next.as_deref().unwrap_or("/")))
}

async fn login_error(
    session: &Session,
    form: &LoginForm,
    accounts: &[(&str, &str)],
) -> Result<Option<&'static str>, SessionError> {
    Ok(if !session.check_csrf_token(&form.csrf_token).await? {
        Some(pages::EXPIRED_FORM)
    } else if !pages::is_account(accounts, &form.user, &form.password) {
        Some(pages::WRONG_PASSWORD)
    } else {
        None
    })
}

#[derive(Deserialize)]
struct LogoutForm {
    csrf_token: String,
}

async fn log_out(session: Session, form: LogoutForm) -> Result<Response, SessionError> {
    if !session.check_csrf_token(&form.csrf_token).await? {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    session.end().await?;
    session.flash(FlashLevel::Info, "You have been logged out.").await?;
    Ok(redirect("/"))
}

fn account(name: Arc<str>) -> impl Reply {
    html(pages::account(&name))
}

async fn admin_area(name: Arc<str>, admin: RealmSession<Admin>) -> Result<impl Reply, SessionError> {
    Ok(html(pages::admin_area(&name, &admin.csrf_token().await?)))
}

async fn admin_login_page(admin: RealmSession<Admin>) -> Result<impl Reply, SessionError> {
    Ok(html(pages::login("Admin login", &admin.csrf_token().await?, None)))
}

async fn admin_log_in(admin: RealmSession<Admin>, form: LoginForm) -> Result<Response, SessionError> {
    if let Some(error) = login_error(&admin, &form, pages::ADMINS).await? {
        let page = pages::login("Admin login", &admin.csrf_token().await?, Some(error));
        return Ok(with_status(html(page), StatusCode::FORBIDDEN).into_response());
    }
    admin.login(form.user).await?;
    Ok(redirect("/admin"))
}

async fn admin_log_out(admin: RealmSession<Admin>, form: LogoutForm) -> Result<Response, SessionError> {
    if !admin.check_csrf_token(&form.csrf_token).await? {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    admin.end().await?;
    Ok(redirect("/admin/login"))
}

fn redirect(target: &str) -> Response {
    with_header(StatusCode::SEE_OTHER, LOCATION, target).into_response()
}
