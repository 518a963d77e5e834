//! The forms of a page, with their fields.

use sessctl::client::form::{Control, ControlKind, Form, FormEncoding, FormMethod};

use super::style::{Role, Style, sanitize, shortened};
use super::view::View;
use crate::json::{Json, json};

impl View for [Form] {
    fn document(&self) -> Json {
        let forms = (1..).zip(self).map(|(number, form)| form_json(number, form));
        json!({ "forms": forms.collect::<Json>() })
    }

    fn render(&self, style: &Style<'_>) -> String {
        let mut text = String::new();
        for (number, form) in (1..).zip(self) {
            text.push_str(&style.paint(Role::Key, &sanitize(&heading(number, form), false)));
            text.push('\n');
            for control in form.controls.iter().filter(|control| is_worth_showing(control)) {
                text.push_str(&format!("  {}\n", sanitize(&field(control, style.reveal), false)));
            }
        }
        text
    }
}

fn field(control: &Control, reveal: bool) -> String {
    let name = if control.name.is_empty() { "(unnamed)" } else { &control.name };
    let mut words = vec![name.to_owned(), kind_of(control).to_owned()];
    if !control.label.is_empty() {
        words.push(format!("{:?}", control.label));
    }
    let shown = !matches!(control.kind, ControlKind::Submit(_) | ControlKind::Image(_));
    if shown && !control.value.is_empty() {
        words.push(format!("= {}", shortened(&control.value, reveal)));
    }
    if let ControlKind::Select { options, .. } = &control.kind {
        let options: Vec<&str> = options.iter().map(|option| option.value.as_str()).collect();
        words.push(format!("one of: {}", options.join(", ")));
    }
    words.extend(demands(control));
    words.join("  ")
}

/// A button without a form action does nothing without scripts.
fn is_worth_showing(control: &Control) -> bool {
    control.kind != ControlKind::Button
}

fn heading(number: usize, form: &Form) -> String {
    let named = |label: &str, name: &str| {
        if name.is_empty() { String::new() } else { format!(" {label}={name}") }
    };
    let (id, name) = (named("id", &form.id), named("name", &form.name));
    format!("form {number}:{id}{name} {} {}", method_of(form), form.action)
}

/// What a browser requires before it sends the field.
fn demands(control: &Control) -> Vec<String> {
    let wants = &control.constraints;
    let demands = [
        control.disabled.then(|| "disabled".to_owned()),
        wants.required.then(|| "required".to_owned()),
        wants.min_length.map(|length| format!("at least {length} characters")),
        wants.max_length.map(|length| format!("at most {length} characters")),
        wants.pattern.as_ref().map(|pattern| format!("pattern {pattern}")),
    ];
    demands.into_iter().flatten().collect()
}

fn form_json(number: usize, form: &Form) -> Json {
    let fields: Vec<Json> =
        form.controls.iter().filter(|control| is_worth_showing(control)).map(field_json).collect();
    json!({
        "number": number,
        "id": form.id,
        "name": form.name,
        "method": method_of(form),
        "action": form.action.as_str(),
        "encoding": match form.encoding {
            FormEncoding::UrlEncoded => "application/x-www-form-urlencoded",
            FormEncoding::Multipart => "multipart/form-data",
            FormEncoding::Plain => "text/plain",
        },
        "fields": fields,
    })
}

fn field_json(control: &Control) -> Json {
    let mut field = json!({
        "name": control.name,
        "kind": kind_of(control),
        "label": control.label,
        "value": control.value,
        "required": control.constraints.required,
        "disabled": control.disabled,
    });
    match &control.kind {
        ControlKind::Select { options, .. } => {
            let options = options.iter();
            let options =
                options.map(|it| json!({ "value": it.value, "label": it.label, "selected": it.selected }));
            field.set("options", options.collect::<Json>());
        }
        ControlKind::Checkbox { checked } | ControlKind::Radio { checked } => field.set("checked", checked),
        _ => {}
    }
    field
}

pub(super) fn method_of(form: &Form) -> &'static str {
    match form.method {
        FormMethod::Get => "GET",
        FormMethod::Post => "POST",
        FormMethod::Dialog => "dialog",
    }
}

pub(super) fn kind_of(control: &Control) -> &str {
    match &control.kind {
        ControlKind::Text(kind) => kind,
        ControlKind::Password => "password",
        ControlKind::Hidden => "hidden",
        ControlKind::Checkbox { checked: true } => "checkbox, ticked",
        ControlKind::Checkbox { .. } => "checkbox",
        ControlKind::Radio { checked: true } => "radio, chosen",
        ControlKind::Radio { .. } => "radio",
        ControlKind::Select { multiple: true, .. } => "select, several",
        ControlKind::Select { .. } => "select",
        ControlKind::File => "file",
        ControlKind::Submit(_) | ControlKind::Image(_) => "button",
        _ => "button without an action",
    }
}
