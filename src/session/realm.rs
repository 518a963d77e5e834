//! [`Realm`]: keeps the sessions of several groups of users apart in one store, for example those of customers and admins.
//!
//! The realm is mixed into the hash of the token, so a token opens a session only in its own realm. In the store, the user
//! of a record is written together with the realm, so a store needs to know nothing of realms: a list of the sessions of
//! `alice` in one realm has none of another `alice`.

use std::borrow::Cow;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::config::ConfigError;
use super::id::{Token, TokenHash};
use super::record::Record;

/// The longest name of a realm.
const MAX_NAME_LEN: usize = 64;

/// Encloses the realm in a stored user: the unit separator, a control character. A user name that begins with it is stored
/// with an empty realm, so no name can pretend to be of a realm.
const MARK: char = '\u{1f}';

/// The realm of some sessions. Without a name, tokens are hashed and users are stored as they are.
#[derive(Debug, Default)]
pub(super) struct Realm {
    name: Option<Named>,
}

#[derive(Debug)]
struct Named {
    name: Arc<str>,
    /// What is hashed before each token. A token always has 32 bytes, so other inputs have other lengths or another text
    /// before it.
    prefix: Sha256,
}

/// The parts of a stored user.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct StoredUser {
    pub(super) realm: Option<Arc<str>>,
    pub(super) user: Option<Arc<str>>,
}

impl Realm {
    pub(super) fn named(name: &str) -> Result<Self, ConfigError> {
        let is_name_char = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if !(1..=MAX_NAME_LEN).contains(&name.len()) || !name.bytes().all(is_name_char) {
            return Err(ConfigError::Realm(name.to_owned()));
        }
        let prefix = Sha256::new_with_prefix(format!("sessctl realm {name}\n"));
        Ok(Realm { name: Some(Named { name: name.into(), prefix }) })
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_ref().map(|named| &*named.name)
    }

    /// The key under which a store keeps the session of this token.
    pub(super) fn key_of(&self, token: &Token) -> TokenHash {
        match &self.name {
            None => token.hash(),
            Some(named) => token.hash_after(named.prefix.clone()),
        }
    }

    /// A user of this realm as it is stored.
    pub(super) fn stored_user<'a>(&self, user: &'a str) -> Cow<'a, str> {
        match self.name() {
            None if !user.starts_with(MARK) => Cow::Borrowed(user),
            name => Cow::Owned(format!("{MARK}{}{MARK}{user}", name.unwrap_or_default())),
        }
    }

    /// A record of this realm as it is stored. The user of an anonymous session of a realm is stored as an empty name, which
    /// cannot log in.
    pub(super) fn stored(&self, mut record: Record) -> Record {
        let user = record.user.as_deref().or_else(|| self.name().map(|_| ""));
        let stored = match user.map(|user| self.stored_user(user)) {
            Some(Cow::Owned(stored)) => Some(Arc::from(stored)),
            _ => record.user.take(),
        };
        Record { user: stored, ..record }
    }

    /// A stored record with its user in this realm. `None` if it belongs to another realm.
    pub(super) fn own(&self, mut record: Record) -> Option<Record> {
        let StoredUser { realm, user } = StoredUser::of(record.user.take());
        (realm.as_deref() == self.name()).then_some(Record { user, ..record })
    }
}

impl StoredUser {
    pub(super) fn of(stored: Option<Arc<str>>) -> Self {
        let parts = stored.as_deref().and_then(|text| text.strip_prefix(MARK)?.split_once(MARK));
        match parts {
            None => StoredUser { realm: None, user: stored },
            Some(("", user)) => StoredUser { realm: None, user: Some(user.into()) },
            Some((realm, user)) => {
                StoredUser { realm: Some(realm.into()), user: (!user.is_empty()).then(|| user.into()) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_users_of_any_realms_are_stored_alike() {
        let realms = [Realm::default(), Realm::named("admin").unwrap(), Realm::named("a").unwrap()];
        let users = [
            "alice",
            "",
            "\u{1f}",
            "\u{1f}admin\u{1f}alice",
            "\u{1f}\u{1f}alice",
            "admin\u{1f}alice",
            "\u{1f}alice",
        ];
        let mut stored = std::collections::BTreeSet::new();
        for realm in &realms {
            for user in users {
                let text = realm.stored_user(user).into_owned();
                let name = realm.name().map(Arc::from);
                let expected = (!user.is_empty() || name.is_none()).then(|| user.into());
                assert_eq!(
                    StoredUser::of(Some(text.as_str().into())),
                    StoredUser { realm: name, user: expected }
                );
                assert!(stored.insert(text), "{user:?}");
            }
        }
        // A record of a version without realms.
        let old = StoredUser::of(Some("\u{1f}alice".into()));
        assert_eq!(old, StoredUser { realm: None, user: Some("\u{1f}alice".into()) });
    }

    #[test]
    fn names_that_a_cookie_cannot_have_are_rejected() {
        for name in ["", "a b", "a\u{1f}", "ä", "a;b", &"x".repeat(65)] {
            assert_eq!(Realm::named(name).err(), Some(ConfigError::Realm(name.to_owned())));
        }
    }
}
