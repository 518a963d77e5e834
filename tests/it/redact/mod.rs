//! Secrets: the rules that find and mask them, in each place in which they occur and in each output.

mod headers;
mod known_values;
mod masking;
mod names;
mod places;
mod properties;
mod tokens;
mod urls;

const SECRET: &str = "S3cretValue0123456789abcdef";
