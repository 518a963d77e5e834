//! [`CodeLine`]: a line of this program's source, found by a part of it when it is shown, so that it is never out of date.

use crate::tour::step::TourError;

/// A line of a source file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CodeLine {
    /// Its path in the repository.
    pub(crate) file: &'static str,
    pub(super) source: &'static str,
    /// Only this line contains it.
    pub(super) marker: &'static str,
}

/// The line of this file that contains the marker.
macro_rules! code_line {
    ($file:literal, $marker:literal) => {
        $crate::tour::lessons::code_line::CodeLine {
            file: $file,
            source: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $file)),
            marker: $marker,
        }
    };
}

pub(super) use code_line;

impl CodeLine {
    pub(crate) fn text(&self) -> Result<&'static str, TourError> {
        let mut lines = self.source.lines().filter(|line| line.contains(self.marker));
        match (lines.next(), lines.next()) {
            (Some(line), None) => Ok(line.trim()),
            _ => Err(TourError::CodeLine { file: self.file, marker: self.marker }),
        }
    }
}
