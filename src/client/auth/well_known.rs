//! Paths at which applications of all kinds have their logins, their logouts and who is logged in: tried where a
//! page leads nowhere.

use url::Url;

/// Logins. The last is where applications say how a password is changed, for which they ask who one is (W3C, A
/// Well-Known URL for Changing Passwords).
pub(crate) const LOGINS: &[&str] = &[
    "login",
    "signin",
    "sign-in",
    "accounts/login/",
    "account/login",
    "auth/login",
    "user/login",
    "users/sign_in",
    "session/new",
    ".well-known/change-password",
];

/// Logouts.
pub(crate) const LOGOUTS: &[&str] = &[
    "logout",
    "signout",
    "sign-out",
    "accounts/logout/",
    "account/logout",
    "auth/logout",
    "user/logout",
    "users/sign_out",
    "api/logout",
    "api/auth/logout",
];

/// Pages that are other ones for strangers.
pub(crate) const WHO_AM_I: &[&str] = &[
    "api/me",
    "api/user",
    "api/session",
    "api/auth/session",
    "api/auth/me",
    "api/v1/me",
    "me",
    "user",
    "session",
    "account",
    "profile",
];

/// The paths in the folder of a page, and nowhere else: above it another application may be at home.
pub(crate) fn in_folder_of<'a>(page: &Url, paths: &'a [&'a str]) -> impl Iterator<Item = Url> + use<'a> {
    let folder = page.join(".").ok();
    paths.iter().filter_map(move |path| folder.as_ref()?.join(path).ok())
}

/// The paths below the folder of a page, then below the root of its site, each once.
pub(crate) fn below<'a>(page: &Url, paths: &'a [&'a str]) -> impl Iterator<Item = Url> + use<'a> {
    let mut folders: Vec<Url> = [".", "/"].iter().filter_map(|folder| page.join(folder).ok()).collect();
    folders.dedup();
    folders.into_iter().flat_map(move |folder| paths.iter().filter_map(move |path| folder.join(path).ok()))
}
