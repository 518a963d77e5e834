//! Login, logout, CSRF tokens and hostile servers.

mod applications;
mod csrf;
mod hostile_servers;
mod login;
mod login_forms;
mod logout;
mod verdicts;
