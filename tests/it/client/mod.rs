//! Login, logout, CSRF tokens and hostile servers.

mod applications;
mod csrf;
mod history;
mod hostile_pages;
mod hostile_servers;
mod json_answers;
mod login;
mod login_forms;
mod logout;
mod pages;
mod password_targets;
mod same_site;
mod sign_on;
mod verdicts;
