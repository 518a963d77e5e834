//! Under fire: servers, files and clients that are broken or mean harm. One test, one situation.

mod clients;
mod files;
mod servers;
