//! README and guide are true.

mod readme;
