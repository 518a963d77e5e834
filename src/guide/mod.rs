//! The guide: how to use the command-line program and the library, and how to work on them.
//!
//! The chapters are Markdown files in `src/guide`, so they can also be read in the repository. Tests run their commands.
//!
//! - **Use the program**: [commands], [login], [cookies], [history], [ci], [configuration], [audit], [json], [exit_codes]
//! - **Learn and teach**: [lesson], [weaknesses]
//! - **Run a server**: [server], [operations], [many_servers], [security], [measurements]
//! - **Write an application**: [quick_start], [library], [lifetimes], [stores], [testing], [migration]
//! - **Work on it**: [architecture], [contributing], [changes]
//! - **한국어**: [ko]
//!
//! # A session in a terminal
//!
//! ![A terminal in which sessctl logs in, shows the Cookie header and the jar, and logs out][session.svg]
//!
//! # The same traffic in the inspector
//!
//! ![The inspector: arrows between client and server, and the sessions that the server keeps][inspector.webp]
//!
#![doc = include_str!("rustdoc_pictures.txt")]

#[doc = include_str!("rustdoc_links.txt")]
#[doc = include_str!("architecture.md")]
pub mod architecture {}

#[doc = include_str!("rustdoc_links.txt")]
#[doc = include_str!("audit.md")]
pub mod audit {}

#[doc = include_str!("changes.md")]
pub mod changes {}

#[doc = include_str!("rustdoc_links.txt")]
#[doc = include_str!("ci.md")]
pub mod ci {}

#[doc = include_str!("rustdoc_links.txt")]
#[doc = include_str!("commands.md")]
pub mod commands {}

#[doc = include_str!("configuration.md")]
pub mod configuration {}

#[doc = include_str!("rustdoc_links.txt")]
#[doc = include_str!("contributing.md")]
pub mod contributing {}

#[doc = include_str!("cookies.md")]
pub mod cookies {}

#[doc = include_str!("rustdoc_links.txt")]
#[doc = include_str!("exit_codes.md")]
pub mod exit_codes {}

#[doc = include_str!("rustdoc_links.txt")]
#[doc = include_str!("rustdoc_pictures.txt")]
#[doc = include_str!("history.md")]
pub mod history {}

#[doc = include_str!("rustdoc_links.txt")]
#[doc = include_str!("json.md")]
pub mod json {}

#[doc = include_str!("rustdoc_links.txt")]
#[doc = include_str!("rustdoc_pictures.txt")]
#[doc = include_str!("ko.md")]
pub mod ko {}

#[doc = include_str!("rustdoc_pictures.txt")]
#[doc = include_str!("lesson.md")]
pub mod lesson {}

#[doc = include_str!("rustdoc_links.txt")]
#[doc = include_str!("library.md")]
pub mod library {}

#[doc = include_str!("lifetimes.md")]
pub mod lifetimes {}

#[doc = include_str!("rustdoc_links.txt")]
#[doc = include_str!("login.md")]
pub mod login {}

#[doc = include_str!("rustdoc_links.txt")]
#[doc = include_str!("many_servers.md")]
pub mod many_servers {}

#[doc = include_str!("measurements.md")]
pub mod measurements {}

#[doc = include_str!("migration.md")]
pub mod migration {}

#[doc = include_str!("rustdoc_links.txt")]
#[doc = include_str!("operations.md")]
pub mod operations {}

#[doc = include_str!("rustdoc_links.txt")]
#[doc = include_str!("quick_start.md")]
pub mod quick_start {}

#[doc = include_str!("rustdoc_links.txt")]
#[doc = include_str!("security.md")]
pub mod security {}

#[doc = include_str!("rustdoc_links.txt")]
#[doc = include_str!("server.md")]
pub mod server {}

#[doc = include_str!("rustdoc_links.txt")]
#[doc = include_str!("stores.md")]
pub mod stores {}

#[doc = include_str!("testing.md")]
pub mod testing {}

#[doc = include_str!("rustdoc_links.txt")]
#[doc = include_str!("weaknesses.md")]
pub mod weaknesses {}
