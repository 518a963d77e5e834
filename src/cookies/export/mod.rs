//! [`export()`]: cookies in the file formats of other programs.

mod curl_config;
mod httpie;
mod netscape;
mod storage_state;
mod text;

use std::fmt;

pub use netscape::NetscapeDialect;

use super::stored_cookie::StoredCookie;

/// The format of a file for another program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportFormat {
    /// Netscape's `cookies.txt`.
    Netscape(NetscapeDialect),
    /// A storage state, which Playwright loads into a browser.
    StorageState,
    /// A session of HTTPie, which xh reads too.
    Httpie,
    /// A line of a curl configuration file. It sends the cookies with each request, so give it those of one request only.
    CurlConfig,
}

/// Something that a format cannot represent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportLoss {
    /// The attribute `HttpOnly`.
    HttpOnly,
    /// The attribute `SameSite`.
    SameSite,
    /// That a cookie without `Domain` is not sent to the hosts below its host.
    HostOnly,
    /// The hosts, paths and times to which a cookie is limited.
    Scope,
}

/// Cookies as the content of a file.
#[derive(Debug)]
#[non_exhaustive]
pub struct Export<'a> {
    /// The content of the file.
    pub content: Vec<u8>,
    /// The cookies that the format cannot represent, and why.
    pub rejected: Vec<(&'a StoredCookie, &'static str)>,
    /// What is missing from the other cookies.
    pub losses: Vec<(&'a StoredCookie, ExportLoss)>,
}

/// A row of the table of formats.
struct FormatEntry {
    name: &'static str,
    losses: &'static [ExportLoss],
    /// Why the format cannot represent a cookie.
    refuse: fn(&StoredCookie) -> Option<&'static str>,
    write: fn(&[&StoredCookie]) -> Vec<u8>,
}

impl ExportFormat {
    /// The table of formats.
    fn entry(self) -> FormatEntry {
        use ExportLoss::{HostOnly, HttpOnly, SameSite, Scope};
        match self {
            ExportFormat::Netscape(dialect) => FormatEntry {
                name: "a cookies.txt",
                losses: match dialect {
                    NetscapeDialect::Curl | NetscapeDialect::Python => &[SameSite],
                    NetscapeDialect::Wget => &[HttpOnly, SameSite],
                },
                refuse: netscape::refuse,
                write: match dialect {
                    NetscapeDialect::Curl => |cookies| netscape::write(cookies, NetscapeDialect::Curl),
                    NetscapeDialect::Wget => |cookies| netscape::write(cookies, NetscapeDialect::Wget),
                    NetscapeDialect::Python => |cookies| netscape::write(cookies, NetscapeDialect::Python),
                },
            },
            ExportFormat::StorageState => FormatEntry {
                name: "a storage state",
                losses: &[],
                refuse: storage_state::refuse,
                write: storage_state::write,
            },
            ExportFormat::Httpie => FormatEntry {
                name: "an HTTPie session",
                losses: &[HttpOnly, SameSite, HostOnly],
                refuse: httpie::refuse,
                write: httpie::write,
            },
            ExportFormat::CurlConfig => FormatEntry {
                name: "a curl configuration",
                losses: &[Scope],
                refuse: curl_config::refuse,
                write: curl_config::write,
            },
        }
    }
}

impl fmt::Display for ExportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.entry().name)
    }
}

impl ExportLoss {
    fn concerns(self, cookie: &StoredCookie) -> bool {
        match self {
            ExportLoss::HttpOnly => cookie.http_only,
            ExportLoss::SameSite => cookie.same_site.is_some(),
            // An address has no hosts below it.
            ExportLoss::HostOnly => {
                cookie.is_host_only() && cookie.domain_name().parse::<std::net::Ipv4Addr>().is_err()
            }
            ExportLoss::Scope => true,
        }
    }
}

impl fmt::Display for ExportLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ExportLoss::HttpOnly => "HttpOnly",
            ExportLoss::SameSite => "SameSite",
            ExportLoss::HostOnly => "that a cookie is for its host only, not for the hosts below it",
            ExportLoss::Scope => "hosts, paths and expiry: the cookies are sent with each request",
        })
    }
}

/// Writes cookies for another program.
///
/// ```
/// use sessctl::cookies::{ExportFormat, Jar, NetscapeDialect, export};
/// use sessctl::url::Url;
///
/// let jar = Jar::new();
/// jar.receive(&Url::parse("https://example.org/")?, [&b"sid=31d4; Path=/; SameSite=Lax"[..]]);
/// let cookies = jar.cookies();
/// let file = export(&cookies, ExportFormat::Netscape(NetscapeDialect::Curl));
/// assert!(file.content.ends_with(b"example.org\tFALSE\t/\tFALSE\t0\tsid\t31d4\n"));
/// assert_eq!(file.losses.len(), 1); // the format has no SameSite
/// # Ok::<(), sessctl::url::ParseError>(())
/// ```
#[must_use]
pub fn export(cookies: &[StoredCookie], format: ExportFormat) -> Export<'_> {
    let entry = format.entry();
    let rejected: Vec<_> =
        cookies.iter().filter_map(|cookie| Some((cookie, (entry.refuse)(cookie)?))).collect();
    let kept: Vec<&StoredCookie> = cookies.iter().filter(|it| (entry.refuse)(it).is_none()).collect();
    let losses = kept.iter().flat_map(|cookie| {
        entry.losses.iter().filter(|loss| loss.concerns(cookie)).map(|loss| (*cookie, *loss))
    });
    Export { content: (entry.write)(&kept), rejected, losses: losses.collect() }
}
