//! The commands of the binary.

mod audit;
mod config;
mod expectations;
mod history;
mod hostile_files;
mod languages;
mod show_cookies;
mod status;
mod submit;
mod verdict_kind;
mod visit;
mod why;
