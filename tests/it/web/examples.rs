//! The example applications, used over HTTP as a browser and its user would.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use sessctl::client::auth::LoginOutcome;
use sessctl::client::{AgentConfig, Credentials, Request, Response, UserAgent};
use sessctl::clock::{ManualClock, Timestamp};
use sessctl::cookies::Jar;
use sessctl::server::{Limits, serve};
use sessctl::session::{SessionConfig, Sessions};
use sessctl::stores::MemoryStore;
use url::Url;

#[allow(dead_code, reason = "its main function is for its users")]
#[path = "../../examples/axum.rs"]
pub(super) mod axum_app;

#[allow(dead_code, reason = "its main function is for its users")]
#[path = "../../examples/warp.rs"]
pub(super) mod warp_app;

#[derive(Debug, Clone, Copy)]
enum Framework {
    Axum,
    Warp,
}

const ALL: [Framework; 2] = [Framework::Axum, Framework::Warp];

/// An application and a browser. The browser's requests do not use a socket.
struct Shop {
    framework: Framework,
    users: Sessions,
    admins: Sessions,
    clock: Arc<ManualClock>,
    agent: UserAgent,
    base: Url,
}

fn shops() -> impl Iterator<Item = Shop> {
    ALL.into_iter().map(|framework| Shop::new(framework, SessionConfig::default()))
}

impl Shop {
    fn new(framework: Framework, config: SessionConfig) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_800_000_000_000)));
        let store = MemoryStore::new();
        let sessions = || Sessions::builder(store.clone()).config(config.clone()).clock(Arc::clone(&clock));
        let users = sessions().build().expect("valid settings");
        let admins = sessions().realm("admin").build().expect("valid settings");
        let agent = browser(framework, &users, &admins);
        let base = "https://shop.test/".parse().expect("a URL");
        Shop { framework, users, admins, clock, agent, base }
    }

    fn another_browser(&self) -> UserAgent {
        browser(self.framework, &self.users, &self.admins)
    }

    fn url(&self, path: &str) -> Url {
        self.base.join(path).expect("a URL")
    }

    async fn page(&mut self, path: &str) -> Response {
        let url = self.url(path);
        self.agent.send(Request::page(url)).await.expect("a page")
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Response {
        let request = Request::form(self.url(path), fields.iter().copied());
        self.agent.send(request).await.expect("a page")
    }

    /// The CSRF token in the forms of a page.
    async fn token(&mut self, path: &str) -> String {
        let page = self.page(path).await;
        let text = page.text();
        let (_, rest) = text.split_once("name=csrf_token value=").expect("a token");
        rest.split('>').next().expect("a value").to_owned()
    }

    async fn log_in(&mut self, path: &str, user: &str, password: &str) -> LoginOutcome {
        let url = self.url(path);
        self.agent.login(&url, Credentials::new(user, password)).await.expect("a login form").outcome
    }

    async fn log_in_as_alice(&mut self) {
        assert_eq!(self.log_in("/login", "alice", "correct horse").await, LoginOutcome::LoggedIn);
    }

    async fn shows(&mut self, path: &str, text: &str) {
        let page = self.page(path).await;
        let framework = self.framework;
        assert!(page.text().contains(text), "{framework:?} {path} {}: {}", page.status, page.text());
    }

    /// Whether a request for a page is redirected to the login page, which knows where to go after the login.
    async fn needs_login(&mut self, path: &str, login: &str) {
        let page = self.page(path).await;
        assert_eq!(page.url, self.url(&format!("{login}?next={path}")), "{:?}", self.framework);
    }
}

fn browser(framework: Framework, users: &Sessions, admins: &Sessions) -> UserAgent {
    match framework {
        Framework::Axum => UserAgent::for_service(axum_app::app(users.clone(), admins.clone())),
        Framework::Warp => UserAgent::for_service(warp_app::app(users.clone(), admins.clone())),
    }
}

#[tokio::test]
async fn an_example_logs_users_in_and_out() {
    for mut shop in shops() {
        shop.needs_login("/account", "/login").await;
        let refused = shop.log_in("/login", "alice", "wrong").await;
        assert!(
            matches!(&refused, LoginOutcome::Refused { messages, .. } if messages.concat().contains("Wrong name")),
            "{refused:?}"
        );
        shop.needs_login("/account", "/login").await;
        shop.log_in_as_alice().await;
        shop.shows("/account", "You are logged in as alice.").await;

        let csrf_token = shop.token("/").await;
        let page = shop.post("/logout", &[("csrf_token", &csrf_token)]).await;
        assert!(page.text().contains("You have been logged out."), "{}", page.text());
        assert!(!shop.page("/").await.text().contains("You have been logged out."), "shown twice");
        shop.needs_login("/account", "/login").await;
    }
}

#[tokio::test]
async fn an_example_returns_to_the_page_that_needed_the_login() {
    for mut shop in shops() {
        for (next, page) in [("/account", "/account"), ("//evil.example/", "/"), ("/%5Cevil.example", "/")] {
            let login = format!("/login?next={next}");
            let csrf_token = shop.token(&login).await;
            let fields = [("user", "alice"), ("password", "correct horse"), ("csrf_token", &csrf_token)];
            assert_eq!(shop.post(&login, &fields).await.url, shop.url(page), "{next}");
        }
    }
}

#[tokio::test]
async fn an_example_counts_and_keeps_a_cart_through_a_login() {
    for mut shop in shops() {
        shop.shows("/", "Visit 1<").await;
        shop.shows("/", "Visit 2<").await;
        let csrf_token = shop.token("/").await;
        for book in ["Emma", "Dune"] {
            shop.post("/cart", &[("book", book), ("csrf_token", &csrf_token)]).await;
        }
        let fields = [("user", "bob"), ("password", "battery staple"), ("csrf_token", &csrf_token)];
        shop.post("/login", &fields).await;
        shop.shows("/", "Hello, bob!").await;
        shop.shows("/", "Cart: Emma, Dune<").await;
    }
}

#[tokio::test]
async fn an_example_rejects_forged_forms() {
    for mut shop in shops() {
        shop.log_in_as_alice().await;
        let csrf_token = shop.token("/").await;
        let browser = shop.another_browser();
        let own = std::mem::replace(&mut shop.agent, browser);
        let other_token = shop.token("/").await;
        shop.agent = own;
        for token in ["", &other_token] {
            for path in ["/cart", "/logout", "/admin/logout"] {
                let page = shop.post(path, &[("book", "Emma"), ("csrf_token", token)]).await;
                assert_eq!(page.status, StatusCode::FORBIDDEN, "{:?} {path}", shop.framework);
            }
            let fields = [("user", "bob"), ("password", "battery staple"), ("csrf_token", token)];
            assert!(shop.post("/login", &fields).await.text().contains("This form has expired."));
        }
        let mut forged = Request::form(shop.url("/logout"), [("csrf_token", csrf_token.as_str())]);
        forged.headers.insert("sec-fetch-site", "cross-site".parse().expect("a value"));
        assert_eq!(shop.agent.send(forged).await.expect("a page").status, StatusCode::FORBIDDEN);
        shop.shows("/account", "You are logged in as alice.").await;
        let page = shop.page("/").await;
        assert!(
            page.headers["content-security-policy"].to_str().expect("ASCII").contains("default-src 'none'")
        );
        assert_eq!(page.headers["x-frame-options"], "DENY");
    }
}

#[tokio::test]
async fn an_example_remembers_users_who_ask_for_it() {
    for mut shop in shops() {
        for remember in [false, true] {
            shop.agent = shop.another_browser();
            let csrf_token = shop.token("/login").await;
            let mut fields =
                vec![("user", "alice"), ("password", "correct horse"), ("csrf_token", &csrf_token)];
            fields.extend(remember.then_some(("remember", "on")));
            let earlier = shop.agent.flow().exchanges.len();
            shop.post("/login", &fields).await;
            let response = shop.agent.flow().exchanges[earlier].response.as_ref().expect("a response");
            let line = response.headers.iter().find(|(name, _)| *name == "set-cookie").expect("a cookie");
            let line = line.1.to_str().expect("ASCII").to_owned();
            assert_eq!(line.contains("; Max-Age=1209600"), remember, "{:?} {line}", shop.framework);

            shop.clock.advance(Duration::from_secs(31 * 60));
            match remember {
                true => shop.shows("/account", "You are logged in as alice.").await,
                false => shop.needs_login("/account", "/login").await,
            }
        }
    }
}

#[tokio::test]
async fn an_example_keeps_admins_apart_from_users() {
    for mut shop in shops() {
        shop.log_in_as_alice().await;
        shop.needs_login("/admin", "/admin/login").await;
        for (user, password, page) in
            [("alice", "correct horse", "/admin/login"), ("root", "paper clip", "/admin")]
        {
            let csrf_token = shop.token("/admin/login").await;
            let fields = [("user", user), ("password", password), ("csrf_token", &csrf_token)];
            assert_eq!(shop.post("/admin/login", &fields).await.url, shop.url(page), "{:?}", shop.framework);
        }
        shop.shows("/admin", "You are logged in as the admin root.").await;
        shop.shows("/account", "You are logged in as alice.").await;

        let csrf_token = shop.token("/").await;
        shop.post("/logout", &[("csrf_token", &csrf_token)]).await;
        shop.needs_login("/account", "/login").await;
        let csrf_token = shop.token("/admin").await;
        let login_token = shop.token("/login").await;
        let fields = [("user", "alice"), ("password", "correct horse"), ("csrf_token", &login_token)];
        shop.post("/login", &fields).await;
        shop.post("/admin/logout", &[("csrf_token", &csrf_token)]).await;
        shop.needs_login("/admin", "/admin/login").await;
        shop.shows("/account", "You are logged in as alice.").await;
    }
}

#[tokio::test]
async fn the_axum_example_accepts_bearer_tokens_at_its_api() {
    let mut shop = Shop::new(Framework::Axum, SessionConfig::default());
    let login = async |shop: &mut Shop, password: &str| {
        let account = serde_json::json!({ "user": "alice", "password": password });
        let request = Request::json(shop.url("/api/login"), &account).expect("JSON");
        shop.agent.send(request).await.expect("an answer")
    };
    assert_eq!(login(&mut shop, "wrong").await.status, StatusCode::FORBIDDEN);
    let token = login(&mut shop, "correct horse").await.text().into_owned();
    shop.agent = shop.another_browser();
    for (path, token, status, answer) in [
        ("/api/user", token.as_str(), StatusCode::OK, "alice"),
        ("/api/user", "another", StatusCode::UNAUTHORIZED, "401: log in first\n"),
    ] {
        let mut request = Request::page(shop.url(path));
        request.headers.insert("authorization", format!("Bearer {token}").parse().expect("a value"));
        let response = shop.agent.send(request).await.expect("an answer");
        assert_eq!((response.status, response.text().as_ref()), (status, answer), "{path}");
    }
    assert!(shop.agent.jar().cookies().is_empty(), "such a client gets no cookie");
    let mut page = Request::page(shop.url("/account"));
    page.headers.insert("authorization", format!("Bearer {token}").parse().expect("a value"));
    let page = shop.agent.send(page).await.expect("a page");
    assert_eq!(page.url.path(), "/login", "pages need the cookie");
}

#[tokio::test]
async fn an_example_answers_over_a_socket() {
    for framework in ALL {
        let mut shop = Shop::new(framework, SessionConfig::development());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        shop.base = format!("http://{}/", listener.local_addr().expect("an address")).parse().expect("a URL");
        let (users, admins) = (shop.users.clone(), shop.admins.clone());
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let stopped = async { _ = stopped.await };
        let server = tokio::spawn(async move {
            let limits = Limits::default();
            match framework {
                Framework::Axum => serve(listener, axum_app::app(users, admins), limits, stopped).await,
                Framework::Warp => serve(listener, warp_app::app(users, admins), limits, stopped).await,
            }
        });
        shop.agent = UserAgent::new(AgentConfig::default(), Jar::new());
        shop.log_in_as_alice().await;
        shop.shows("/account", "You are logged in as alice.").await;
        drop(stop);
        server.await.expect("a server that stops");
    }
}
