//! Common paths of logins and account pages, for pages that have no link to them.

use url::Url;

/// Logins. The last path leads to the form that changes the password, which requires a login (W3C, A Well-Known URL for
/// Changing Passwords).
pub(super) const LOGINS: &str = "
    login signin sign-in accounts/login/ account/login auth/login user/login users/sign_in
    session/new .well-known/change-password
";

/// Pages that differ for anonymous clients.
pub(super) const WHO_AM_I: &str = "
    api/me api/user api/session api/auth/session api/auth/me api/v1/me me user session account
    profile
";

/// The same in the folder of an endpoint for logins.
pub(super) const WHO_AM_I_NEAR_LOGIN: &str = "me user profile";

/// The paths in the folder of a page. The folders above it may be another application.
pub(super) fn in_folder_of(page: &Url, paths: &'static str) -> impl Iterator<Item = Url> + use<> {
    let folder = page.join(".").ok();
    paths.split_whitespace().filter_map(move |path| folder.as_ref()?.join(path).ok())
}

/// The paths in the folder of a page, then in the root of its site, without duplicates.
pub(super) fn below(page: &Url, paths: &'static str) -> impl Iterator<Item = Url> + use<> {
    let root = page.join("/").ok().filter(|root| page.join(".").ok().as_ref() != Some(root));
    in_folder_of(page, paths).chain(root.into_iter().flat_map(move |root| in_folder_of(&root, paths)))
}
