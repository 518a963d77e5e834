//! What the JSON answer to a login says about it.

use serde_json::{Value, json};
use sessctl::client::auth::{Evidence, LoginMethod, LoginOutcome};
use sessctl::client::{AgentConfig, Credentials, LoginReport, UserAgent, login};
use sessctl::cookies::Jar;

use crate::support::{Script, respond};

/// The report of a login that is answered so, with a status of success.
async fn report(answer: &Value) -> LoginReport {
    let answer = answer.to_string();
    let server = Script::new(move |seen| match seen.method.as_str() {
        "POST" => respond(200, &["Content-Type: application/json"], &answer),
        _ => respond(404, &[], ""),
    });
    let mut agent = UserAgent::new(AgentConfig::default(), Jar::new());
    let mut credentials = Credentials::new("alice", "secret");
    credentials.method = LoginMethod::Json;
    login(&mut agent, &server.url("/login").parse().unwrap(), credentials).await.unwrap()
}

fn refuses(report: &LoginReport) -> bool {
    matches!(report.outcome, LoginOutcome::Refused { .. })
}

#[tokio::test]
async fn an_answer_may_refuse_with_a_status_of_success() {
    for answer in [
        json!({ "success": false }),
        json!({ "error": "bad password" }),
        json!({ "errors": ["x"] }),
        json!({ "ok": false, "error": null }),
        json!({ "code": 500, "msg": "no" }),
        json!({ "status": "error" }),
        json!({ "data": { "isAuthenticated": false } }),
        json!({ "success": 0 }),
        json!({ "user": null }),
    ] {
        assert!(refuses(&report(&answer).await), "{answer}");
    }
    for answer in [
        json!({ "success": true, "error": null, "errors": [] }),
        json!({}),
        json!("ok"),
        json!({ "status": "ok", "code": 200 }),
        json!({ "user": { "id": 1, "code": "x" } }),
    ] {
        assert!(!refuses(&report(&answer).await), "{answer}");
    }
}

#[tokio::test]
async fn an_answer_may_ask_for_a_further_step() {
    for answer in [
        json!({ "requires2FA": true }),
        json!({ "status": "MFA_REQUIRED" }),
        json!({ "data": { "challengeName": "SMS" } }),
    ] {
        assert_eq!(report(&answer).await.outcome, LoginOutcome::SecondFactor, "{answer}");
    }
    for answer in [json!({ "mfa_enabled": false }), json!({ "user": { "name": "x" } })] {
        assert_ne!(report(&answer).await.outcome, LoginOutcome::SecondFactor, "{answer}");
    }
}

#[tokio::test]
async fn a_token_in_the_body_is_found() {
    let found = report(&json!({ "data": { "accessToken": "x" } })).await.evidence;
    assert!(found.contains(&Evidence::TokenInBody("accessToken".to_owned())), "{found:?}");
    let found = report(&json!({ "csrf_token": "x", "tokens": 3 })).await.evidence;
    assert!(!found.iter().any(|it| matches!(it, Evidence::TokenInBody(_))), "{found:?}");
}
