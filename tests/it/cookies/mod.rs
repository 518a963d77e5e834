//! RFC 6265bis, the jar and its files.

mod import_browsers;
mod import_export;
mod import_formats;
mod interop;
mod jar;
mod properties;
mod rfc6265bis;
mod set_cookie;
mod stored_cookie;
mod value;
