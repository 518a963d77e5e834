//! A web application with sessions on axum: `cargo run --example axum-app`, then open <http://127.0.0.1:3000/>.
//!
//! Log in as `alice` with the password `correct horse`, and at `/admin` as `root` with `paper clip`.

#![allow(unreachable_pub, missing_docs, reason = "an example, which a test includes")]

mod api;
mod pages;

use std::time::Duration;

use axum::Router;
use axum::extract::{Form, Query};
use axum::http::StatusCode;
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use sessctl::server::{Limits, serve};
use sessctl::session::{FlashLevel, Login, Session, SessionConfig, SessionError, Sessions};
use sessctl::stores::MemoryStore;
use sessctl::web::{
    Guard, GuardLayer, RealmSession, RequireLogin, SessionLayer, User, local_target, security_headers,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Marks the sessions of admins.
struct Admin;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (store, config) = (MemoryStore::new(), SessionConfig::development());
    let users = Sessions::builder(store.clone()).config(config.clone()).build()?;
    let admins = Sessions::builder(store).config(config).realm("admin").build()?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    serve(listener, app(users, admins), Limits::default(), std::future::pending()).await;
    Ok(())
}

pub fn app(users: Sessions, admins: Sessions) -> Router {
    let for_users = Router::new().route("/account", get(account)).route_layer(RequireLogin::at("/login"));
    let for_admins = Router::new()
        .route("/admin", get(admin_area))
        .route_layer(RequireLogin::at("/admin/login").in_realm::<Admin>());
    Router::new()
        .route("/", get(start))
        .route("/cart", post(put_into_cart))
        .route("/login", get(login_page).post(log_in))
        .route("/logout", post(log_out))
        .route("/admin/login", get(admin_login_page).post(admin_log_in))
        .route("/admin/logout", post(admin_log_out))
        .merge(for_users)
        .merge(for_admins)
        .layer(SessionLayer::new(users.clone()))
        .layer(SessionLayer::<Admin>::for_realm(admins))
        .merge(api::routes(users))
        .layer(GuardLayer::new(Guard::default()))
        .layer(map_response(async |mut response: Response| {
            security_headers(response.headers_mut(), false);
            response
        }))
}

async fn start(session: Session, user: Option<User>) -> Result<Html<String>, SessionError> {
    let start = pages::Start {
        user: user.as_ref().map(|user| &*user.0),
        messages: session.take_flashes().await?.into_iter().map(|flash| flash.text).collect(),
        visits: session.increment("visits", 1).await?,
        cart: session.get("cart").await?.unwrap_or_default(),
        csrf_token: &session.csrf_token().await?,
    };
    Ok(Html(start.page()))
}

#[derive(Deserialize)]
struct CartForm {
    book: String,
    csrf_token: String,
}

async fn put_into_cart(session: Session, Form(form): Form<CartForm>) -> Result<Response, SessionError> {
    if !session.check_csrf_token(&form.csrf_token).await? || !pages::BOOKS.contains(&&*form.book) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    session
        .update("cart", |cart: Option<Vec<String>>| {
            Some([cart.unwrap_or_default(), vec![form.book.clone()]].concat())
        })
        .await?;
    Ok(Redirect::to("/").into_response())
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

async fn login_page(session: Session) -> Result<Html<String>, SessionError> {
    Ok(Html(pages::login("Log in", &session.csrf_token().await?, None)))
}

async fn log_in(
    session: Session,
    Query(target): Query<Target>,
    Form(form): Form<LoginForm>,
) -> Result<Response, SessionError> {
    if let Some(error) = login_error(&session, &form, pages::USERS).await? {
        let page = pages::login("Log in", &session.csrf_token().await?, Some(error));
        return Ok((StatusCode::FORBIDDEN, Html(page)).into_response());
    }
    let login = Login::new(form.user);
    let login = match form.remember {
        Some(_) => login.persistent(true).idle_timeout(14 * DAY).lifetime(90 * DAY),
        None => login,
    };
    session.login(login).await?;
    let next = target.next.as_deref().and_then(local_target);
    Ok(Redirect::to(next.as_deref().unwrap_or("/")).into_response())
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

async fn log_out(session: Session, Form(form): Form<LogoutForm>) -> Result<Response, SessionError> {
    if !session.check_csrf_token(&form.csrf_token).await? {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    session.end().await?;
    session.flash(FlashLevel::Info, "You have been logged out.").await?;
    Ok(Redirect::to("/").into_response())
}

async fn account(User(name): User) -> Html<String> {
    Html(pages::account(&name))
}

async fn admin_area(admin: RealmSession<Admin>) -> Result<Html<String>, SessionError> {
    let name = admin.user().await?.unwrap_or_default();
    Ok(Html(pages::admin_area(&name, &admin.csrf_token().await?)))
}

async fn admin_login_page(admin: RealmSession<Admin>) -> Result<Html<String>, SessionError> {
    Ok(Html(pages::login("Admin login", &admin.csrf_token().await?, None)))
}

async fn admin_log_in(
    admin: RealmSession<Admin>,
    Form(form): Form<LoginForm>,
) -> Result<Response, SessionError> {
    if let Some(error) = login_error(&admin, &form, pages::ADMINS).await? {
        let page = pages::login("Admin login", &admin.csrf_token().await?, Some(error));
        return Ok((StatusCode::FORBIDDEN, Html(page)).into_response());
    }
    admin.login(form.user).await?;
    Ok(Redirect::to("/admin").into_response())
}

async fn admin_log_out(
    admin: RealmSession<Admin>,
    Form(form): Form<LogoutForm>,
) -> Result<Response, SessionError> {
    if !admin.check_csrf_token(&form.csrf_token).await? {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    admin.end().await?;
    Ok(Redirect::to("/admin/login").into_response())
}
