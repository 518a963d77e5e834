//! Cookies in the file formats of other programs.

mod netscape;

pub use netscape::{NetscapeDialect, NetscapeExport, to_netscape};
