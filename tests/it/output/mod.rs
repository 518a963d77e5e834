//! The output on stdout and stderr.

mod streams;
