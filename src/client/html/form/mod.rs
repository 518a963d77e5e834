//! [`Form`]: the forms of a page, parsed, filled in and submitted as browsers do (HTML standard).

mod check;
mod choice;
mod control;
mod extract;
#[allow(clippy::module_inception, reason = "a file is named after its type")]
mod form;
mod pattern;
mod submission;

pub use check::InvalidField;
pub use choice::{FormChoice, NoSuchForm};
pub use control::{Choice, Constraints, Control, ControlKind, Override};
pub use form::{Form, FormEncoding, FormMethod};
pub use submission::{EntryValue, Filling, Upload};
