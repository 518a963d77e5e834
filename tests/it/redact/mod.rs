//! Secrets, in each place in which they occur and in each output.

mod places;
