//! What `serve` prints: its addresses, and with `-v` a line for each request.

use std::net::SocketAddr;

use sessctl::internal::{Masking, Redactor};
use sessctl::session::Activity;

use super::output::{Output, write_err};
use super::style::{Role, paint, sanitize};
use crate::app::{Access, SessionChange};

impl Output {
    /// The one line on stdout that scripts wait for.
    pub(crate) fn listening(&mut self, address: SocketAddr, tls: bool) {
        let scheme = if tls { "https" } else { "http" };
        self.write_out(format!("listening on {scheme}://{address}\n").as_bytes());
    }

    /// The URL of the inspector, on stderr, since scripts read stdout.
    pub(crate) fn inspecting(&self, address: SocketAddr, tls: bool, path: &str, has_log: bool) {
        let scheme = if tls { "https" } else { "http" };
        let line = format!("inspect at {scheme}://{address}{path}");
        if has_log { Self::log_line(&line) } else { write_err(&line) }
    }

    /// The warning about a server with faults, on stderr, even with `-q`.
    pub(crate) fn weakened(&self, names: &str, has_log: bool) {
        let line = format!(
            "warning: this server is insecure on purpose (--weaken {names}); use it only to learn and to test"
        );
        let painted = || paint(Role::Bad, &line, self.terminal.stderr.color);
        if has_log { Self::log_warning(&line) } else { write_err(&painted()) }
    }

    /// The address of probes and metrics, on stderr, since scripts read stdout.
    pub(crate) fn administrating(&self, address: SocketAddr, has_log: bool) {
        let line = format!("probes and metrics at http://{address}");
        if has_log { Self::log_line(&line) } else { write_err(&line) }
    }

    /// Prints a line for a request; may be called from any thread.
    pub(crate) fn access_log(&self) -> impl Fn(&Access) + Send + Sync + 'static {
        let color = self.terminal.stderr.color;
        move |access: &Access| write_err(&line(access, color))
    }
}

fn line(access: &Access, color: bool) -> String {
    let status = access.status.as_u16().to_string();
    let role = if access.status.as_u16() < 400 { Role::Good } else { Role::Bad };
    let handle = access.handle.map_or_else(|| "-".to_owned(), |handle| handle.to_string());
    let path = Redactor::new(Masking::Short).reference(&access.path).into_owned();
    let request = format!("{} {path}", access.method);
    format!(
        "{} {} {handle} {}",
        sanitize(&request, false),
        paint(role, &status, color),
        change(access.activity)
    )
}

pub(super) fn change(activity: Activity) -> String {
    let words = |change| match change {
        SessionChange::Created => "session began",
        SessionChange::Rotated => "token renewed",
        SessionChange::Changed => "data changed",
        SessionChange::Ended => "session ended",
    };
    let changes: Vec<&str> = SessionChange::all_of(activity).map(words).collect();
    if changes.is_empty() { "-".to_owned() } else { changes.join(", ") }
}
