//! The output on stdout and stderr.

mod audit;
mod streams;
