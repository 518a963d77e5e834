//! Two session layers around one application: customers and admins, without a socket.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use http::{Request, Response};
use sessctl::session::{Session, Sessions};
use sessctl::stores::SqliteStore;
use sessctl::web::{RealmSession, SessionLayer};
use tower_layer::Layer;
use tower_service::Service;

/// Marks the sessions of admins.
struct Admin;

/// Keeps the two sessions of the request for the test.
#[derive(Clone)]
struct Sees(tokio::sync::mpsc::UnboundedSender<(Option<Session>, Option<RealmSession<Admin>>)>);

impl Service<Request<()>> for Sees {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        let (session, admin) = (request.extensions().get().cloned(), request.extensions().get().cloned());
        self.0.send((session, admin)).expect("a test");
        ready(Ok(Response::new(())))
    }
}

fn request(cookie: &str) -> Request<()> {
    Request::builder().header("cookie", cookie).body(()).expect("a request")
}

async fn log_in(sessions: &Sessions, user: &str) -> String {
    let session = sessions.open([]);
    session.login(user).await.expect("a login");
    let line = session.set_cookie().expect("a cookie");
    line.to_str().expect("ASCII").split(';').next().expect("a pair").to_owned()
}

#[tokio::test]
async fn each_layer_has_its_own_session_in_any_order() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = SqliteStore::open(folder.path().join("store")).unwrap();
    let customers = Sessions::builder(store.clone()).build().expect("valid settings");
    let admins = Sessions::builder(store).realm("admin").build().expect("valid settings");
    let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let (plain, typed) =
        (SessionLayer::new(customers.clone()), SessionLayer::<Admin>::for_realm(admins.clone()));
    let mut admins_inside = plain.layer(typed.layer(Sees(sender.clone())));
    let mut admins_outside = typed.layer(plain.layer(Sees(sender)));
    let both = format!("{}; {}", log_in(&customers, "alice").await, log_in(&admins, "root").await);
    for admins_are_inside in [true, false] {
        let mut call = |cookie: &str| match admins_are_inside {
            true => admins_inside.call(request(cookie)),
            false => admins_outside.call(request(cookie)),
        };
        let response = call(&both);
        let (customer, admin) = seen.recv().await.expect("a request");
        let (customer, admin) = (customer.expect("a session"), admin.expect("a session of the realm"));
        assert_eq!(customer.user().await.expect("an answer").as_deref(), Some("alice"));
        assert_eq!(admin.user().await.expect("an answer").as_deref(), Some("root"));
        drop(response);

        // Both write their cookie to one response.
        let response = call("");
        let (customer, admin) = seen.recv().await.expect("a request");
        customer.expect("a session").login("bob").await.expect("a login");
        admin.expect("a session of the realm").login("root").await.expect("a login");
        let response = response.await.expect("infallible");
        let cookies = response.headers().get_all("set-cookie");
        let mut names: Vec<&str> =
            cookies.iter().filter_map(|line| line.to_str().ok()?.split('=').next()).collect();
        names.sort_unstable();
        assert_eq!(names, ["__Host-admin_sessionid", "__Host-sessionid"]);
    }
}
