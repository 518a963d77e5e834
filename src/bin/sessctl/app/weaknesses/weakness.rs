//! [`Weakness`]: a deliberate fault of the server, and the one table of them. `--weaken`, its list and the layers read it.

/// Declares the enum and its table.
macro_rules! weaknesses {
    ($($weakness:ident $name:literal $fault:literal [$($check:literal)*] $($needs:ident)*;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Weakness {
            $($weakness,)*
        }

        /// All weaknesses, in the order of the checks that find them.
        pub(crate) static WEAKNESSES: &[WeaknessEntry] = &[$(WeaknessEntry {
            weakness: Weakness::$weakness,
            name: $name,
            fault: $fault,
            checks: &[$($check),*],
            needs: &[$(Needs::$needs),*],
        },)*];
    };
}

/// A row of the table.
#[derive(Debug)]
pub(crate) struct WeaknessEntry {
    pub(crate) weakness: Weakness,
    pub(crate) name: &'static str,
    pub(crate) fault: &'static str,
    /// The checks of `audit` that find it.
    pub(crate) checks: &'static [&'static str],
    pub(crate) needs: &'static [Needs],
}

/// A setting without which the fault does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    Tls,
    Accounts,
}

impl Needs {
    /// The word in JSON.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Needs::Tls => "tls",
            Needs::Accounts => "accounts",
        }
    }
}

weaknesses! {
    NoSecure "no-secure" "the session cookie has neither Secure nor a prefix" ["cookie-secure" "cookie-prefix"] Tls;
    NoHttponly "no-httponly" "the session cookie has no HttpOnly" ["cookie-httponly"];
    NoSamesite "no-samesite" "the session cookie has no SameSite" ["cookie-samesite"];
    NoPrefix "no-prefix" "the name of the session cookie has no prefix" ["cookie-prefix"] Tls;
    WideDomain "wide-domain" "the session cookie is shared with all subdomains" ["cookie-domain"];
    TenYearCookie "ten-year-cookie" "the browser keeps the session cookie for ten years" ["cookie-lifetime"];
    OversizedCookie "oversized-cookie" "a second cookie has 4,200 bytes" ["cookie-size"];
    RefusedCookie "refused-cookie" "a second cookie has SameSite=None without Secure"
        ["cookie-refused-by-browsers"];
    CacheablePages "cacheable-pages" "any cache may keep pages with user data" ["cache-control"];
    NoHsts "no-hsts" "browsers are not told to insist on HTTPS" ["hsts"] Tls;
    TokenInUrl "token-in-url" "the login redirects to a URL with the token" ["token-in-url"];
    TokenInBody "token-in-body" "pages contain the token" ["token-in-body"];
    LoginByGet "login-by-get" "the login form sends the password in the URL" ["login-by-get"] Accounts;
    ClearTextLogin "clear-text-login" "the login form sends the password over plain HTTP" ["clear-text-login"] Tls;
    PredictableToken "predictable-token" "the token is the time of the login in nanoseconds" ["token-entropy"];
    ReadableToken "readable-token" "the token is base64 JSON with the user name" ["token-content"];
    UnsignedToken "unsigned-token" "the token is a JWT, but its signature, alg and exp are not checked"
        ["token-content" "token-tampering"];
    TokenError "token-error" "a token of another length causes status 500" ["token-tampering"];
    AnyPassword "any-password" "every password is right" ["wrong-password"] Accounts;
    UserEnumeration "user-enumeration" "a failed login tells whether the user exists" ["user-enumeration"] Accounts;
    Fixation "fixation" "a login adopts any token that the browser sends and keeps it"
        ["fixation" "rotation" "relogin"];
    NoRotation "no-rotation" "anonymous visitors get a token, and a login keeps it"
        ["fixation" "rotation" "relogin"];
    ReloginKeepsFirst "relogin-keeps-first" "a second login leaves the first session alive" ["relogin"];
    LogoutKeepsSession "logout-keeps-session" "a logout deletes only the cookie" ["logout-ends-session"];
    LogoutKeepsCookie "logout-keeps-cookie" "a logout ends only the session" ["logout-clears-cookie"];
    LogoutByGet "logout-by-get" "a GET request logs out" ["logout-by-get"];
    NoLogout "no-logout" "there is no logout" ["logout-control"];
    Revival "revival" "a request that has loaded the session writes it back after a logout" ["revival"];
    NoIdleTimeout "no-idle-timeout" "unused sessions do not expire" ["idle-timeout"];
    NoAbsoluteTimeout "no-absolute-timeout" "sessions in use do not expire" ["absolute-timeout"];
    EndlessSession "endless-session" "sessions do not expire" ["idle-timeout" "absolute-timeout"];
    FirstCookieWins "first-cookie-wins" "of two tokens, the first one is used" ["duplicate-cookies"];
    TokenInQuery "token-in-query" "a token in the query is accepted" ["token-elsewhere"];
    SubstringCookie "substring-cookie" "any cookie counts whose name contains the right one" ["token-elsewhere"];
    SharedToken "shared-token" "all logins of a user get the same token"
        ["parallel-sessions" "token-entropy" "relogin"];
    BrokenRevoke "broken-revoke" "\"end all other sessions\" ends none" ["session-list"];
    Bleed "bleed" "equal GET requests at the same time share one response" ["bleed"];
    LostUpdates "lost-updates" "a change reads the session, changes it and writes it back" ["lost-updates"];
    NoCsrfCheck "no-csrf-check" "the origin of a request is not checked" ["csrf"];
    OpenRedirect "open-redirect" "a login redirects to any URL" ["open-redirect"];
    NoThrottling "no-throttling" "failed logins are not limited" ["throttling"] Accounts;
    UnescapedName "unescaped-name" "pages contain the user name without escaping" ["name-escaping"];
    Textbook "textbook"
        "the well-known teaching server of forty lines, which has many of these faults"
        ["fixation" "rotation" "relogin" "token-entropy" "token-elsewhere" "cookie-httponly" "cookie-samesite"
        "cache-control" "logout-control" "name-escaping" "idle-timeout" "absolute-timeout"];
}

impl Weakness {
    pub(crate) fn name(self) -> &'static str {
        self.entry().map_or("", |entry| entry.name)
    }

    pub(super) fn entry(self) -> Option<&'static WeaknessEntry> {
        WEAKNESSES.iter().find(|entry| entry.weakness == self)
    }

    /// Further checks that find it over TLS.
    pub(crate) const fn checks_over_tls(self) -> &'static [&'static str] {
        match self {
            // Browsers reject a cookie with a prefix and a domain.
            Weakness::WideDomain => &["cookie-prefix"],
            _ => &[],
        }
    }

    /// The faults that it consists of, besides its own part.
    pub(super) const fn includes(self) -> &'static [Weakness] {
        match self {
            Weakness::EndlessSession => &[Weakness::NoIdleTimeout, Weakness::NoAbsoluteTimeout],
            Weakness::Textbook => &[
                Weakness::NoHttponly,
                Weakness::NoSamesite,
                Weakness::NoLogout,
                Weakness::NoIdleTimeout,
                Weakness::NoAbsoluteTimeout,
                Weakness::SubstringCookie,
                Weakness::UnescapedName,
            ],
            _ => &[],
        }
    }
}
