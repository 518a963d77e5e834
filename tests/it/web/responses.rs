//! What applications on axum and warp answer: extractors, filters, the login requirement, CSRF and bearer tokens.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::routing::{get, post};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use sessctl::session::{
    ChangeError, FlashLevel, InvalidLogin, Session, SessionConfig, SessionError, Sessions, StoreError,
};
use sessctl::stores::MemoryStore;
use sessctl::web::{
    Guard, GuardLayer, RequireLogin, SameForEveryone, SessionLayer, User, UserRejection, local_target,
};
use tower_layer::Layer;
use tower_service::Service;
use warp::Filter;

fn sessions() -> Sessions {
    Sessions::new(MemoryStore::new(), SessionConfig::development()).expect("valid settings")
}

async fn log_in(session: Session, Path(user): Path<String>) -> Result<String, SessionError> {
    session.login(user).await?;
    session.flash(FlashLevel::Success, "Welcome back").await?;
    Ok(session.issued_token().unwrap_or_default())
}

fn app(layer: SessionLayer) -> Router {
    let account = async |User(name): User| format!("account of {name}");
    let maybe = async |user: Option<User>| user.map_or("guest".to_owned(), |User(name)| name.to_string());
    let style = async |user: Option<User>| {
        let mut response = Response::new(format!("/* {} */", user.is_some()));
        response.headers_mut().insert("cache-control", "public, max-age=60".parse().expect("a value"));
        response.extensions_mut().insert(SameForEveryone);
        response
    };
    let token = async |session: Session| session.csrf_token().await;
    let check = async |session: Session, token: String| {
        session.check_csrf_token(&token).await.map(|is_right| is_right.to_string())
    };
    let members = Router::new().route("/members/{page}", get(async || "for members"));
    Router::new()
        .route("/login/{user}", post(log_in))
        .route("/account", get(account))
        .route("/maybe", get(maybe))
        .route("/style.css", get(style))
        .route("/csrf", get(token).post(check))
        .merge(members.route_layer(RequireLogin::at("/login")))
        .layer(layer)
}

async fn send(
    app: &Router,
    method: &str,
    uri: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Response<String> {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).expect("a request");
    let (head, body) = app.clone().call(request).await.expect("infallible").into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    Response::from_parts(head, String::from_utf8(bytes.to_vec()).expect("text"))
}

fn header<'a, B>(response: &'a Response<B>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

fn cookie_of<B>(response: &Response<B>) -> String {
    header(response, "set-cookie").split(';').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn extractors_know_the_user() {
    let app = app(SessionLayer::new(sessions()));
    let anonymous = send(&app, "GET", "/account", &[], "").await;
    assert_eq!(anonymous.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(
        (header(&anonymous, "www-authenticate"), anonymous.body().as_str()),
        ("Cookie", "401: log in first\n")
    );
    assert_eq!(send(&app, "GET", "/maybe", &[], "").await.body(), "guest");
    let cookie = cookie_of(&send(&app, "POST", "/login/alice", &[], "").await);
    let account = send(&app, "GET", "/account", &[("cookie", &cookie)], "").await;
    assert_eq!(account.body(), "account of alice");
    assert_eq!(send(&app, "GET", "/maybe", &[("cookie", &cookie)], "").await.body(), "alice");
}

#[tokio::test]
async fn a_route_without_the_layer_says_what_is_missing() {
    let app = Router::new().route("/", get(async |_: User| "")).route("/session", get(async |_: Session| ""));
    for path in ["/", "/session"] {
        let response = send(&app, "GET", path, &[], "").await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(response.body().contains("sessctl::web::SessionLayer"), "{}", response.body());
    }
}

#[tokio::test]
async fn an_anonymous_page_request_is_redirected_to_the_login() {
    let app = app(SessionLayer::new(sessions()));
    let page = send(&app, "GET", "/members/a%20b?x=1&y=%2F", &[], "").await;
    assert_eq!(page.status(), StatusCode::SEE_OTHER);
    let target = header(&page, "location").to_owned();
    assert_eq!(target, "/login?next=/members/a%2520b?x=1%26y=%252F");
    let query = url::form_urlencoded::parse(target.split_once('?').expect("a query").1.as_bytes());
    let next = query.into_owned().next().expect("a field").1;
    assert_eq!(local_target(&next).as_deref(), Some("/members/a%20b?x=1&y=%2F"), "it leads back");
    assert_eq!(send(&app, "PUT", "/members/1", &[], "").await.status(), StatusCode::UNAUTHORIZED);
    let cookie = cookie_of(&send(&app, "POST", "/login/alice", &[], "").await);
    assert_eq!(send(&app, "GET", "/members/1", &[("cookie", &cookie)], "").await.body(), "for members");
}

#[tokio::test]
async fn a_response_for_everyone_keeps_its_caching() {
    let app = app(SessionLayer::new(sessions()));
    let cookie = cookie_of(&send(&app, "POST", "/login/alice", &[], "").await);
    let style = send(&app, "GET", "/style.css", &[("cookie", &cookie)], "").await;
    assert_eq!((header(&style, "cache-control"), header(&style, "vary")), ("public, max-age=60", ""));
}

#[tokio::test]
async fn a_csrf_token_belongs_to_one_session() {
    let app = app(SessionLayer::new(sessions()));
    let form = send(&app, "GET", "/csrf", &[], "").await;
    let (token, cookie) = (form.body().clone(), cookie_of(&form));
    let check = async |cookie: &str, token: &str| {
        send(&app, "POST", "/csrf", &[("cookie", cookie)], token).await.into_body()
    };
    assert_eq!(send(&app, "GET", "/csrf", &[("cookie", &cookie)], "").await.body(), &token, "it stays");
    assert_eq!(check(&cookie, &token).await, "true");
    let others = send(&app, "GET", "/csrf", &[], "").await.into_body();
    for wrong in ["", &token[1..], &others] {
        assert_eq!(check(&cookie, wrong).await, "false", "{wrong}");
    }
    assert_eq!(check("", "").await, "false", "without a session");
    let logged_in = cookie_of(&send(&app, "POST", "/login/alice", &[("cookie", &cookie)], "").await);
    assert_eq!(check(&logged_in, &token).await, "false", "a login changes it");
}

#[tokio::test]
async fn a_bearer_token_replaces_the_cookie() {
    let app = app(SessionLayer::new(sessions()).bearer());
    let login = send(&app, "POST", "/login/alice", &[("authorization", "Bearer none")], "").await;
    assert_eq!(cookie_of(&login), "", "such a client keeps no cookies");
    let bearer = format!("bearer {}", login.body());
    let account = send(&app, "GET", "/account", &[("authorization", &bearer)], "").await;
    assert_eq!(
        (account.body().as_str(), header(&account, "cache-control")),
        ("account of alice", "no-store")
    );
    let cookie = cookie_of(&send(&app, "POST", "/login/bob", &[], "").await);
    let both = [("authorization", bearer.as_str()), ("cookie", &cookie)];
    assert_eq!(send(&app, "GET", "/maybe", &both, "").await.body(), "alice");
    let basic = [("authorization", "Basic YTpi"), ("cookie", cookie.as_str())];
    assert_eq!(send(&app, "GET", "/maybe", &basic, "").await.body(), "bob");
}

#[tokio::test]
async fn bearer_tokens_are_off_by_default() {
    let app = app(SessionLayer::new(sessions()));
    let token = send(&app, "POST", "/login/alice", &[], "").await.into_body();
    let bearer = format!("Bearer {token}");
    assert_eq!(send(&app, "GET", "/maybe", &[("authorization", &bearer)], "").await.body(), "guest");
}

#[tokio::test]
async fn the_guard_knows_trusted_origins_and_exempt_paths() {
    let mut guard = Guard::new(true, None, None);
    guard.trusted_origins = vec!["https://spa.app.example".to_owned()];
    guard.exempt_paths = vec!["/callback".to_owned()];
    let app = Router::new()
        .route("/pay", post(async || "paid"))
        .route("/callback", post(async || "called"))
        .layer(GuardLayer::new(guard));
    let from = |origin, site| [("host", "app.example"), ("origin", origin), ("sec-fetch-site", site)];
    let trusted = from("https://spa.app.example", "same-site");
    assert_eq!(send(&app, "POST", "/pay", &trusted, "").await.body(), "paid");
    let sibling = from("https://other.app.example", "same-site");
    let rejected = send(&app, "POST", "/pay", &sibling, "").await;
    assert_eq!((rejected.status(), rejected.body().as_str()), (StatusCode::FORBIDDEN, ""));
    let foreign = from("https://evil.example", "cross-site");
    assert_eq!(send(&app, "POST", "/callback", &foreign, "").await.body(), "called");
    assert_eq!(send(&app, "POST", "/pay", &foreign, "").await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn warp_answers_rejections() {
    let account =
        warp::path("account").and(sessctl::web::user()).map(|name: Arc<str>| format!("account of {name}"));
    let fails = warp::path("fails").then(|| async { Err::<String, SessionError>(SessionError::Ended) });
    let other = warp::path("other").and_then(|| async { Err::<String, _>(warp::reject::custom(Other)) });
    let routes = account.or(fails).or(other).recover(sessctl::web::recover);
    let mut service = SessionLayer::new(sessions()).layer(warp::service(routes));
    let mut status = async |path: &str| {
        let request = Request::builder().uri(path).body(String::new()).expect("a request");
        service.call(request).await.expect("infallible").status()
    };
    assert_eq!(status("/account").await, StatusCode::UNAUTHORIZED);
    assert_eq!(status("/fails").await, StatusCode::UNAUTHORIZED);
    assert_eq!(status("/other").await, StatusCode::INTERNAL_SERVER_ERROR, "it is not ours");
    assert_eq!(status("/nowhere").await, StatusCode::NOT_FOUND);
}

#[derive(Debug)]
struct Other;

impl warp::reject::Reject for Other {}

/// The text of a response, on axum and on warp.
async fn texts_of(make: fn() -> SessionError) -> [String; 2] {
    let axum = Router::new().route("/", get(async move || Err::<String, _>(make())));
    let axum = send(&axum, "GET", "/", &[], "").await.into_body();
    let rejected =
        warp::any().and_then(move || async move { Err::<String, _>(warp::reject::custom(make())) });
    let mut warp = warp::service(rejected.recover(sessctl::web::recover));
    let answer = warp.call(Request::new(String::new())).await.expect("infallible").into_body();
    let bytes = answer.collect().await.expect("a body").to_bytes();
    [axum, String::from_utf8(bytes.to_vec()).expect("text")]
}

#[tokio::test]
async fn responses_name_the_cause_without_details_of_the_store() {
    type Case = (fn() -> SessionError, &'static str);
    let cases: [Case; 9] = [
        (|| SessionError::Ended, "401: the session has ended"),
        (|| InvalidLogin::EmptyUser.into(), "400: the name of the user is empty"),
        (|| InvalidLogin::ZeroDuration("lifetime").into(), "500: the session would expire at once"),
        (|| ChangeError::Differs("k".to_owned()).into(), "409: another request changed the session"),
        (|| ChangeError::TooLarge(1).into(), "413: the session would be too large"),
        (|| ChangeError::NotJson("k".to_owned()).into(), "500: a value cannot be stored"),
        (|| ChangeError::NotANumber("k".to_owned()).into(), "500: the session has an unexpected value"),
        (|| SessionError::Contention("k".to_owned()), "503: too many requests change the session"),
        (|| StoreError::failed("secret").into(), "503: sessions are not available"),
    ];
    for (make, start) in cases {
        for text in texts_of(make).await {
            assert!(text.starts_with(start) && !text.contains("secret"), "{start}: {text}");
            assert!(text.starts_with(make().status().as_str()), "{text}");
        }
    }
}

#[test]
fn rejections_have_statuses() {
    assert_eq!(UserRejection::LoginRequired.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(UserRejection::Session(SessionError::Ended).status(), StatusCode::UNAUTHORIZED);
}
