//! Login and logout: forms, JSON endpoints, and the evidence for each verdict.

pub(crate) mod classify;
pub(crate) mod csrf;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod logout_controls;
pub(crate) mod probe;
pub(crate) mod trace;
pub(crate) mod vocabulary;
pub(crate) mod well_known;
