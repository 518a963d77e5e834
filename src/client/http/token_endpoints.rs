//! [`TokenEndpoints`]: where a server renews and revokes tokens (OpenID Connect Discovery 1.0 §4, RFC 8414 §3).

use http::{Method, StatusCode};
use serde_json::Value;
use url::Url;

use super::agent::UserAgent;
use super::error::ClientError;
use super::request::Request;
use super::response::Response;
use crate::cookies::value::jwt_claims;
use crate::cookies::{TokenSession, is_secure};

/// Where a server describes itself, below its issuer.
const DESCRIPTIONS: [&str; 2] =
    ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];

/// Where a server renews and revokes tokens.
#[derive(Debug, Default)]
pub(crate) struct TokenEndpoints {
    pub(crate) token: Option<Url>,
    pub(crate) revocation: Option<Url>,
}

impl UserAgent {
    /// The endpoints that the server of a token describes. There are none if it describes nothing.
    pub(crate) async fn token_endpoints(
        &mut self,
        session: &TokenSession,
    ) -> Result<TokenEndpoints, ClientError> {
        for issuer in issuers_of(session) {
            for path in DESCRIPTIONS {
                let Ok(url) = Url::parse(&format!("{issuer}{path}")) else { continue };
                if self.requests_left() == 0 {
                    return Ok(TokenEndpoints::default());
                }
                let mut request = Request::new(Method::GET, url);
                request.accept = "application/json";
                let response = self.send_once(request).await?;
                let description = response.json::<Value>().unwrap_or_default();
                let endpoint = |name: &str| {
                    let url = Url::parse(description.get(name)?.as_str()?).ok()?;
                    may_receive(&url, session).then_some(url)
                };
                let endpoints = TokenEndpoints {
                    token: endpoint("token_endpoint"),
                    revocation: endpoint("revocation_endpoint"),
                };
                if response.status == StatusCode::OK && endpoints.token.is_some() {
                    return Ok(endpoints);
                }
            }
        }
        Ok(TokenEndpoints::default())
    }

    /// Sends one request without tokens, and follows no redirect: its body may be a secret for this address only.
    pub(crate) async fn send_once(&mut self, mut request: Request) -> Result<Response, ClientError> {
        request.without_tokens = true;
        let response = self.exchange(&request, None).await?;
        self.read_whole(response, request).await
    }
}

/// The addresses of those who may have issued a token: the one that the token names, then its origin.
fn issuers_of(session: &TokenSession) -> Vec<String> {
    let claims = jwt_claims(&session.access_token);
    let named = claims.as_ref().and_then(|claims| claims.get("iss")?.as_str());
    let named =
        named.and_then(|issuer| Url::parse(issuer).ok()).filter(|issuer| may_receive(issuer, session));
    let mut issuers: Vec<String> = named
        .iter()
        .chain([&session.origin])
        .map(|it| it.as_str().trim_end_matches('/').to_owned())
        .collect();
    issuers.dedup();
    issuers
}

/// Whether an address may get a secret of this session: nobody on the network reads it there.
pub(crate) fn may_receive(url: &Url, session: &TokenSession) -> bool {
    matches!(url.scheme(), "http" | "https") && (is_secure(url) || session.is_for(url))
}
