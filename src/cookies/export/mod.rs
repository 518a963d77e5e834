//! Cookies in the file formats of other programs.

mod netscape;

pub use netscape::{NetscapeExport, to_netscape};
