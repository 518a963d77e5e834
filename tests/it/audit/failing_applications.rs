//! Applications that fail while they are audited: nothing passes that was not tested, and the report says why.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Form, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::StatusCode;
use sessctl::audit::{Audit, AuditAccount, AuditConfig, AuditReport, CheckVerdict, ReasonKind};
use sessctl::client::{AgentConfig, UserAgent};
use sessctl::session::{Session, SessionError, Sessions};
use sessctl::stores::MemoryStore;
use sessctl::web::{SessionLayer, User};

const FORM: &str =
    "<form action=/login method=post><input name=user><input name=password type=password></form>";
const PAGE: &str = "<form action=/logout method=post><button>Log out</button></form>";

/// How the application answers once it fails.
#[derive(Debug, Clone, Copy)]
enum Failure {
    ServerError,
    RateLimit,
    Silence,
    Reset,
    OtherLoginPage,
}

const FAILURES: [Failure; 5] =
    [Failure::ServerError, Failure::RateLimit, Failure::Silence, Failure::Reset, Failure::OtherLoginPage];

/// The number of requests after which it fails: during the login, and in the middle of the checks.
const MOMENTS: [usize; 3] = [2, 20, 60];

type Fields = Vec<(String, String)>;

fn application() -> Router {
    let log_in = async |session: Session, Form(fields): Form<Fields>| -> Result<Response, SessionError> {
        let is_right = fields.iter().any(|(name, value)| name == "password" && value == "secret");
        if !is_right {
            return Ok(
                (StatusCode::UNAUTHORIZED, Html(format!("<p>Wrong password</p>{FORM}"))).into_response()
            );
        }
        session.login("alice").await?;
        Ok(Redirect::to("/").into_response())
    };
    let log_out = async |session: Session| -> Result<Redirect, SessionError> {
        session.end().await?;
        Ok(Redirect::to("/"))
    };
    let start = async |user: Option<User>| {
        Html(user.map_or(FORM.to_owned(), |User(name)| format!("<p>Welcome, {name}!</p>{PAGE}")))
    };
    let sessions = Sessions::new(MemoryStore::new(), sessctl::session::SessionConfig::development());
    Router::new()
        .route("/", get(start))
        .route("/login", post(log_in))
        .route("/logout", post(log_out))
        .layer(SessionLayer::new(sessions.expect("valid settings")))
}

fn failing(failure: Failure, after: usize) -> Router {
    let count = Arc::new(AtomicUsize::new(0));
    application().layer(from_fn(move |request: Request, next: Next| {
        let is_over = count.fetch_add(1, Ordering::SeqCst) >= after;
        async move { if is_over { fail(failure, request, next).await } else { next.run(request).await } }
    }))
}

async fn fail(failure: Failure, request: Request, next: Next) -> Response {
    match failure {
        Failure::ServerError => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Failure::RateLimit => StatusCode::TOO_MANY_REQUESTS.into_response(),
        Failure::Silence => std::future::pending().await,
        Failure::Reset => {
            let broken = futures_util::stream::once(async {
                Err::<&str, _>(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
            });
            Body::from_stream(broken).into_response()
        }
        Failure::OtherLoginPage
            if request.uri().path() == "/" && request.headers().get("cookie").is_none() =>
        {
            Html("<p>We are moving. Please come back later.</p>").into_response()
        }
        Failure::OtherLoginPage => next.run(request).await,
    }
}

fn audit_of(application: Router) -> Audit {
    let mut settings = AgentConfig::default();
    settings.timeout = Duration::from_millis(500);
    let client = UserAgent::for_service(application).with_config(settings);
    let account = AuditAccount::new("alice", "secret");
    Audit::new(&client, AuditConfig::new("http://localhost/".parse().expect("a URL"), account))
}

async fn report_of(application: Router) -> AuditReport {
    let mut audit = audit_of(application);
    audit.run().await;
    audit.end_sessions().await;
    audit.into_report()
}

#[tokio::test]
async fn nothing_passes_that_was_not_tested() {
    let sound = report_of(application()).await;
    assert!(!sound.is_incomplete(), "{sound:?}");
    for failure in FAILURES {
        for after in MOMENTS {
            let report = report_of(failing(failure, after)).await;
            assert!(report.is_incomplete(), "{failure:?} after {after}");
            for (result, sound) in report.results.iter().zip(&sound.results) {
                let (check, reason) = (result.check.id, &result.reason);
                assert_eq!(check, sound.check.id);
                // A finding that the sound application does not have would be false.
                let is_same = result.verdict == sound.verdict;
                let is_failed = result
                    .reason_kind
                    .is_some_and(|kind| matches!(kind, ReasonKind::TargetFailed | ReasonKind::ControlFailed));
                assert!(
                    is_same || is_failed,
                    "{failure:?} after {after}: {check}: {:?} {reason}",
                    result.verdict
                );
            }
        }
    }
}

#[tokio::test]
async fn an_audit_that_is_interrupted_reports_what_it_has() {
    let mut audit = audit_of(failing(Failure::Silence, 40));
    let done = tokio::time::timeout(Duration::from_secs(2), audit.run()).await;
    let report = audit.into_report();
    if done.is_err() {
        assert!(report.is_incomplete());
        let last = report.results.last().expect("a result");
        assert_eq!(last.reason_kind, Some(ReasonKind::TargetFailed));
    }
    assert!(report.results.iter().any(|it| it.verdict == CheckVerdict::Pass));
    assert_eq!(report.results.len(), sessctl::audit::CHECKS.len());
}

#[tokio::test]
async fn the_limit_of_requests_holds() {
    for max_requests in [1, 10, 50, 120] {
        let client = UserAgent::for_service(application());
        let account = AuditAccount::new("alice", "secret");
        let mut config = AuditConfig::new("http://localhost/".parse().expect("a URL"), account);
        config.max_requests = max_requests;
        let mut audit = Audit::new(&client, config);
        audit.run().await;
        audit.end_sessions().await;
        let report = audit.into_report();
        assert!(report.requests <= max_requests, "{} of {max_requests}", report.requests);
        let kinds: Vec<_> = report.results.iter().filter_map(|it| it.reason_kind).collect();
        assert!(kinds.contains(&ReasonKind::RequestLimit), "{max_requests}: {kinds:?}");
        assert!(report.results.iter().all(|it| it.verdict != CheckVerdict::Fail), "{report:?}");
    }
}

#[tokio::test]
async fn a_passive_audit_logs_in_and_out_once() {
    let posts: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&posts);
    let counted = application().layer(from_fn(move |request: Request, next: Next| {
        if request.method() == http::Method::POST {
            seen.lock().expect("a list").push(request.uri().path().to_owned());
        }
        next.run(request)
    }));
    let client = UserAgent::for_service(counted);
    let account = AuditAccount::new("alice", "secret");
    let mut config = AuditConfig::new("http://localhost/".parse().expect("a URL"), account);
    config.passive = true;
    let mut audit = Audit::new(&client, config);
    audit.run().await;
    audit.end_sessions().await;
    let report = audit.into_report();
    assert_eq!(*posts.lock().expect("a list"), ["/login", "/logout"]);
    let ends = report.results.iter().find(|it| it.check.id == "logout-ends-session").expect("a result");
    assert_eq!(ends.verdict, CheckVerdict::Pass, "{}", ends.reason);
    assert!(report.results.iter().all(|it| it.check.is_passive), "{report:?}");
}

#[tokio::test]
async fn requests_stay_on_the_origins_of_the_login() {
    let hosts: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&hosts);
    let leads_away = application().layer(from_fn(move |request: Request, next: Next| {
        let host = request.headers().get("host").and_then(|host| host.to_str().ok());
        seen.lock().expect("a list").push(host.unwrap_or_default().to_owned());
        let is_logout = request.uri().path() == "/logout";
        async move {
            let response = next.run(request).await;
            if is_logout { Redirect::to("http://elsewhere.test/bye").into_response() } else { response }
        }
    }));
    let report = report_of(leads_away).await;
    assert!(hosts.lock().expect("a list").iter().all(|host| host == "localhost"), "{hosts:?}");
    let ends = report.results.iter().find(|it| it.check.id == "logout-ends-session").expect("a result");
    assert_eq!(ends.verdict, CheckVerdict::Pass, "{}", ends.reason);
}
