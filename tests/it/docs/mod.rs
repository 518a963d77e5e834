//! The README and the guide: their commands, links and words.

mod api_examples;
mod audit_chapter;
mod examples;
mod markdown;
mod text;
