//! [`RealmSession`]: the session of one of several layers around an application.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use crate::session::Session;

/// The [`Session`] that a [`SessionLayer::for_realm`](super::SessionLayer::for_realm) adds to a request. Its type parameter
/// tells it apart from the sessions of other layers around the same application.
///
/// ```
/// use sessctl::session::SessionError;
/// use sessctl::web::RealmSession;
///
/// /// Marks the sessions of admins.
/// struct Admin;
///
/// async fn is_admin(session: &RealmSession<Admin>) -> Result<bool, SessionError> {
///     Ok(session.user().await?.is_some())
/// }
/// ```
pub struct RealmSession<R> {
    session: Session,
    realm: PhantomData<fn() -> R>,
}

impl<R> RealmSession<R> {
    pub(super) fn new(session: Session) -> Self {
        RealmSession { session, realm: PhantomData }
    }

    /// The session without its type parameter.
    #[must_use]
    pub fn into_session(self) -> Session {
        self.session
    }
}

impl<R> Deref for RealmSession<R> {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl<R> Clone for RealmSession<R> {
    fn clone(&self) -> Self {
        RealmSession::new(self.session.clone())
    }
}

impl<R> fmt::Debug for RealmSession<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RealmSession").field(&self.session).finish()
    }
}
