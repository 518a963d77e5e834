//! The example application of `tests/examples/axum.rs`, written for tower-sessions: the guide compares the two.
//!
//! The flash message, the CSRF token, the login requirement and the safe redirect are code of the application here.

#![allow(unreachable_pub, missing_docs, reason = "a module of a test")]

#[path = "../examples/pages.rs"]
mod pages;

use axum::Router;
use axum::extract::{Form, Query, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use tower_sessions::cookie::time::Duration;
use tower_sessions::session::Error as StoreError;
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore};

const USER: &str = "user";
const MESSAGE: &str = "message";
const CSRF_TOKEN: &str = "csrf_token";

pub fn app(users: impl SessionStore + Clone, admins: impl SessionStore + Clone) -> Router {
    let is_user = from_fn(async |session: Session, request: Request, next: Next| {
        require_login("/login", session, request, next).await
    });
    let is_admin = from_fn(async |session: Session, request: Request, next: Next| {
        require_login("/admin/login", session, request, next).await
    });
    let user_sessions = SessionManagerLayer::new(users)
        .with_name("__Host-sessionid")
        .with_same_site(tower_sessions::cookie::SameSite::Lax);
    // The two layers would overwrite each other's `Session`, so no route has both.
    let admin_sessions = SessionManagerLayer::new(admins).with_name("__Secure-admin").with_path("/admin");
    let for_users = Router::new()
        .route("/account", get(account))
        .route_layer(is_user)
        .route("/", get(start))
        .route("/cart", post(put_into_cart))
        .route("/login", get(login_page).post(log_in))
        .route("/logout", post(log_out))
        .layer(user_sessions);
    let for_admins = Router::new()
        .route("/admin", get(admin_area))
        .route_layer(is_admin)
        .route("/admin/login", get(admin_login_page).post(admin_log_in))
        .route("/admin/logout", post(admin_log_out))
        .layer(admin_sessions);
    for_users.merge(for_admins).layer(map_response(async |mut response: Response| {
        for (name, value) in SECURITY_HEADERS {
            response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        response
    }))
}

const SECURITY_HEADERS: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cache-control", "no-store"),
];

/// tower-sessions has no response for the errors of its store.
#[derive(Debug)]
struct Unavailable(#[allow(dead_code, reason = "for a log")] StoreError);

impl From<StoreError> for Unavailable {
    fn from(error: StoreError) -> Self {
        Unavailable(error)
    }
}

impl IntoResponse for Unavailable {
    fn into_response(self) -> Response {
        (StatusCode::SERVICE_UNAVAILABLE, "sessions are not available; try again").into_response()
    }
}

async fn require_login(
    login_page: &str,
    session: Session,
    request: Request,
    next: Next,
) -> Result<Response, Unavailable> {
    if session.get::<String>(USER).await?.is_some() {
        return Ok(next.run(request).await);
    }
    // The example has only paths that need no percent-encoding.
    Ok(Redirect::to(&format!("{login_page}?next={}", request.uri().path())).into_response())
}

async fn csrf_token(session: &Session) -> Result<String, Unavailable> {
    if let Some(token) = session.get(CSRF_TOKEN).await? {
        return Ok(token);
    }
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| {
        StoreError::Store(tower_sessions::session_store::Error::Backend(error.to_string()))
    })?;
    let token = URL_SAFE_NO_PAD.encode(random);
    session.insert(CSRF_TOKEN, &token).await?;
    Ok(token)
}

async fn check_csrf_token(session: &Session, token: &str) -> Result<bool, Unavailable> {
    Ok(session.get::<String>(CSRF_TOKEN).await?.is_some_and(|own| own == token))
}

async fn start(session: Session) -> Result<Html<String>, Unavailable> {
    let visits = session.get("visits").await?.unwrap_or(0) + 1;
    session.insert("visits", visits).await?;
    let user: Option<String> = session.get(USER).await?;
    let start = pages::Start {
        user: user.as_deref(),
        messages: session.remove::<String>(MESSAGE).await?.into_iter().collect(),
        visits,
        cart: session.get("cart").await?.unwrap_or_default(),
        csrf_token: &csrf_token(&session).await?,
    };
    Ok(Html(start.page()))
}

#[derive(Deserialize)]
struct CartForm {
    book: String,
    csrf_token: String,
}

async fn put_into_cart(session: Session, Form(form): Form<CartForm>) -> Result<Response, Unavailable> {
    if !check_csrf_token(&session, &form.csrf_token).await? || !pages::BOOKS.contains(&&*form.book) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let mut cart: Vec<String> = session.get("cart").await?.unwrap_or_default();
    cart.push(form.book);
    session.insert("cart", cart).await?;
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

async fn login_page(session: Session) -> Result<Html<String>, Unavailable> {
    Ok(Html(pages::login("Log in", &csrf_token(&session).await?, None)))
}

async fn log_in(
    session: Session,
    Query(target): Query<Target>,
    Form(form): Form<LoginForm>,
) -> Result<Response, Unavailable> {
    if let Some(error) = login_error(&session, &form, pages::USERS).await? {
        let page = pages::login("Log in", &csrf_token(&session).await?, Some(error));
        return Ok((StatusCode::FORBIDDEN, Html(page)).into_response());
    }
    if form.remember.is_some() {
        session.set_expiry(Some(Expiry::OnInactivity(Duration::days(14))));
    }
    begin(&session, &form.user).await?;
    Ok(Redirect::to(target.next.as_deref().filter(|next| is_local(next)).unwrap_or("/")).into_response())
}

/// A login needs a new id (against session fixation) and a new CSRF token.
async fn begin(session: &Session, user: &str) -> Result<(), Unavailable> {
    session.cycle_id().await?;
    session.remove_value(CSRF_TOKEN).await?;
    Ok(session.insert(USER, user).await?)
}

/// Whether a browser reads it as a path of this server.
fn is_local(next: &str) -> bool {
    next.starts_with('/')
        && !next.contains("//")
        && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

async fn login_error(
    session: &Session,
    form: &LoginForm,
    accounts: &[(&str, &str)],
) -> Result<Option<&'static str>, Unavailable> {
    Ok(if !check_csrf_token(session, &form.csrf_token).await? {
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

async fn log_out(session: Session, Form(form): Form<LogoutForm>) -> Result<Response, Unavailable> {
    if !check_csrf_token(&session, &form.csrf_token).await? {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    session.flush().await?;
    session.insert(MESSAGE, "You have been logged out.").await?;
    Ok(Redirect::to("/").into_response())
}

async fn account(session: Session) -> Result<Html<String>, Unavailable> {
    Ok(Html(pages::account(&session.get::<String>(USER).await?.unwrap_or_default())))
}

async fn admin_area(admin: Session) -> Result<Html<String>, Unavailable> {
    let name: String = admin.get(USER).await?.unwrap_or_default();
    Ok(Html(pages::admin_area(&name, &csrf_token(&admin).await?)))
}

async fn admin_login_page(admin: Session) -> Result<Html<String>, Unavailable> {
    Ok(Html(pages::login("Admin login", &csrf_token(&admin).await?, None)))
}

async fn admin_log_in(admin: Session, Form(form): Form<LoginForm>) -> Result<Response, Unavailable> {
    if let Some(error) = login_error(&admin, &form, pages::ADMINS).await? {
        let page = pages::login("Admin login", &csrf_token(&admin).await?, Some(error));
        return Ok((StatusCode::FORBIDDEN, Html(page)).into_response());
    }
    begin(&admin, &form.user).await?;
    Ok(Redirect::to("/admin").into_response())
}

async fn admin_log_out(admin: Session, Form(form): Form<LogoutForm>) -> Result<Response, Unavailable> {
    if !check_csrf_token(&admin, &form.csrf_token).await? {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    admin.flush().await?;
    Ok(Redirect::to("/admin/login").into_response())
}
