//! The commands of the binary.

mod audit;
mod config;
mod exec;
mod expectations;
mod extraction;
mod history;
mod hostile_files;
mod languages;
mod scripts;
mod show_cookies;
mod status;
mod submit;
mod verdict_kind;
mod visit;
mod why;
