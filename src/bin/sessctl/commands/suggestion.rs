//! Suggests the name that was meant.

/// As clap does for options.
const MIN_SIMILARITY: f64 = 0.7;

/// `; did you mean NAME?` for the most similar name, or nothing.
pub(super) fn suggestion<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let similar = names.into_iter().map(|name| (strsim::jaro(text, name), name));
    let best = similar.max_by(|(one, _), (other, _)| one.total_cmp(other));
    match best.filter(|(similarity, _)| *similarity > MIN_SIMILARITY) {
        Some((_, name)) => format!("; did you mean {name}?"),
        None => String::new(),
    }
}
