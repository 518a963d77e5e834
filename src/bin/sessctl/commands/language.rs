//! The texts in the language that the arguments or the locale name.

use crate::cli::{LanguageArgs, LanguageChoice};
use crate::texts::{Language, Texts};

pub(super) fn texts(args: &LanguageArgs) -> Texts {
    let language = match args.lang {
        Some(LanguageChoice::En) => Language::En,
        Some(LanguageChoice::Ko) => Language::Ko,
        None => Language::of_locale(|name| std::env::var(name).ok()),
    };
    Texts::of(language)
}
