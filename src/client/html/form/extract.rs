//! Finding forms and their controls in a parsed page.

use std::collections::HashMap;

use ego_tree::NodeId;
use encoding_rs::Encoding;
use scraper::ElementRef;
use url::Url;

use super::control::{Choice, Constraints, Control, ControlKind, Override};
use super::form::{Form, FormEncoding, FormMethod};
use crate::client::html::dom::{MAX_DEPTH, label_of, label_text, text_of, text_without_links};

/// The elements that controls refer to. Built once for each page.
struct Index<'a> {
    forms: HashMap<NodeId, usize>,
    forms_by_id: HashMap<&'a str, usize>,
    labels_by_id: HashMap<&'a str, ElementRef<'a>>,
}

impl Form {
    /// All forms among the elements of a page, in document order.
    pub(in crate::client) fn all_in(
        elements: &[ElementRef<'_>],
        base: &Url,
        page: &Url,
        charset: &'static Encoding,
    ) -> Vec<Form> {
        let called =
            |name: &'static str| elements.iter().filter(move |element| element.value().name() == name);
        let form_elements = || called("form").enumerate();
        let labels = called("label").filter_map(|label| Some((label.attr("for")?, *label)));
        let index = Index {
            forms: form_elements().map(|(index, form)| (form.id(), index)).collect(),
            forms_by_id: form_elements()
                .filter_map(|(index, form)| Some((form.attr("id")?, index)))
                .collect(),
            labels_by_id: labels.collect(),
        };
        let mut forms: Vec<Form> = called("form").map(|form| form_of(*form, base, page, charset)).collect();
        // If the parser moves a form out of a table, its controls follow it in the document and have no owner.
        let mut last_form: Option<usize> = None;
        let mut ownerless: Vec<(usize, Control)> = Vec::new();
        for element in elements {
            if let Some(form) = index.forms.get(&element.id()) {
                last_form = Some(*form);
            }
            let Some(control) = control_of(*element, &index, base) else { continue };
            match (index.owner_of(*element), last_form) {
                (Some(form), _) => forms[form].controls.push(control),
                (None, Some(form)) => ownerless.push((form, control)),
                (None, None) => {}
            }
        }
        let was_empty: Vec<bool> = forms.iter().map(|form| form.controls.is_empty()).collect();
        for (form, control) in ownerless {
            if was_empty[form] {
                forms[form].controls.push(control);
            }
        }
        forms
    }
}

impl<'a> Index<'a> {
    /// The form owner of a control: the form that it names, otherwise the nearest ancestor.
    fn owner_of(&self, element: ElementRef<'_>) -> Option<usize> {
        match element.attr("form") {
            Some(id) => self.forms_by_id.get(id).copied(),
            None => element_ancestors(element).find_map(|outer| self.forms.get(&outer.id()).copied()),
        }
    }

    /// The label of a control: the one that refers to it, otherwise the one around it.
    fn label_of(&self, element: ElementRef<'a>) -> Option<ElementRef<'a>> {
        let by_id = element.attr("id").and_then(|id| self.labels_by_id.get(id).copied());
        by_id.or_else(|| element_ancestors(element).find(|outer| outer.value().name() == "label"))
    }
}

fn element_ancestors<'a>(element: ElementRef<'a>) -> impl Iterator<Item = ElementRef<'a>> {
    element.ancestors().take(MAX_DEPTH).filter_map(ElementRef::wrap)
}

fn form_of(element: ElementRef<'_>, base: &Url, page: &Url, charset: &'static Encoding) -> Form {
    let action = element.attr("action").map(str::trim).filter(|action| !action.is_empty());
    let names = ["id", "name", "class", "aria-label"].iter().filter_map(|name| element.attr(name));
    Form {
        page: page.clone(),
        // A form without an action is sent to its own page, even if there is a `base` element.
        action: action.and_then(|action| base.join(action).ok()).unwrap_or_else(|| page.clone()),
        method: element.attr("method").and_then(method_of).unwrap_or(FormMethod::Get),
        encoding: element.attr("enctype").and_then(encoding_of).unwrap_or(FormEncoding::UrlEncoded),
        charset: element.attr("accept-charset").and_then(charset_of).unwrap_or(charset),
        id: element.attr("id").unwrap_or_default().to_owned(),
        name: element.attr("name").unwrap_or_default().to_owned(),
        names: names.collect::<Vec<&str>>().join(" "),
        novalidate: element.attr("novalidate").is_some(),
        scripted: action.is_some_and(|action| action.to_ascii_lowercase().starts_with("javascript:"))
            || (element.attr("method").is_none() && action.is_none_or(|action| action == "#")),
        text: text_without_links(element),
        controls: Vec::new(),
    }
}

fn control_of<'a>(element: ElementRef<'a>, index: &Index<'a>, base: &Url) -> Option<Control> {
    let attr = |name: &str| element.attr(name).unwrap_or_default();
    let has = |name: &str| element.attr(name).is_some();
    let (kind, value) = match element.value().name() {
        "input" => input_of(element, base),
        "textarea" => {
            let text: String = element.text().collect();
            // The parser drops one leading line break, as browsers do.
            (ControlKind::Text("textarea".to_owned()), text)
        }
        "select" => {
            (ControlKind::Select { options: options_of(element), multiple: has("multiple") }, String::new())
        }
        "button" => {
            let kind = match attr("type").to_ascii_lowercase().as_str() {
                "button" | "reset" => ControlKind::Button,
                _ => ControlKind::Submit(override_of(element, base)),
            };
            (kind, attr("value").to_owned())
        }
        _ => return None,
    };
    Some(Control {
        name: attr("name").to_owned(),
        label: control_label(element, index, &kind),
        kind,
        value,
        id: attr("id").to_owned(),
        autocomplete: attr("autocomplete").trim().to_ascii_lowercase(),
        disabled: has("disabled") || is_in_disabled_fieldset(element),
        concealed: is_concealed(element),
        constraints: constraints_of(element),
        number: element.attr("data-sessctl").and_then(|number| number.parse().ok()),
    })
}

fn constraints_of(element: ElementRef<'_>) -> Constraints {
    let length = |name: &str| element.attr(name).and_then(|length| length.trim().parse().ok());
    Constraints {
        required: element.attr("required").is_some(),
        pattern: element.attr("pattern").map(str::to_owned),
        max_length: length("maxlength"),
        min_length: length("minlength"),
        title: element.attr("title").unwrap_or_default().to_owned(),
    }
}

fn input_of(element: ElementRef<'_>, base: &Url) -> (ControlKind, String) {
    let value = element.attr("value").unwrap_or_default().to_owned();
    let checked = element.attr("checked").is_some();
    let or_on = || element.attr("value").unwrap_or("on").to_owned();
    match element.attr("type").unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "hidden" => (ControlKind::Hidden, value),
        "password" => (ControlKind::Password, value),
        "checkbox" => (ControlKind::Checkbox { checked }, or_on()),
        "radio" => (ControlKind::Radio { checked }, or_on()),
        "file" => (ControlKind::File, String::new()),
        "submit" => (ControlKind::Submit(override_of(element, base)), value),
        "image" => (ControlKind::Image(override_of(element, base)), value),
        "button" | "reset" => (ControlKind::Button, value),
        "" => (ControlKind::Text("text".to_owned()), value),
        other => (ControlKind::Text(other.to_owned()), value),
    }
}

fn override_of(element: ElementRef<'_>, base: &Url) -> Override {
    Override {
        action: element.attr("formaction").and_then(|action| base.join(action.trim()).ok()),
        method: element.attr("formmethod").and_then(method_of),
        encoding: element.attr("formenctype").and_then(encoding_of),
    }
}

fn options_of(select: ElementRef<'_>) -> Vec<Choice> {
    let options = select.descendent_elements().filter(|element| element.value().name() == "option");
    options
        .map(|option| {
            let label = text_of(option);
            Choice {
                value: option.attr("value").map_or_else(|| label.clone(), str::to_owned),
                selected: option.attr("selected").is_some(),
                disabled: option.attr("disabled").is_some(),
                label,
            }
        })
        .collect()
}

/// The label of a control: `label`, `aria-label`, `placeholder` or `title`.
fn control_label<'a>(element: ElementRef<'a>, index: &Index<'a>, kind: &ControlKind) -> String {
    if matches!(kind, ControlKind::Submit(_) | ControlKind::Image(_) | ControlKind::Button) {
        return label_of(element);
    }
    let label = index.label_of(element).map(label_text).filter(|text| !text.is_empty());
    let attribute = || ["aria-label", "placeholder", "title"].iter().find_map(|name| element.attr(name));
    label.or_else(|| attribute().map(str::to_owned)).unwrap_or_default()
}

/// Whether the control or an ancestor is hidden from sighted users or from screen readers.
fn is_concealed(element: ElementRef<'_>) -> bool {
    let hides = |element: ElementRef<'_>| {
        let style = element.attr("style").unwrap_or_default().to_ascii_lowercase().replace(' ', "");
        element.attr("hidden").is_some()
            || element.attr("aria-hidden") == Some("true")
            || ["display:none", "visibility:hidden", "left:-"].iter().any(|rule| style.contains(rule))
    };
    let by_tab = element.attr("tabindex") == Some("-1") && element.value().name() == "input";
    by_tab
        || hides(element)
        || element_ancestors(element).take_while(|outer| outer.value().name() != "form").any(hides)
}

/// The fields in the first `legend` of a disabled `fieldset` are enabled, such as the checkbox that enables the others.
fn is_in_disabled_fieldset(element: ElementRef<'_>) -> bool {
    let mut inner = element;
    element_ancestors(element).any(|outer| {
        let child = std::mem::replace(&mut inner, outer);
        let is_disabled = outer.value().name() == "fieldset" && outer.attr("disabled").is_some();
        is_disabled && first_legend(outer) != Some(child)
    })
}

fn first_legend(fieldset: ElementRef<'_>) -> Option<ElementRef<'_>> {
    fieldset.child_elements().find(|child| child.value().name() == "legend")
}

/// The first known encoding in the list. UTF-16 is never used (HTML, selecting a form submission encoding).
fn charset_of(list: &str) -> Option<&'static Encoding> {
    list.split_ascii_whitespace()
        .find_map(|label| Encoding::for_label(label.as_bytes()))
        .map(Encoding::output_encoding)
}

fn method_of(text: &str) -> Option<FormMethod> {
    match text.trim().to_ascii_lowercase().as_str() {
        "post" => Some(FormMethod::Post),
        "dialog" => Some(FormMethod::Dialog),
        "get" => Some(FormMethod::Get),
        _ => None,
    }
}

fn encoding_of(text: &str) -> Option<FormEncoding> {
    match text.trim().to_ascii_lowercase().as_str() {
        "multipart/form-data" => Some(FormEncoding::Multipart),
        "text/plain" => Some(FormEncoding::Plain),
        "application/x-www-form-urlencoded" => Some(FormEncoding::UrlEncoded),
        _ => None,
    }
}
