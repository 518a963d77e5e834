//! [`CheckName`]: parses the name of a check, and suggests one for a wrong name.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, StyledStr, TypedValueParser};
use clap::error::{ContextKind, ContextValue};

use sessctl::audit::{CHECKS, Check, find};

/// Parses the name of a check.
#[derive(Debug, Clone, Copy)]
pub(super) struct CheckName;

impl TypedValueParser for CheckName {
    type Value = &'static Check;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Self::Value, clap::Error> {
        let names = PossibleValuesParser::new(CHECKS.iter().map(|check| check.id));
        let parsed = names.parse_ref(command, arg, value).map_err(with_list);
        parsed.and_then(|name| {
            find(&name).ok_or_else(|| clap::Error::raw(clap::error::ErrorKind::InvalidValue, name))
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        // For completions. The help would be too long.
        Some(Box::new(CHECKS.iter().map(|check| PossibleValue::new(check.id).hide(true))))
    }
}

/// Replaces the list of all names by the command that prints it.
fn with_list(mut error: clap::Error) -> clap::Error {
    error.remove(ContextKind::ValidValue);
    let tip = StyledStr::from(LIST_TIP);
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    error
}

/// How to see all names.
pub(in crate::commands) const LIST_TIP: &str = "sessctl audit --list prints the names of all checks";
