//! Login, logout, CSRF tokens and hostile servers.

mod applications;
mod basic_auth;
mod client_certificates;
mod consent;
mod cookie_failures;
mod csrf;
mod history;
mod hostile_pages;
mod hostile_servers;
mod in_process;
mod json_answers;
mod login;
mod login_forms;
mod login_reasons;
mod login_verdicts;
mod logout;
mod logout_guesses;
mod logout_verdicts;
mod pages;
mod password_targets;
mod same_site;
mod second_factor;
mod second_login;
mod sign_on;
mod verdicts;
mod waiting;
