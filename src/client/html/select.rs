//! [`Selection`]: what a CSS selector finds in a page.

use std::str::FromStr;

use scraper::{ElementRef, Selector};

use super::parser::{self, Extent};

/// A CSS selector, and the attribute that is wanted instead of the text: `a.next @href`.
#[derive(Debug, Clone)]
pub struct Selection {
    /// It is checked. A [`Selector`] cannot be shared by threads.
    css: String,
    attribute: Option<String>,
}

/// The page has too many elements to search it.
#[derive(Debug)]
pub struct NotSearched;

impl FromStr for Selection {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (css, attribute) = match text.rsplit_once('@') {
            Some((css, name)) if css.ends_with(char::is_whitespace) && is_attribute(name) => {
                (css.trim_end(), Some(name.to_owned()))
            }
            _ => (text, None),
        };
        match Selector::parse(css) {
            Ok(_) => Ok(Selection { css: css.to_owned(), attribute }),
            Err(error) => {
                Err(format!("not a CSS selector ({error}); write for example '.price' or 'a.next @href'"))
            }
        }
    }
}

fn is_attribute(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_:.".contains(c))
}

impl std::fmt::Display for Selection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.css)?;
        self.attribute.as_ref().map_or(Ok(()), |name| write!(f, " @{name}"))
    }
}

impl Selection {
    /// The text or the attribute of each element that matches, on one line each.
    ///
    /// # Errors
    /// [`NotSearched`], if the page is too large.
    pub fn find(&self, html: &str) -> Result<Vec<String>, NotSearched> {
        let (document, extent) = parser::parse(html, None);
        if extent != Extent::Whole {
            return Err(NotSearched);
        }
        let selector = Selector::parse(&self.css).ok();
        let elements = selector.iter().flat_map(|selector| document.select(selector));
        let value = |element: ElementRef<'_>| match &self.attribute {
            None => Some(element.text().collect::<String>()),
            Some(wanted) => {
                let mut attributes = element.value().attrs();
                let found = attributes.find(|(name, _)| name.eq_ignore_ascii_case(wanted));
                found.map(|(_, value)| value.to_owned())
            }
        };
        let on_one_line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(elements.filter_map(value).map(on_one_line).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Selection;

    #[test]
    fn an_attribute_follows_the_selector() {
        let parts = |text: &str| text.parse::<Selection>().map(|it| (it.css, it.attribute)).ok();
        assert_eq!(parts("a.next @href"), Some(("a.next".into(), Some("href".into()))));
        assert_eq!(parts("a[href='x@y']"), Some(("a[href='x@y']".into(), None)));
        assert_eq!((parts("@href"), parts("a["), parts("")), (None, None, None));
    }
}
