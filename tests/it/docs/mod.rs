//! The README and the guide: their commands, links and words.

mod api_examples;
mod examples;
mod markdown;
mod text;
