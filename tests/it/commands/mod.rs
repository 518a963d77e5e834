//! The commands of the binary.

mod audit;
mod history;
mod hostile_files;
mod languages;
mod show_cookies;
mod submit;
mod verdict_kind;
mod visit;
mod why;
