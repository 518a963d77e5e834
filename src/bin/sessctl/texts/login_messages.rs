//! The messages of a login and a logout: the keys and values for what the library says in English. A key of a variant
//! without values is its name.

use sessctl::client::auth::Evidence;
use sessctl::client::auth::trace::{
    ControlSeen, Difference, DiscoveredBy, FieldRole, FormVerdict, shown_address,
};
use sessctl::client::browser::BrowserNotice;
use sessctl::client::html::Blocker;

use super::message::Message;

impl From<&Evidence> for Message {
    fn from(evidence: &Evidence) -> Self {
        let new = |key| Message::new(key, evidence);
        match evidence {
            Evidence::CookieIssued(name) => {
                new("evidence-cookie-issued").with("name", name.to_text().as_ref())
            }
            Evidence::CookieRenewed(name) => {
                new("evidence-cookie-renewed").with("name", name.to_text().as_ref())
            }
            Evidence::LoginFormGone => new("evidence-login-form-gone"),
            Evidence::LogoutControl(control) => new("evidence-logout-control").with("control", control),
            Evidence::Differs(url, differences) => new("evidence-differs")
                .with("path", shown_address(url))
                .with("differences", Message::joined(differences.iter().map(Message::from), "; ")),
            Evidence::DrawnDiffers(url, differences) => new("evidence-drawn-differs")
                .with("path", shown_address(url))
                .with("differences", Message::joined(differences.iter().map(Message::from), "; ")),
            Evidence::Accepted(status) => new("evidence-accepted").with("status", status.to_string()),
            Evidence::TokenIssued(name) => new("evidence-token-issued").with("name", name.as_str()),
            Evidence::DiffersWithToken(url, differences) => new("evidence-differs-with-token")
                .with("path", shown_address(url))
                .with("differences", Message::joined(differences.iter().map(Message::from), "; ")),
            Evidence::ExpectedText(text) => new("evidence-expected-text").with("text", format!("{text:?}")),
            Evidence::EarlierSessionEnded(control) => {
                new("evidence-earlier-session-ended").with("control", control)
            }
            Evidence::EarlierSessionMayRemain(control) => {
                new("evidence-earlier-session-may-remain").with("control", control)
            }
            other => other.to_string().into(),
        }
    }
}

impl From<&ControlSeen> for Message {
    fn from(control: &ControlSeen) -> Self {
        let new = |key| Message::new(key, control);
        match control {
            ControlSeen::Form(path) => new("control-form").with("path", path.as_str()),
            ControlSeen::Link(path) => new("control-link").with("path", path.as_str()),
            ControlSeen::WellKnown(method, path) => {
                new("control-well-known").with("method", method.as_str()).with("path", path.as_str())
            }
            ControlSeen::Request(method, path) => format!("{method} {path}").into(),
            ControlSeen::Nothing => new("control-nothing"),
            other => other.to_string().into(),
        }
    }
}

impl From<&Difference> for Message {
    fn from(difference: &Difference) -> Self {
        let new = |key| Message::new(key, difference);
        match difference {
            Difference::Status(with, without) => {
                new("difference-status").with("with", with.to_string()).with("without", without.to_string())
            }
            Difference::Url(_, without) => new("difference-url").with("path", shown_address(without)),
            Difference::LoginForm => new("difference-login-form"),
            Difference::LogoutControl => new("difference-logout-control"),
            Difference::Members(names) => new("difference-members").with("names", names.join(", ")),
            Difference::Name(name) => new("difference-name").with("name", name.as_str()),
            Difference::LoginLink => new("difference-login-link"),
            other => other.to_string().into(),
        }
    }
}

impl From<&BrowserNotice> for Message {
    fn from(notice: &BrowserNotice) -> Self {
        let new = |key| Message::new(key, notice);
        match notice {
            BrowserNotice::NoSandbox => new("browser-no-sandbox"),
            BrowserNotice::WindowOpened => new("browser-window-opened"),
            BrowserNotice::CookieLeftOut { cookie, why } => {
                new("browser-cookie-left-out").with("cookie", cookie.as_str()).with("why", why.as_str())
            }
            other => other.to_string().into(),
        }
    }
}

impl From<&Blocker> for Message {
    fn from(blocker: &Blocker) -> Self {
        Message::new(format!("blocker-{blocker:?}"), blocker)
    }
}

/// How a page was found, and which page.
pub(crate) fn discovered(by: &DiscoveredBy, page: String) -> Message {
    let new = |key| Message::new(key, format!("{by} {page}"));
    let message = match by {
        DiscoveredBy::Start => new("trace-start"),
        DiscoveredBy::Refresh => new("trace-refresh"),
        DiscoveredBy::Frame => new("trace-frame"),
        DiscoveredBy::Link(text) => new("trace-link").with("text", format!("{text:?}")),
        DiscoveredBy::WellKnown => new("trace-well-known"),
        DiscoveredBy::NextStep => new("trace-next-step"),
        DiscoveredBy::FurtherStep => new("trace-further-step"),
        other => return format!("{other} {page}").into(),
    };
    message.with("page", page)
}

impl From<&FormVerdict> for Message {
    fn from(verdict: &FormVerdict) -> Self {
        let new = |key| Message::new(key, verdict);
        match verdict {
            FormVerdict::Rejected(reason) => {
                new("trace-rejected").with("reason", Message::new(format!("rejected-{reason:?}"), reason))
            }
            FormVerdict::Other(score) => new("trace-other").with("score", score.to_string()),
            FormVerdict::Chosen { score, .. } => new("trace-chosen").with("score", score.to_string()),
            other => other.to_string().into(),
        }
    }
}

impl From<&FieldRole> for Message {
    fn from(role: &FieldRole) -> Self {
        let new = |key| Message::new(key, role);
        match role {
            FieldRole::User(reason) => {
                new("trace-user").with("reason", Message::new(format!("user-field-{reason:?}"), reason))
            }
            FieldRole::Password => new("trace-password"),
            FieldRole::Kept => new("trace-kept"),
            FieldRole::Button => new("trace-button"),
            other => other.to_string().into(),
        }
    }
}
