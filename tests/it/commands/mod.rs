//! The commands of the binary.

mod history;
mod hostile_files;
mod languages;
mod show_cookies;
mod submit;
mod visit;
mod why;
