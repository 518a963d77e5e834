//! The README and the guide: their commands, links and words.

mod examples;
mod markdown;
mod text;
