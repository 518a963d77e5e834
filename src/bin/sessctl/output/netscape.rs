//! Cookies as a Netscape `cookies.txt`, as curl and wget read it.

use sessctl::cookies::StoredCookie;

use super::Output;
use crate::cli::NetscapeDialect;

impl Output {
    /// All cookies that the format can hold: not those with tabs, which separate its fields.
    ///
    /// For wget a line with curl's word for `HttpOnly` is a comment: it gets such a cookie without the word.
    pub(crate) fn netscape(&mut self, cookies: &[StoredCookie], dialect: NetscapeDialect) {
        let mut file = b"# Netscape HTTP Cookie File\n".to_vec();
        for cookie in cookies {
            let fields = [&cookie.name.0[..], &cookie.value.0, cookie.path.as_bytes()];
            let problem = if fields.iter().any(|field| field.contains(&b'\t')) {
                "holds a tab"
            } else if cookie.name.0.is_empty() {
                "has no name"
            } else {
                ""
            };
            if !problem.is_empty() {
                self.warn(&format!(
                    "cookie {} {problem}, which this format cannot hold",
                    cookie.name.to_text()
                ));
                continue;
            }
            let flag = |yes: bool| if yes { "TRUE" } else { "FALSE" };
            let marked = cookie.http_only && dialect == NetscapeDialect::Curl;
            let http_only = if marked { "#HttpOnly_" } else { "" };
            let dot = if cookie.is_host_only() { "" } else { "." };
            let line = format!(
                "{http_only}{dot}{}\t{}\t{}\t{}\t{}\t",
                cookie.domain_name().trim_matches(['[', ']']),
                flag(!cookie.is_host_only()),
                &*cookie.path,
                flag(cookie.secure),
                // 0 is a cookie without an expiry.
                cookie.expires.map_or(0, |expires| expires.as_seconds().max(1)),
            );
            file.extend_from_slice(line.as_bytes());
            file.extend_from_slice(&cookie.name.0);
            file.push(b'\t');
            file.extend_from_slice(&cookie.value.0);
            file.push(b'\n');
        }
        self.answer_raw(&file);
    }
}
