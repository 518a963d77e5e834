//! [`OuterIds`]: the token that the browser has is not the token of the sound server. A layer translates between the two,
//! which covers the faults of the token itself, and those of `fixation` and `no-rotation`: a login keeps the token that the
//! browser has.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::{CACHE_CONTROL, SET_COOKIE};
use http::{HeaderValue, Method, Request, StatusCode};
use warp::reply::Response;

use sessctl::server::RequestBody;

use super::layer::{Cookies, FaultContext, Inner, edit_set_cookie, find_set_cookie, is_html};
use super::token_format::{NewToken, TokenFormat};
use super::weakness::Weakness;

/// Replaces a token that the server does not know. The sound server ignores it, as it ignores every unknown token.
const UNKNOWN: &str = "unknown";

/// Which tokens of a browser a login keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Adoption {
    None,
    /// Those that the server has issued.
    Issued,
    /// Any.
    Any,
}

/// The requests share it. `real` is locked for single lookups and insertions only. It is in memory: after a restart, no
/// browser is logged in.
struct OuterIds {
    context: FaultContext,
    format: TokenFormat,
    adoption: Adoption,
    /// Whether anonymous visitors get a token.
    for_visitors: bool,
    /// The token of the sound server for each id. `None`: the id of a visitor who has not logged in yet.
    real: Mutex<HashMap<String, Option<String>>>,
}

pub(super) fn layer(inner: Inner, context: &FaultContext) -> Inner {
    let ids = Arc::new(OuterIds::new(context));
    inner.wrapped(move |request, inner| {
        let ids = Arc::clone(&ids);
        async move { ids.answer(request, inner).await }
    })
}

impl OuterIds {
    fn new(context: &FaultContext) -> Self {
        let weaknesses = &context.weaknesses;
        let has = |all: &[Weakness]| all.iter().any(|weakness| weaknesses.has(*weakness));
        OuterIds {
            format: TokenFormat::of(weaknesses),
            adoption: match () {
                () if has(&[Weakness::Fixation, Weakness::Textbook]) => Adoption::Any,
                () if has(&[Weakness::NoRotation]) => Adoption::Issued,
                () => Adoption::None,
            },
            for_visitors: has(&[Weakness::NoRotation, Weakness::Textbook]),
            real: Mutex::default(),
            context: context.clone(),
        }
    }

    async fn answer(&self, mut request: Request<RequestBody>, inner: Inner) -> Response {
        let name = &self.context.cookie;
        let mut cookies = Cookies::of(request.headers());
        let presented: Vec<String> = cookies.values(name).map(str::to_owned).collect();
        cookies.replace(name, |token| self.real(token).flatten().unwrap_or_else(|| UNKNOWN.to_owned()));
        cookies.write(request.headers_mut());
        let is_get = request.method() == Method::GET;
        let mut response = inner.answer(request).await;
        match find_set_cookie(response.headers(), name) {
            Some(line) if line.deletes() => {}
            Some(line) => {
                let token = self.token_for(&presented, &line.value).await;
                edit_set_cookie(response.headers_mut(), name, |mut line| {
                    line.value.clone_from(&token);
                    Some(line)
                });
            }
            None if is_get && self.for_visitors => self.welcome_visitor(&presented, &mut response),
            None => {}
        }
        response
    }

    /// The token of the browser for a new token of the sound server.
    async fn token_for(&self, presented: &[String], real: &str) -> String {
        let NewToken { id, token } = match self.adopted(presented) {
            Some(token) => NewToken { id: token.clone(), token },
            None => self.format.make(&self.context.user_of(real).await, self.context.sessions.now()),
        };
        self.lock().insert(id, Some(real.to_owned()));
        token
    }

    fn adopted(&self, presented: &[String]) -> Option<String> {
        let mut adopted = presented.iter().filter(|token| match self.adoption {
            Adoption::None => false,
            Adoption::Issued => self.real(token).is_some(),
            Adoption::Any => !token.is_empty(),
        });
        adopted.next().cloned()
    }

    /// Issues a token with a page to a browser that has none.
    fn welcome_visitor(&self, presented: &[String], response: &mut Response) {
        if response.status() != StatusCode::OK || !is_html(response) || self.adopted(presented).is_some() {
            return;
        }
        let NewToken { id, token } = self.format.make("", self.context.sessions.now());
        self.lock().insert(id, None);
        let headers = response.headers_mut();
        if let Ok(line) = HeaderValue::try_from(self.context.set_cookie(&self.context.cookie, &token)) {
            headers.append(SET_COOKIE, line);
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }

    /// The token of the sound server, if the server has issued this one: `Some(None)` for a visitor's.
    fn real(&self, token: &str) -> Option<Option<String>> {
        let id = self.format.id_in(token)?;
        self.lock().get(&id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Option<String>>> {
        self.real.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
